// `npx vitest run --project full tests/crawl/killed.full.test.ts`
import { expect, test } from 'vitest';
import { killCrawl } from './killed-crawl.ts';

test('kill -9 ten times over 3,000 pages loses none, keeps none twice', async () => {
  const { archived, asked, kills, code, damaged } = await killCrawl(3000, 10);
  process.stderr.write(`${asked - 3000} pages were asked for again\n`);
  expect([code, kills, damaged]).toEqual([0, 10, 0]);
  expect(archived.length).toBe(3000);
  expect(new Set(archived).size).toBe(3000);
  // Asked for again: what was in flight, and the group that was not yet written.
  expect(asked).toBeLessThan(3000 + 10 * 250);
});
