// An updated corpus has the bytes of one made from nothing, whatever an election patches, passes over or remembers.
import { expect, it } from 'vitest';
import { updates } from './random-updates.ts';

it('updates with groups, stars, excerpts and other thresholds end with the bytes of a build from nothing', async () => {
  for await (const { updated, fresh } of updates({ seed: 4, withGroups: true }, 3))
    expect(updated).toEqual(fresh);
});
