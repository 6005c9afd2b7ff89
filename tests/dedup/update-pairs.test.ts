import { expect, it } from 'vitest';
import { checkUpdates } from './random-updates.ts';

it('pairs and components after a change are those of the whole computation', async () => {
  const shape = { documents: 80, rounds: 1, forms: 100, addresses: 30, buckets: [150, 20, 2, 400] };
  const { marker, whole } = await checkUpdates({ ...shape, seed: 1 });
  expect(marker.counts.edges).toBeGreaterThan(5);
  expect(whole).toBe(0);
});
