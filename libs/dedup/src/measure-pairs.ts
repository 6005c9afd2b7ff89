// Similarity of pairs, on the texts. Pairs are put in order by connected component, so that a batch of whole components
// needs each text once; a batch runs on any thread.

import { unpackStrings, type StringBatch } from '@gristmill/workers';
import { createFingerprinter, type Fingerprinter, type Overlap } from './fingerprint.ts';
import { UnionFind } from './union-find.ts';

export interface MeasureBatch {
  readonly texts: StringBatch;
  /** Positions in `texts`, two a pair. */
  readonly pairs: Uint32Array;
}

export type Measure = 'jaccard' | 'containment';

export function jaccard({ both, a, b }: Overlap): number {
  return both === 0 ? 0 : both / (a + b - both);
}

/** Share of the smaller set that the larger holds. */
export function containment({ both, a, b }: Overlap): number {
  return both === 0 ? 0 : both / Math.min(a, b);
}

/** The job of a thread: similarities of the pairs of a batch. */
export function measureBatches({ measure }: { measure: Measure }): (batch: MeasureBatch) => Float64Array {
  const fingerprinter = createFingerprinter();
  return ({ texts, pairs }) => similarityOfPairs(fingerprinter, unpackStrings(texts), pairs, measure);
}

/** Similarity of the sets of word 5-grams for pairs of positions in `texts`. */
function similarityOfPairs(
  fingerprinter: Fingerprinter,
  texts: readonly (string | Uint8Array)[],
  pairs: Uint32Array,
  measure: Measure,
): Float64Array {
  const similarity = measure === 'jaccard' ? jaccard : containment;
  const shingles = new Map<number, BigUint64Array>();
  const shinglesOf = (text: number): BigUint64Array => {
    let known = shingles.get(text);
    if (!known) shingles.set(text, (known = fingerprinter.shingles(texts[text])));
    return known;
  };
  return Float64Array.from({ length: pairs.length / 2 }, (_, i) => {
    return similarity(fingerprinter.overlap(shinglesOf(pairs[2 * i]), shinglesOf(pairs[2 * i + 1])));
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
