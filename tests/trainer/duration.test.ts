import { expect, test } from 'vitest';
import { formatDuration } from '@gristmill/trainer';

test.each([
  [0.4, '0s'],
  [59, '59s'],
  [125, '2m 05s'],
  [3599.7, '1h 00m'],
  [7380, '2h 03m'],
  [172_800, '2.0 days'],
  [97_000_000, '3.1 years'],
])('%d seconds read %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
