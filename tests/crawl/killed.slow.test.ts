// A tenth of killed.full.test.ts.
import { expect, test } from 'vitest';
import { killCrawl } from './killed-crawl.ts';

test('kill -9 three times over 300 pages loses none, keeps none twice', async () => {
  const { archived, asked, kills, code, damaged } = await killCrawl(300, 3);
  expect([code, kills, damaged]).toEqual([0, 3, 0]);
  expect(archived.length).toBe(300);
  expect(new Set(archived).size).toBe(300);
  // Asked for again: what was in flight, and the group that was not yet written.
  expect(asked).toBeLessThan(300 + 3 * 250);
});
