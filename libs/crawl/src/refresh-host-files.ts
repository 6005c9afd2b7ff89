// Reads again what hosts say in files of their own (robots.txt, tdmrep.json, ai.txt, the licence that robots.txt names),
// without asking for a page. Each reading is archived like one of a crawl.

import { licenceLinks, type HostFile } from '@gristmill/consent';
import { createFetcher, systemClock, type Fetcher } from '@gristmill/http';
import { infoOf, withCrawlLease } from './crawl.ts';
import { openCrawl, type CrawlState } from './crawl-state.ts';
import type { FetchLogEntry } from './fetch-log.ts';
import { robotsFile } from './gather-statements.ts';
import { createHostFiles } from './host-files.ts';
import type { CrawlRoute } from './options.ts';
import { createRobotsRules } from './robots-rules.ts';

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
  /** Files that could not be had (trouble of the server or of the network): what they said before stands. */
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
  return withCrawlLease(folder, signal, async (stop) => {
    const clock = route.clock ?? systemClock;
    const fetcher = createFetcher({ ...route, clock, minDelayMs: route.delayMs, signal: stop, retries: 0 });
    try {
      await using state = await openCrawl({ folder, info: infoOf(undefined, route, clock) });
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
      return readings.sort((a, b) => (a.origin < b.origin ? -1 : 1));
    } finally {
      await fetcher.close();
    }
  });
}

async function readOrigin(
  origin: string,
  { fetcher, state, route }: { fetcher: Fetcher; state: CrawlState; route: CrawlRoute },
): Promise<OriginReading> {
  const failed: FetchLogEntry[] = [];
  const { agent, clock = systemClock } = route;
  const hostFiles = createHostFiles({
    ...{ fetcher, clock, table: state.hostFiles, since: clock.now() },
    record: (entry, exchange) => {
      if (entry.outcome === 'failed' && (entry.status ?? 500) >= 429) failed.push(entry);
      state.finish(entry, exchange);
    },
  });
  const rules = await createRobotsRules({ hostFiles, agent, clock }).of(origin);
  const [licence] = licenceLinks({ url: origin, agent, robots: rules.robots });
  return {
    origin,
    ...robotsFile(rules),
    ...(await hostFiles.of(origin)),
    rsl: licence === undefined ? [] : [await hostFiles.licence(licence)],
    failed,
  };
}
