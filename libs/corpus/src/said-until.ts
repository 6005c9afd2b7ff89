// What was said about the use of documents by a moment of the past: from the logs of crawls, the readings of hosts and
// the dates of statements, not from a build.

import { applyReading, type Statement } from '@gristmill/consent';
import { DataError, type Row } from '@gristmill/core';
import type { Store } from '@gristmill/storage';
import type { Crawler } from './acquire-contract.ts';
import { statementsOf } from './consent-record.ts';
import { readHostReadings } from './host-readings.ts';
import { requireLastRun } from './last-run.ts';
import { openRawFolder } from './raw-folder.ts';
import { loadRecipe, moduleLocation } from './recipe.ts';
import { originOf } from './reword-rows.ts';
import { loadCode } from './steps.ts';

/** @returns what was said of a row of acquire; undefined where it was not fetched yet */
export async function openSaidUntil(
  store: Store,
  until: string,
): Promise<(row: Row) => readonly Statement[] | undefined> {
  const crawled = await readCrawls(store, until);
  const readings = await readHostReadings(store, until);
  return (row) => {
    const url = row.url as string | undefined;
    const said = crawled.get(String(row.sourceName));
    const own = said ? said.get(url ?? '') : statementsOf(row).filter((statement) => isBy(statement, until));
    const reading = readings.get(originOf(url) ?? '');
    if (!own || !reading) return own;
    // Of when it was fetched only the last time is known; each statement has its own date.
    return applyReading(own, { url: url!, mediaType: String(row.mediaType) }, reading);
  };
}

/** What was read by itself later is known from the readings. */
function isBy({ fetchedAt, later }: Statement, until: string): boolean {
  return !later && (fetchedAt === undefined || fetchedAt <= until);
}

/** Source → URL → statements, for sources that are crawled. */
async function readCrawls(
  store: Store,
  until: string,
): Promise<Map<string, ReadonlyMap<string, readonly Statement[]>>> {
  const { recipe, folder } = await loadRecipe((await requireLastRun(store)).recipe);
  const crawled = new Map<string, ReadonlyMap<string, readonly Statement[]>>();
  for (const source of recipe.sources) {
    if (!source.crawl) continue;
    const location = { ...source.crawl, module: moduleLocation(source.crawl.module, folder) };
    const crawler = await loadCode<Crawler>(location);
    if (!crawler.saidUntil) throw withoutHistory(crawler.name, source.name);
    crawled.set(source.name, await crawler.saidUntil((await openRawFolder(store, source.name)).path, until));
  }
  return crawled;
}

function withoutHistory(crawler: string, source: string): DataError {
  return new DataError(
    'no-history',
    `the crawler ${crawler} of source ${source} does not tell what was said earlier`,
    'leave out --as-of; the newest word is in every build',
  );
}
