// Pairs of which one text lies within the other. Winnowed fingerprints (Schleimer, Wilkerson, Aiken 2003) propose them:
// of each window of 16 consecutive word 5-grams the least hash is kept, so every shared run of 20 words is seen. There are
// no stars: a fingerprint in more than 50 texts proposes nothing and is counted as boilerplate.

import type { Fingerprinter } from './fingerprint.ts';
import { leastEdge } from './similar-pairs.ts';

export const winnowWindow = 16;
const mostTexts = 50;
/** Share of the smaller text's fingerprints that a pair must have in common to be measured. */
const leastShare = 0.2;

export interface ContainedPairs {
  /** Containment at least .5: share of the smaller set of shingles that the larger holds. */
  readonly edges: readonly { a: number; b: number; similarity: number; star: false }[];
  /** Fingerprints in more than 50 texts. */
  readonly boilerplate: number;
}

/** Positions of the least hash of every window of `window` hashes, the rightmost of equals; fewer hashes are one window. */
export function winnow(hashes: BigUint64Array, window: number): number[] {
  const chosen: number[] = [];
  const last = Math.max(0, hashes.length - window);
  let least = -1;
  for (let from = 0; from <= last && hashes.length > 0; from++) {
    const end = Math.min(from + window, hashes.length);
    if (least < from) {
      least = from;
      for (let i = from + 1; i < end; i++) if (hashes[i] <= hashes[least]) least = i;
    } else if (hashes[end - 1] <= hashes[least]) least = end - 1;
    if (chosen.at(-1) !== least) chosen.push(least);
  }
  return chosen;
}

/** The distinct winnowed fingerprints of a text. */
export function fingerprintsOf(shingles: BigUint64Array): Set<bigint> {
  return new Set(winnow(shingles, winnowWindow).map((place) => shingles[place]));
}

/** @param shinglesOf word 5-gram hashes of a text in order; called a few times a text */
export function findContainedPairs(
  texts: number,
  shinglesOf: (text: number) => BigUint64Array,
  fingerprinter: Pick<Fingerprinter, 'overlap'>,
): ContainedPairs {
  const holders = new Map<bigint, number[]>();
  const sizes = new Uint32Array(texts);
  for (let text = 0; text < texts; text++) {
    const prints = fingerprintsOf(shinglesOf(text));
    sizes[text] = prints.size;
    for (const print of prints) {
      const list = holders.get(print);
      if (list) list.push(text);
      else holders.set(print, [text]);
    }
  }
  const { shared, boilerplate } = countShared(holders, texts);
  const edges = [...shared.keys()]
    .sort((x, y) => x - y)
    .flatMap((code) => {
      const [a, b] = [Math.floor(code / texts), code % texts];
      if (shared.get(code)! < leastShare * Math.min(sizes[a], sizes[b])) return [];
      const overlap = fingerprinter.overlap(shinglesOf(a), shinglesOf(b));
      const similarity = overlap.both / Math.min(overlap.a, overlap.b);
      return similarity < leastEdge ? [] : [{ a, b, similarity, star: false as const }];
    });
  return { edges, boilerplate };
}

function countShared(holders: ReadonlyMap<bigint, readonly number[]>, texts: number) {
  const shared = new Map<number, number>();
  let boilerplate = 0;
  for (const list of holders.values()) {
    if (list.length > mostTexts) {
      boilerplate++;
      continue;
    }
    for (let i = 0; i < list.length; i++) {
      for (let j = i + 1; j < list.length; j++) {
        const code = list[i] * texts + list[j];
        shared.set(code, (shared.get(code) ?? 0) + 1);
      }
    }
  }
  return { shared, boilerplate };
}
