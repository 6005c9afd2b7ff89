import { expect, it } from 'vitest';
import { createRandom, LargeMap, LargeSet } from '@gristmill/core';

it('answers as a Map does, however many maps it needs', () => {
  const random = createRandom(7);
  const plain = new Map<number, number>();
  for (const most of [1, 3, 64, 1 << 20]) {
    const large = new LargeMap<number, number>([...plain], most);
    for (let step = 0; step < 400; step++) {
      const key = Math.floor(random() * 100);
      if (random() < 0.7) {
        plain.set(key, step);
        large.set(key, step);
      }
      expect([large.get(key), large.has(key)]).toEqual([plain.get(key), plain.has(key)]);
    }
    expect(large.size).toBe(plain.size);
    expect(new Map(large)).toEqual(plain);
    expect([...large.keys()].sort()).toEqual([...plain.keys()].sort());
  }
});

it('a set takes each member once', () => {
  const set = new LargeSet([1, 2, 3, 2, 1, 4], 2);
  expect([set.size, [...set], set.has(4), set.has(5)]).toEqual([4, [1, 2, 3, 4], true, false]);
});
