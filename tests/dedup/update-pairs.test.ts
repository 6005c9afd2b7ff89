import { expect, it } from 'vitest';
import { checkUpdates } from './random-updates.ts';

it('pairs and components after a change are those of the whole computation', async () => {
  const shape = { documents: 150, rounds: 4, forms: 200, addresses: 30, buckets: [150, 20, 2, 400] };
  const { counts } = await checkUpdates({ ...shape, seed: 1 });
  expect(counts.edges).toBeGreaterThan(20);
});
