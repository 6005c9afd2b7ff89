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

/**
 * Where a similarity is not known, the walk goes on as if it were below an edge, so as to ask for what it probably needs
 * next; what it proposes from then on is not told.
 * @returns false where one was not known
 */
export function walkStars(members: Uint32Array, walk: StarWalk): boolean {
  const open = members.slice();
  let [length, isKnown] = [open.length, true];
  for (let star = 0; star < mostStars && length > 1; star++) {
    const [centre, isExact] = [open[0], isKnown];
    let kept = 0;
    for (let i = 1; i < length; i++) {
      const member = open[i];
      const similarity = walk.isPossible(centre, member) ? walk.similarity(centre, member) : -1;
      if (Number.isNaN(similarity)) {
        walk.onUnknown(centre, member);
        isKnown = false;
      } else if (similarity >= 0 && isExact) walk.onPair(centre, member, similarity >= leastEdge);
      if (!(similarity >= leastEdge)) open[kept++] = member;
    }
    length = kept;
  }
  return isKnown;
}
