// The dictionary of a fastText model: words, labels, and the numbers of a line's features. Strings are bytes (UTF-8 seen as
// Latin-1), as fastText hashes bytes.

import { DataError } from '@gristmill/core';
import type { ByteReader } from './byte-reader.ts';

export interface FastTextOptions {
  readonly wordNgrams: number;
  readonly bucket: number;
  readonly minn: number;
  readonly maxn: number;
}

export interface Dictionary {
  readonly labels: readonly string[];
  readonly labelCounts: readonly number[];
  /** Rows of the input matrix for a line, its end included. */
  features(line: string): number[];
}

const endOfLine = '</s>';

export function readDictionary(reader: ByteReader, options: FastTextOptions): Dictionary {
  const size = reader.int32();
  const wordCount = reader.int32();
  reader.skip(4 + 8);
  const prunedSize = reader.int64();
  const words = new Map<string, number>();
  const labels: string[] = [];
  const labelCounts: number[] = [];
  for (let i = 0; i < size; i++) {
    const word = reader.binaryString();
    const count = reader.int64();
    if (reader.byte() === 0) words.set(word, i);
    else {
      labels.push(Buffer.from(word, 'latin1').toString('utf8'));
      labelCounts.push(count);
    }
  }
  if (labels.length === 0)
    throw new DataError(
      'fast-text-model',
      'this fastText model has no labels',
      'give one trained with supervised labels',
    );
  const pruned = prunedSize > 0 ? new Map<number, number>() : undefined;
  for (let i = 0; i < prunedSize; i++) pruned!.set(reader.int32(), reader.int32());

  function pushHash(hash: number, into: number[]): void {
    if (prunedSize === 0) return;
    const row = pruned === undefined ? hash : pruned.get(hash);
    if (row !== undefined) into.push(wordCount + row);
  }

  function pushSubwords(word: string, into: number[]): void {
    const marked = `<${word}>`;
    for (let i = 0; i < marked.length; i++) {
      if (isContinuation(marked, i)) continue;
      let hash = 0x811c9dc5;
      for (let j = i, n = 1; j < marked.length && n <= options.maxn; n++) {
        do hash = addByte(hash, marked.charCodeAt(j++));
        while (j < marked.length && isContinuation(marked, j));
        const isEnd = n === 1 && (i === 0 || j === marked.length);
        if (n >= options.minn && !isEnd) pushHash((hash >>> 0) % options.bucket, into);
      }
    }
  }

  function features(line: string): number[] {
    const rows: number[] = [];
    const hashes: bigint[] = [];
    const bytes = Buffer.from(line.replaceAll('\n', ' '), 'utf8').toString('latin1');
    const tokens = [...bytes.split(/[ \r\t\v\f\0]+/), endOfLine];
    for (const token of tokens) {
      if (token === '') continue;
      const row = words.get(token);
      if (row !== undefined) rows.push(row);
      else if (token.startsWith('__label__')) continue;
      hashes.push(BigInt(hashOf(token)));
      if (token !== endOfLine && options.maxn > 0) pushSubwords(token, rows);
    }
    if (options.wordNgrams > 1) pushWordNgrams(hashes, rows);
    return rows;
  }

  function pushWordNgrams(hashes: readonly bigint[], into: number[]): void {
    const bucket = BigInt(options.bucket);
    for (let i = 0; i < hashes.length; i++) {
      let hash = BigInt.asUintN(64, hashes[i]);
      for (let j = i + 1; j < hashes.length && j < i + options.wordNgrams; j++) {
        hash = BigInt.asUintN(64, hash * 116049371n + hashes[j]);
        pushHash(Number(hash % bucket), into);
      }
    }
  }

  return { labels, labelCounts, features };
}

function isContinuation(bytes: string, index: number): boolean {
  return (bytes.charCodeAt(index) & 0xc0) === 0x80;
}

// fastText extends the sign of a byte before it is mixed in.
function addByte(hash: number, byte: number): number {
  return Math.imul(hash ^ ((byte << 24) >> 24), 0x01000193);
}

/** As a signed number, as fastText keeps it. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = addByte(hash, word.charCodeAt(i));
  return hash | 0;
}
