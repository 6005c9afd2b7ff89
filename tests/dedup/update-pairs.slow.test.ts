import { describe, it } from 'vitest';
import { checkUpdates, type UpdateSequence } from './random-updates.ts';

const shapes: Record<string, Omit<UpdateSequence, 'seed' | 'documents' | 'rounds'>> = {
  'small buckets': { forms: 400, addresses: 0, buckets: [300] },
  'buckets around 50': { forms: 300, addresses: 0, buckets: [4, 5, 6] },
  'large buckets': { forms: 250, addresses: 0, buckets: [1, 2, 100] },
  'many copies': { forms: 60, addresses: 20, buckets: [30, 2] },
  addresses: { forms: 300, addresses: 8, buckets: [500] },
  'all of these': { forms: 300, addresses: 40, buckets: [3, 200, 20, 1000] },
};

describe('pairs and components after random changes are those of the whole computation, with', () => {
  for (const [name, shape] of Object.entries(shapes)) {
    it(name, async () => {
      await checkUpdates({ ...shape, seed: 11, documents: 260, rounds: 5 });
    });
  }
});
