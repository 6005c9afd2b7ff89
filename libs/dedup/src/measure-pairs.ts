// Similarity of pairs, on the texts. Pairs are put in order by connected component, so that a batch of whole components
// needs each text once; a batch runs on any thread.

import { unpackStrings, type StringBatch } from '@gristmill/workers';
import { createFingerprinter, type Fingerprinter } from './fingerprint.ts';
import { UnionFind } from './union-find.ts';

export interface MeasureBatch {
  readonly texts: StringBatch;
  /** Positions in `texts`, two a pair. */
  readonly pairs: Uint32Array;
}

/** The job of a thread: Jaccard similarities of the pairs of a batch. */
export function measureBatches(): (batch: MeasureBatch) => Float64Array {
  const fingerprinter = createFingerprinter();
  return ({ texts, pairs }) => jaccardOfPairs(fingerprinter, unpackStrings(texts), pairs);
}

/** Jaccard similarity of the sets of word 5-grams for pairs of positions in `texts`. */
export function jaccardOfPairs(
  fingerprinter: Fingerprinter,
  texts: readonly (string | Uint8Array)[],
  pairs: Uint32Array,
): Float64Array {
  const shingles = new Map<number, BigUint64Array>();
  const shinglesOf = (text: number): BigUint64Array => {
    let known = shingles.get(text);
    if (!known) shingles.set(text, (known = fingerprinter.shingles(texts[text])));
    return known;
  };
  return Float64Array.from({ length: pairs.length / 2 }, (_, i) => {
    const { both, a, b } = fingerprinter.overlap(shinglesOf(pairs[2 * i]), shinglesOf(pairs[2 * i + 1]));
    return both / (a + b - both);
  });
}

/** Some pairs of whole components, as positions in the list that was given. */
export type PairGroup = readonly number[];

/**
 * Cuts pairs into groups of whole components with at least `size` of texts each (the last has what is left); a component
 * is never cut, so a group can be larger.
 * @param codes a × texts + b
 */
export function* groupPairs(
  codes: Float64Array,
  texts: number,
  sizeOf: (text: number) => number,
  size: number,
): Generator<PairGroup> {
  const sets = new UnionFind();
  for (const code of codes) sets.join(Math.floor(code / texts), code % texts);
  const root = Float64Array.from(codes, (code) => sets.find(Math.floor(code / texts)));
  const order = Uint32Array.from(codes, (_, i) => i).sort((i, j) => root[i] - root[j] || i - j);
  let group: number[] = [];
  let [held, seen] = [0, new Set<number>()];
  for (const [place, i] of order.entries()) {
    if (held >= size && root[i] !== root[order[place - 1]]) {
      yield group;
      [group, held, seen] = [[], 0, new Set()];
    }
    group.push(i);
    for (const text of [Math.floor(codes[i] / texts), codes[i] % texts]) {
      if (!seen.has(text)) held += sizeOf(text);
      seen.add(text);
    }
  }
  if (group.length > 0) yield group;
}
