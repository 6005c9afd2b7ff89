// The stars of one large bucket (see similar-pairs.ts), where similarities are looked up: a bucket's stars follow from its
// members, in the order of their hashes, and from the similarities that the walk itself asks for.

import { leastEdge, mostStars, type PairTest } from './similar-pairs.ts';

export interface StarWalk {
  readonly isPossible: PairTest;
  /** NaN where it is not known. */
  readonly similarity: (a: number, b: number) => number;
  /** A pair that the bucket proposes; `star` where it is an edge. */
  readonly onPair: (centre: number, member: number, star: boolean) => void;
  readonly onUnknown: (centre: number, member: number) => void;
}

/** @returns false where it stopped at a star of which similarities are not known */
export function walkStars(members: Uint32Array, walk: StarWalk): boolean {
  const open = members.slice();
  let length = open.length;
  for (let star = 0; star < mostStars && length > 1; star++) {
    const centre = open[0];
    let [kept, isKnown] = [0, true];
    for (let i = 1; i < length; i++) {
      const member = open[i];
      const similarity = walk.isPossible(centre, member) ? walk.similarity(centre, member) : -1;
      if (similarity >= 0) walk.onPair(centre, member, similarity >= leastEdge);
      else if (similarity !== -1) {
        walk.onUnknown(centre, member);
        isKnown = false;
      }
      if (!(similarity >= leastEdge)) open[kept++] = member;
    }
    if (!isKnown) return false;
    length = kept;
  }
  return true;
}
