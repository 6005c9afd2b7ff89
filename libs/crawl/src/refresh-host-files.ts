// Reads again what hosts say in files of their own (robots.txt, tdmrep.json, ai.txt, the licence that robots.txt names),
// without asking for a page. Each reading is archived like one of a crawl.

import { licenceLinks, type HostFile } from '@gristmill/consent';
import { createFetcher, createRobotsCache, systemClock, type Fetcher } from '@gristmill/http';
import { leaseLost, takeFolderLease } from '@gristmill/storage';
import { crawlBusy } from './crawl.ts';
import { openCrawl, type CrawlState } from './crawl-state.ts';
import type { FetchLogEntry } from './fetch-log.ts';
import { createHostFiles, readHostFile } from './host-files.ts';
import type { CrawlRoute } from './options.ts';

export interface RefreshOptions {
  /** Who asks, and how; each file is asked for once, without a second attempt. */
  readonly route: CrawlRoute;
  readonly signal?: AbortSignal;
  readonly onOrigin?: (reading: OriginReading) => void;
}

/** What an origin said now: fit to be spread into an `Observed`. A file that it does not have is left out. */
export interface OriginReading {
  /** `https://example.org` */
  readonly origin: string;
  readonly robots?: HostFile;
  readonly tdmrep?: HostFile;
  readonly aiTxt?: HostFile;
  readonly rsl: readonly HostFile[];
  /** Files that could not be had (trouble of the server or of the network): nothing is known of them. */
  readonly failed: readonly FetchLogEntry[];
}

/** Origins that are asked at a time. */
const atOnce = 32;

/**
 * Reads the files of each origin: at most four of them, each asked for once.
 *
 * @param folder a crawl's folder, created when missing: the readings are kept in its archive and log
 * @param urls any URL of each origin
 * @throws DataError `crawl-busy` while another process crawls into the folder
 */
export async function refreshHostFiles(
  folder: string,
  urls: readonly string[],
  { route, signal, onOrigin }: RefreshOptions,
): Promise<OriginReading[]> {
  const lost = new AbortController();
  const onLost = () => lost.abort(leaseLost({ location: folder }));
  const lease = await takeFolderLease(folder, { work: 'being crawled', busy: crawlBusy, onLost });
  const clock = route.clock ?? systemClock;
  const stop = AbortSignal.any([lost.signal, ...(signal ? [signal] : [])]);
  const fetcher = createFetcher({ ...route, clock, minDelayMs: route.delayMs, signal: stop, retries: 0 });
  try {
    const info = { date: new Date(clock.now()).toISOString(), fields: [['software', 'gristmill']] as const };
    await using state = await openCrawl({ folder, info, refresh: false });
    const queue = [...new Set(urls.map((url) => new URL(url).origin))].sort();
    const readings: OriginReading[] = [];
    const work = async (): Promise<void> => {
      for (let origin = queue.shift(); origin !== undefined && !stop.aborted; origin = queue.shift()) {
        const reading = await readOrigin(origin, { fetcher, state, route });
        if (stop.aborted) return;
        readings.push(reading);
        onOrigin?.(reading);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    lost.signal.throwIfAborted();
    return readings.sort((a, b) => (a.origin < b.origin ? -1 : 1));
  } finally {
    await fetcher.close();
    await lease.release();
  }
}

async function readOrigin(
  origin: string,
  { fetcher, state, route }: { fetcher: Fetcher; state: CrawlState; route: CrawlRoute },
): Promise<OriginReading> {
  const failed: FetchLogEntry[] = [];
  const record = async (entry: FetchLogEntry, records: Parameters<CrawlState['finish']>[1]) => {
    if (entry.outcome === 'failed') failed.push(entry);
    await state.finish(entry, records, []);
  };
  const { agent, clock } = route;
  const onFetched = async (result: Awaited<ReturnType<Fetcher['fetch']>>) => {
    const { entry, records } = readHostFile(result, { url: result.chain[0], kind: 'robots' });
    if (entry.reason !== 'stopped') await record(entry, records);
  };
  const rules = await createRobotsCache({ fetcher, agent, clock, onFetched }).of(origin);
  const files = createHostFiles({ fetcher, record });
  const fetchedAt = new Date(rules.fetchedAtMs).toISOString();
  const [licence] = licenceLinks({ url: origin, agent, robots: rules.robots });
  return {
    origin,
    ...(rules.text !== undefined && {
      robots: { url: `${origin}/robots.txt`, text: rules.text, fetchedAt },
    }),
    ...(await files.of(origin)),
    rsl: licence === undefined ? [] : [await files.licence(licence)],
    failed,
  };
}
