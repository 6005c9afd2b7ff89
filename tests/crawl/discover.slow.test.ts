// A sitemap of the greatest size that the protocol allows.
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readSitemap } from '../../libs/crawl/src/discover/read-sitemap.ts';

test('50 MB of compressed sitemap are read in pieces: all 50,000 pages, while other work goes on', async () => {
  const tail = 'x'.repeat(940);
  const urls = Array.from(
    { length: 50_000 },
    (_, n) => `<url><loc>https://a.example/${n}?${tail}</loc><lastmod>2024-01-02</lastmod></url>`,
  );
  const text = `<?xml version="1.0"?><urlset>${urls.join('')}</urlset>`;
  expect(text.length).toBeGreaterThan(50_000_000);
  let [turns, isDone] = [0, false];
  const others = (async () => {
    while (!isDone) {
      await setImmediate();
      turns++;
    }
  })();
  const { pages } = await readSitemap(gzipSync(text, { level: 1 }));
  isDone = true;
  await others;
  expect(pages.length).toBe(50_000);
  expect(pages.at(-1)!.url).toBe(`https://a.example/49999?${tail}`);
  expect(turns).toBeGreaterThan(300);
});
