import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crawl, readCrawledItems, readCrawlStatus, readPlan, readRoute } from '@gristmill/crawl';
import { startServer, type Handler } from '../http/local-server.ts';

const data = '../shared/data';
const fileServer =
  (root: string): Handler =>
  (request, response) => {
    const path = join(root, decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname));
    if (!existsSync(path) || !statSync(path).isFile()) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': path.endsWith('.html') ? 'text/html' : 'text/css' });
    response.end(readFileSync(path));
  };

test.skipIf(!existsSync(data)).each(['site-apache-manual', 'site-sqlite-doc'])(
  '%s: exactly the pages that another program found reachable, byte for byte (it lies beside the project)',
  async (site) => {
    const root = await mkdtemp(join(tmpdir(), 'gristmill-site-'));
    try {
      execFileSync('tar', ['xzf', join(data, site, 'site.tar.gz'), '-C', root]);
      const reachable = JSON.parse(readFileSync(join(data, site, 'reachable.json'), 'utf8')) as {
        reachable_html: number;
        not_reachable: string[];
        dead_html_links?: number;
      };
      const expected = readdirSync(root, { recursive: true })
        .map(String)
        .filter((name) => name.endsWith('.html') && !reachable.not_reachable.includes(name));
      expect(expected.length).toBe(reachable.reachable_html);

      await using server = await startServer(fileServer(root));
      const seed = `http://${site}.example/index.html`;
      const plan = readPlan({ seeds: [seed], mediaTypes: ['text/html'] });
      const hostMap = [`${site}.example=127.0.0.1:${server.port}`];
      const folder = join(root, '.crawl');
      const report = await crawl({ plan, route: readRoute({ hostMap, allowPrivate: true }, [seed]), folder });
      expect([report.pages, report.complete]).toEqual([reachable.reachable_html, true]);

      // Dead links, each with a page that links it; the other program counted those that end in .html.
      const { deadLinks } = await readCrawlStatus(folder);
      for (const { via } of deadLinks) expect(expected).toContain(new URL(via!).pathname.slice(1));
      const deadPages = deadLinks.filter(({ url }) => new URL(url).pathname.endsWith('.html'));
      if (reachable.dead_html_links !== undefined) expect(deadPages).toHaveLength(reachable.dead_html_links);

      const found: string[] = [];
      for await (const item of readCrawledItems({ folder, source: { name: 'site', kind: 'web' } })) {
        const path = new URL(item.source.url!).pathname.slice(1);
        found.push(path);
        expect(Buffer.compare(item.bytes, readFileSync(join(root, path))), path).toBe(0);
      }
      expect(found.sort()).toEqual(expected.sort());
    } finally {
      await rm(root, { recursive: true });
    }
  },
);
