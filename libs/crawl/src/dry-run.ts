// What a crawl would do, asked of nobody but the hosts of its seeds, for their robots.txt, and written nowhere.

import { createFetcher, systemClock, userAgent } from '@gristmill/http';
import { canonicalUrl } from '@gristmill/text';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readCrawlStatus } from './crawl-status.ts';
import type { CrawlOptions } from './crawl.ts';
import { databaseFile } from './database.ts';
import { createHostFiles } from './host-files.ts';
import type { HostFileRow } from './host-file-table.ts';
import { createRobotsRules, mayPass } from './robots-rules.ts';

export interface CrawlOutline {
  /** As it would be sent. */
  readonly userAgent: string;
  readonly scope: string;
  readonly maxPages?: number;
  readonly maxDepth?: number;
  readonly seeds: readonly SeedOutline[];
  /** Of all hosts of seeds together. */
  readonly mostPagesPerSecond?: number;
  /** What the folder holds of an earlier crawl. */
  readonly folder?: { readonly pages: number; readonly known: number; readonly waiting: number };
}

export interface SeedOutline {
  readonly url: string;
  readonly verdict: 'fetched' | 'disallowed' | 'too-slow' | 'robots-missing' | 'unreachable';
  /** Of robots.txt, that decided; or why it could not be had. */
  readonly line?: number;
  readonly reason?: string;
  /** Between two requests. */
  readonly delayMs: number;
  /** That robots.txt names. */
  readonly sitemaps: readonly string[];
}

export async function outlineCrawl({ plan, route, folder, signal }: CrawlOptions): Promise<CrawlOutline> {
  const { clock = systemClock, agent, contact } = route;
  const fetcher = createFetcher({ ...route, clock, minDelayMs: route.delayMs, signal, retries: 0 });
  const files = new Map<string, HostFileRow>();
  const hostFiles = createHostFiles({
    ...{ fetcher, clock, record: () => {} },
    table: { get: (url) => files.get(url), put: (row) => void files.set(row.url, row) },
  });
  const rules = createRobotsRules({ hostFiles, agent, politeness: fetcher.politeness, clock });
  const outlineSeed = async (url: string): Promise<SeedOutline> => {
    const { allowed, line, rules: of } = await rules.decide(url);
    const { crawlDelayMs = 0, access, file, robots } = of;
    const isSlow = crawlDelayMs > route.longestCrawlDelayMs;
    const away = mayPass(file.failure) ? 'robots-missing' : 'unreachable';
    return {
      url,
      verdict: access === 'nothing' ? away : !allowed ? 'disallowed' : isSlow ? 'too-slow' : 'fetched',
      ...(line !== undefined && { line }),
      ...(file.failure !== undefined && { reason: file.failure }),
      delayMs: Math.max(route.delayMs, crawlDelayMs),
      sitemaps: plan.sitemaps ? robots.sitemaps.flatMap((sitemap) => canonicalUrl(sitemap, url) ?? []) : [],
    };
  };
  try {
    const seeds = await Promise.all(plan.seeds.map(outlineSeed));
    const hosts = new Map(
      seeds
        .filter(({ verdict }) => verdict === 'fetched')
        .map((seed) => [new URL(seed.url).host, seed.delayMs]),
    );
    const rates = [...hosts.values()].map((delayMs) => 1000 / delayMs);
    const most = rates.reduce((sum, rate) => sum + rate, 0);
    return {
      ...{ userAgent: userAgent(agent, contact), scope: plan.scope, seeds },
      ...(plan.maxPages < Infinity && { maxPages: plan.maxPages }),
      ...(plan.maxDepth < Infinity && { maxDepth: plan.maxDepth }),
      ...(most < Infinity && { mostPagesPerSecond: most }),
      ...(await heldIn(folder)),
    };
  } finally {
    await fetcher.close();
  }
}

async function heldIn(folder: string): Promise<Pick<CrawlOutline, 'folder'>> {
  const isThere = await stat(join(folder, databaseFile)).then(
    () => true,
    () => false,
  );
  if (!isThere) return {};
  const { pages, known, waiting } = await readCrawlStatus(folder);
  return { folder: { pages, known, waiting } };
}
