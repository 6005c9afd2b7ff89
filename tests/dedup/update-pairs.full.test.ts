// Many seeds, and a corpus so large that some changes concern too much. Takes some minutes.
import { describe, expect, it } from 'vitest';
import { checkUpdates } from './random-updates.ts';
import { updateShapes } from './update-shapes.ts';

describe('pairs and components after random changes are those of the whole computation, with', () => {
  for (const [name, shape] of Object.entries(updateShapes)) {
    it(`${name}, by thirty seeds`, async () => {
      for (let seed = 100; seed < 130; seed++)
        await checkUpdates({ ...shape, seed, documents: 240, rounds: 5 });
    });
  }

  it('8,000 documents, of some changes from nothing', async () => {
    const shape = { forms: 9000, addresses: 3000, buckets: [4000, 900, 9000, 20_000] };
    const { whole } = await checkUpdates({ ...shape, seed: 7, documents: 8000, rounds: 10 });
    expect(whole).toBeGreaterThan(0);
    expect(whole).toBeLessThan(10);
  });
});
