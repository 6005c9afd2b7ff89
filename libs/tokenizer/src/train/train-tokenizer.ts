// Trains a tokenizer of any kind from counted words.

import type { TokenizerJson } from '../tokenizer-json.ts';
import { trainByteLevelBpe, type PretokenCounts } from '../train-bpe.ts';
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

/** @param counts of `countWords` with the same type. DataError `vocabulary-too-small`. */
export function trainTokenizer(
  counts: PretokenCounts,
  { type, ...options }: TrainTokenizerOptions,
): TokenizerJson<object> {
  if (type === 'wordpiece') return trainWordPiece(counts, options);
  return type === 'unigram' ? trainUnigram(counts, options) : trainByteLevelBpe(counts, options);
}
