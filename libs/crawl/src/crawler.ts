// The crawl as the build engine drives it: options from a recipe in, a folder under raw/ kept up to date, items out.

import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Crawler } from '@gristmill/corpus';
import { crawl } from './crawl.ts';
import { readCrawledItems } from './crawled-items.ts';
import { forgetPages } from './forget-pages.ts';
import { saidUntil } from './said-until.ts';
import { readRoute, routeOptions } from './options.ts';
import { planOptions, readPlan } from './plan.ts';

const completeFile = 'complete';

/** `sources[].crawl` of a recipe: options as in CrawlPlan, `where` as in CrawlRoute. */
export const webCrawler: Crawler = {
  name: 'crawl',
  version: 2,
  description:
    'Fetches a site politely (robots.txt, one request a second) into WARC files in the corpus: a document for each page.',
  opens: { module: '@gristmill/import', export: 'bodyOpener' },
  options: planOptions,
  where: routeOptions,
  check(options) {
    readPlan(options);
  },
  async isComplete(folder) {
    return stat(join(folder, completeFile)).then(
      () => true,
      () => false,
    );
  },
  async refresh({ options, where, folder, signal, progress }) {
    const plan = readPlan(options);
    const route = readRoute(where, plan.seeds);
    const report = await crawl({
      ...{ plan, route, folder, signal },
      refresh: (await this.isComplete(folder)) && route.refresh,
      onProgress: ({ known, waiting, bytes }) => progress(known - waiting, known, bytes),
    });
    if (report.complete) await writeFile(join(folder, completeFile), '');
    return { waitsFor: report.complete ? [] : report.waitsFor };
  },
  forget: forgetPages,
  saidUntil,
  items: ({ source, folder }) => readCrawledItems({ source, folder }),
};
