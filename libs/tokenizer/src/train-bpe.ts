// Trains a byte-level BPE: counts pretokens, then merges the most frequent pair until the vocabulary is full. Ties go to
// the lesser pair of ids, as in Hugging Face's trainer, so the result does not depend on the order of the texts.
// Reference: Sennrich, Haddow, Birch 2016, "Neural Machine Translation of Rare Words with Subword Units".

import { DataError } from '@gristmill/core';
import { asOfUnicode16 } from './character-classes.ts';
import { gpt2Pattern } from './pretokenize-pattern.ts';
import { byteOrder, writeTokenizerJson, type TokenizerJson } from './tokenizer-json.ts';
import { mergePairs } from './train-merges.ts';

export interface TrainOptions {
  /** Special tokens and the 256 bytes included. */
  readonly vocabSize: number;
  readonly special?: readonly string[];
  /** Pairs seen less often are not merged. */
  readonly minFrequency?: number;
}

/** Counts of pretokens; may be gathered in any order and merged. */
export type PretokenCounts = Map<string, number>;

/** Adds the pretokens of `text` to `counts`. */
export function countPretokens(text: string, counts: PretokenCounts): void {
  for (const { index, 0: cut } of asOfUnicode16(text).matchAll(new RegExp(gpt2Pattern, 'gu'))) {
    const piece = text.slice(index, index + cut.length);
    counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
}

/** A tokenizer.json from counted pretokens. DataError `vocabulary-too-small` below special tokens + 256. */
export function trainByteLevelBpe(
  counts: PretokenCounts,
  { vocabSize, special = ['<|endoftext|>'], minFrequency = 2 }: TrainOptions,
): TokenizerJson {
  const smallest = special.length + 256;
  if (!Number.isInteger(vocabSize) || vocabSize < smallest) {
    throw new DataError(
      'vocabulary-too-small',
      `a vocabulary of ${vocabSize} does not hold the ${smallest} bytes and special tokens`,
      `give at least ${smallest}`,
    );
  }
  const idOfByte = new Int32Array(256);
  byteOrder.forEach((byte, id) => (idOfByte[byte] = id));
  const utf8 = new TextEncoder();
  const words = [...counts].map(([piece, count]) => ({
    ids: Array.from(utf8.encode(piece), (byte) => idOfByte[byte]),
    count,
  }));
  const merges = mergePairs(words, 256, vocabSize - smallest, minFrequency);
  const tokens = byteOrder.map((byte) => Uint8Array.of(byte));
  for (const [left, right] of merges) tokens.push(Uint8Array.of(...tokens[left], ...tokens[right]));
  return writeTokenizerJson({ tokens, merges, special });
}
