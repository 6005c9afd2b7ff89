// Brings a crawled source up to date before its items are read.

import { DataError, type JsonObject } from '@gristmill/core';
import type { Crawler, CrawlOutcome } from './acquire-contract.ts';
import type { BuildRun } from './build-run.ts';
import { stopped } from './meter.ts';
import { openRawFolder } from './raw-folder.ts';
import type { RecipeSource } from './recipe.ts';

export interface CrawledFolder {
  /** The source's raw folder on this machine. */
  readonly folder: string;
  /** Hosts that asked to come back later: the crawl is not over. */
  readonly waitsFor: readonly string[];
}

/** Goes to the network only when asked to or when there is no finished crawl. */
export async function crawlSource(
  run: BuildRun,
  source: RecipeSource,
  crawler: Crawler,
  options: JsonObject,
): Promise<CrawledFolder> {
  const raw = await openRawFolder(run.store, source.name);
  const folder = raw.path;
  if (!run.options.refresh && (await crawler.isComplete(folder))) return { folder, waitsFor: [] };
  if (run.options.ranks !== undefined) throw crawlsAlone(source.name);
  const identity = { name: source.name, kind: source.kind };
  const progress = (done: number, of: number, bytes: number) =>
    run.progress.show(`crawl ${source.name}`, { done, of, bytes });
  let report: CrawlOutcome | void;
  try {
    report = await crawler.refresh({
      source: identity,
      options,
      where: (source.where ?? {}) as JsonObject,
      folder,
      signal: run.signal,
      progress,
    });
  } finally {
    await raw.save();
  }
  if (run.signal.aborted) throw stopped();
  return { folder, waitsFor: report?.waitsFor ?? [] };
}

function crawlsAlone(source: string): DataError {
  return new DataError(
    'crawl-before-ranks',
    `source ${source} is to be crawled, and a site is crawled by one process`,
    'first run the recipe with --only acquire (and --refresh) in one process, then start the ranks',
  );
}
