import { describe, expect, it } from 'vitest';
import { checkUpdates } from './random-updates.ts';
import { updateShapes } from './update-shapes.ts';

describe('pairs and components after random changes are those of the whole computation, with', () => {
  for (const [name, shape] of Object.entries(updateShapes)) {
    it(name, async () => {
      const { whole } = await checkUpdates({ ...shape, seed: 11, documents: 220, rounds: 2 });
      expect(whole).toBe(0);
    });
  }
});
