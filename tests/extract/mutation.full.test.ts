// Damaged documents of every textual kind: no crash, no endless work.
import { test } from 'vitest';
import { fuzzExtraction } from './mutations.ts';

test('10000 damaged documents end in text or a verdict', async () => {
  await fuzzExtraction(10000, 3);
});
