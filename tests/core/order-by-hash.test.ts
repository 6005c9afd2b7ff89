import { describe, expect, test } from 'vitest';
import { createRandom, orderByHash } from '@gristmill/core';

describe('the order by hashes', () => {
  test('is that of the hashes, of equal ones that of their numbers, without what is skipped', () => {
    const random = createRandom(7);
    // Few leading bits and few others, so that both often are equal.
    const hashes = Array.from({ length: 2000 }, () => [Math.floor(random() * 300), Math.floor(random() * 3)]);
    const compare = (i: number, j: number) => hashes[i][0] - hashes[j][0] || hashes[i][1] - hashes[j][1];
    const skip = (i: number) => i % 17 === 3;
    const expected = [...hashes.keys()].filter((i) => !skip(i)).sort((i, j) => compare(i, j) || i - j);
    const hashed = { count: hashes.length, leading: (i: number) => hashes[i][0] * 0x00d00000, compare };
    expect([...orderByHash(hashed, skip)]).toEqual(expected);
    expect([...orderByHash({ ...hashed, count: 1 })]).toEqual([0]);
    expect([...orderByHash({ ...hashed, count: 0 })]).toEqual([]);
  });
});
