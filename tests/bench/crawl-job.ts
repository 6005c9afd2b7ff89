// One crawler alone in a process, for crawl-peers.ts: `node crawl-job.ts gristmill|crawlee FOLDER SEED…` crawls the seeds'
// hosts to their end without a delay and prints what it took as JSON. Ours archives; Crawlee stores titles and texts, as
// its own examples do, at its best: 200 concurrent requests, its second request queue, no session pool.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { crawl, readPlan, readRoute } from '@gristmill/crawl';
import { peakMemoryMb, time } from './bench.ts';

const [name, folder, ...seeds] = process.argv.slice(2);
let pages = 0;
const timing = await time(async () => {
  pages = await (name === 'crawlee' ? runCrawlee() : runGristmill());
}, 1);
process.stdout.write(`${JSON.stringify({ pages, ...timing, peakMemoryMb: peakMemoryMb() })}\n`);
process.exit(0);

async function runGristmill(): Promise<number> {
  const plan = readPlan({ seeds });
  const route = readRoute({ allowPrivate: true, pagesAtOnce: 200 }, plan.seeds);
  return (await crawl({ plan, route, folder: folder! })).pages;
}

async function runCrawlee(): Promise<number> {
  process.env.CRAWLEE_STORAGE_DIR = folder;
  process.env.CRAWLEE_LOG_LEVEL = 'ERROR';
  const { CheerioCrawler } = await import('@crawlee/cheerio');
  const crawler = new CheerioCrawler({
    ...{ minConcurrency: 200, maxConcurrency: 200, useSessionPool: false, maxRequestRetries: 3 },
    experiments: { requestLocking: true },
    async requestHandler({ $, request, enqueueLinks, pushData }) {
      await pushData({ url: request.url, title: $('title').text(), text: $('body').text() });
      await enqueueLinks({ strategy: 'same-hostname' });
    },
  });
  await crawler.run(seeds);
  return readdirSync(join(folder!, 'datasets', 'default')).length;
}
