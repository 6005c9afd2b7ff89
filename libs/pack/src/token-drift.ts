// How far the tokens of a corpus have moved from those that were counted when its tokenizer was pinned: bytes per token
// then and now, the distance of the two distributions, and the tokens that make most of it.
// Reference: Lin 1991, "Divergence Measures Based on the Shannon Entropy" (Jensen-Shannon, in bits: 0 the same, 1 disjoint).

import { DataError } from '@gristmill/core';
import type { TokenCensus, TokenGroup } from './token-census.ts';

export interface GroupDrift {
  readonly source: string;
  readonly language?: string;
  /** Bytes per token; undefined where there was, or is, no such text. */
  readonly then?: number;
  readonly now?: number;
}

export interface MovedToken {
  readonly id: number;
  /** Share of all tokens. */
  readonly then: number;
  readonly now: number;
  /** Its part of the divergence, in bits. */
  readonly divergence: number;
}

export interface TokenDrift {
  readonly then?: number;
  readonly now?: number;
  readonly groups: readonly GroupDrift[];
  readonly divergence: number;
  /** That moved, the most first. */
  readonly moved: readonly MovedToken[];
}

/** @throws DataError `other-tokenizer` when the two were counted with different ones */
export function measureDrift(then: TokenCensus, now: TokenCensus): TokenDrift {
  if (then.tokenizer !== now.tokenizer) {
    throw new DataError(
      'other-tokenizer',
      `the census was taken with the tokenizer ${then.tokenizer.slice(0, 12)}, the shards have ${now.tokenizer.slice(0, 12)}`,
      'compare with a census of the same tokenizer, or take one by --record',
    );
  }
  const moved = divergences(then.counts, now.counts);
  return {
    then: rateOf(then.groups),
    now: rateOf(now.groups),
    groups: compareGroups(then.groups, now.groups),
    divergence: moved.reduce((total, { divergence }) => total + divergence, 0),
    moved: moved.sort((a, b) => b.divergence - a.divergence || a.id - b.id),
  };
}

function divergences(then: Float64Array, now: Float64Array): MovedToken[] {
  const [all, allNow] = [total(then), total(now)];
  const moved: MovedToken[] = [];
  for (let id = 0; id < Math.max(then.length, now.length); id++) {
    const [p, q] = [(then[id] ?? 0) / all, (now[id] ?? 0) / allNow];
    if (p === q) continue;
    const middle = (p + q) / 2;
    const part = (share: number): number => (share === 0 ? 0 : (share * Math.log2(share / middle)) / 2);
    moved.push({ id, then: p, now: q, divergence: part(p) + part(q) });
  }
  return moved;
}

const total = (counts: Float64Array): number =>
  Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );

function rateOf(groups: readonly TokenGroup[]): number | undefined {
  const tokens = groups.reduce((sum, group) => sum + group.tokens, 0);
  return tokens === 0 ? undefined : groups.reduce((sum, { bytes }) => sum + bytes, 0) / tokens;
}

function compareGroups(then: readonly TokenGroup[], now: readonly TokenGroup[]): GroupDrift[] {
  const keyOf = ({ source, language }: TokenGroup): string => JSON.stringify([source, language]);
  const keys = [...new Set([...then, ...now].map(keyOf))].sort();
  return keys.map((key) => {
    const of = (groups: readonly TokenGroup[]): TokenGroup[] =>
      groups.filter((group) => keyOf(group) === key);
    const [{ source, language }] = [...of(then), ...of(now)];
    return {
      source,
      ...(language !== undefined && { language }),
      then: rateOf(of(then)),
      now: rateOf(of(now)),
    };
  });
}
