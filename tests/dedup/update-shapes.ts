// Corpora of signed documents that each have another reason why a change concerns more than the forms that came and went.
import type { UpdateSequence } from './random-updates.ts';

export const updateShapes: Record<string, Pick<UpdateSequence, 'forms' | 'addresses' | 'buckets'>> = {
  'small buckets': { forms: 400, addresses: 0, buckets: [300] },
  'buckets around 50': { forms: 300, addresses: 0, buckets: [4, 5, 6] },
  'large buckets': { forms: 250, addresses: 0, buckets: [1, 2, 100] },
  'many copies': { forms: 60, addresses: 20, buckets: [2000] },
  addresses: { forms: 300, addresses: 8, buckets: [500] },
  'addresses around 50': { forms: 300, addresses: 3, buckets: [1000] },
  'all of these': { forms: 300, addresses: 40, buckets: [3, 200, 20, 1000] },
};
