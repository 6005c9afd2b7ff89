// The same as updates.slow.test.ts over many seeds and longer sequences.
import { expect, it } from 'vitest';
import { updates } from './random-updates.ts';

const seeds = Array.from({ length: 6 }, (_, i) => i + 10);

it.each(seeds)('updates end with the bytes of a build from nothing: seed %i', async (seed) => {
  for await (const { updated, fresh } of updates({ seed, withGroups: seed % 2 === 0 }, 7))
    expect(updated).toEqual(fresh);
});
