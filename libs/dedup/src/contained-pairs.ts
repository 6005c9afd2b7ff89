// Pairs of which one text lies within the other, proposed by shared fingerprints. There are no stars: a fingerprint in
// more than 50 texts proposes nothing and is counted as boilerplate.

import { PairCounts } from './pair-counts.ts';

const mostTexts = 50;
/** Share of the smaller text's fingerprints that a pair must have in common to be measured. */
const leastShare = 0.1;

export interface ContainmentProposals {
  /** For each fingerprint that several texts share: their numbers, ascending. */
  add(texts: readonly number[]): void;
  /** Fingerprints in more than 50 texts. */
  boilerplate(): number;
  /** a × texts + b, ascending. @param sizes fingerprints of each text */
  pairs(sizes: Uint32Array): Float64Array;
}

export function proposeContained(texts: number): ContainmentProposals {
  const shared = new PairCounts(texts);
  let boilerplate = 0;
  return {
    add(members) {
      if (members.length > mostTexts) boilerplate++;
      else
        for (let i = 0; i < members.length; i++)
          for (let j = i + 1; j < members.length; j++) shared.add(members[i], members[j]);
    },
    boilerplate: () => boilerplate,
    pairs(sizes) {
      const { codes, counts } = shared.settle();
      return codes.filter((code, i) => {
        const least = Math.min(sizes[Math.floor(code / texts)], sizes[code % texts]);
        return counts[i] >= leastShare * least;
      });
    },
  };
}
