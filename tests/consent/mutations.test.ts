import { expect, test } from 'vitest';
import { readConsent } from '@gristmill/consent';
import { heapInUse, readMutants } from './mutations.ts';

test('damaged robots.txt, headers, tdmrep.json, RSL and ai.txt are read without a crash, a hang, or growth', async () => {
  readMutants(20, 1);
  const before = await heapInUse();
  expect(readMutants(100, 2)).toBeLessThan(1000);
  expect((await heapInUse()) - before).toBeLessThan(16e6);
});

test('long runs of blanks inside a line, and many rules for a long address, cost what they are long', () => {
  const reader = { agent: 'gristmill' };
  const url = `https://a.example/${'a%20'.repeat(20_000)}`;
  const start = process.cpuUsage();
  readConsent({ url, robots: { text: `User-agent: a${' \0'.repeat(8000)}b\n`.repeat(30) } }, reader);
  const rules = 'Disallow: /x\n'.repeat(5000);
  readConsent({ url, aiTxt: { text: `User-agent: *\n${rules}` } }, reader);
  const { user } = process.cpuUsage(start);
  expect(user / 1000).toBeLessThan(1500);
});
