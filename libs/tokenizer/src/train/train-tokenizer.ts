// Trains a tokenizer of any kind from counted words.

import type { TokenizerJson } from '../tokenizer-json.ts';
import { readCountedWords, type CountedWords } from './counted-words.ts';
import { trainByteLevelBpe } from './train-bpe.ts';
import { trainUnigram } from './train-unigram.ts';
import { trainWordPiece } from './train-word-piece.ts';
import type { TokenizerType } from './word-counts.ts';

export interface TrainTokenizerOptions {
  readonly type: TokenizerType;
  readonly vocabSize: number;
  /** Default: GPT-2's, BERT's or T5's. */
  readonly special?: readonly string[];
  /** Pairs seen less often are not merged; not of Unigram. */
  readonly minFrequency?: number;
  /** Of WordPiece. */
  readonly lowercase?: boolean;
}

/** @param words of `createWordCounter` with the same type. DataError `vocabulary-too-small`. */
export function trainTokenizer(
  words: CountedWords,
  { type, ...options }: TrainTokenizerOptions,
): TokenizerJson<object> {
  if (type === 'bpe') return trainByteLevelBpe(words, options);
  const counts = new Map(readCountedWords(words));
  return type === 'unigram' ? trainUnigram(counts, options) : trainWordPiece(counts, options);
}
