import { expect, it } from 'vitest';
import { PairCounts } from '../../libs/dedup/src/pair-counts.ts';
import { mostPairedTexts } from '../../libs/dedup/src/pair-limit.ts';
import { PairSet } from '../../libs/dedup/src/pair-set.ts';

const n = mostPairedTexts;
const last = [
  [n - 3, n - 2],
  [n - 3, n - 1],
  [n - 2, n - 1],
] as const;
const decode = (code: number) => [Math.floor(code / n), code % n];

it('pairs of the last texts of as many as may be are told apart', () => {
  const [set, counts] = [new PairSet(n), new PairCounts(n)];
  for (const [a, b] of last) {
    set.add(a, b);
    counts.add(b, a);
  }
  expect(Array.from(set.settle(), decode)).toEqual(last);
  expect(Array.from(counts.settle().codes, decode)).toEqual(last);
});

it('one text more is refused before a pair is lost', () => {
  const refused = expect.objectContaining({ code: 'too-many-texts' }) as Error;
  expect(() => new PairSet(n + 1)).toThrow(refused);
  expect(() => new PairCounts(n + 1)).toThrow(refused);
});
