// Where a crawl stands: how fast it is, which hosts wait and why, and how long what is known may still take.

import type { CrawlProgress } from './crawl.ts';
import type { HostStand } from './frontier.ts';

/** Why a host that has something to do is not asked at this moment. */
export type WaitReason =
  /** Between two of its requests. */
  | 'delay'
  /** It answers just now, on as many connections as it may. */
  | 'answering'
  /** Its robots.txt cannot be had. */
  | 'robots'
  /** It asked to come back later (429, 503). */
  | 'later'
  /** Others come first: as many pages as may be are under way. */
  | 'turn';

export interface Outlook {
  /** Over the last ten seconds. */
  readonly pagesPerSecond: number;
  /** Hosts that have something to do, by what they wait for. */
  readonly hosts: Readonly<Partial<Record<WaitReason, number>>>;
  /**
   * For the URLs that are known: at this rate, and no shorter than the host with most of them takes at its delay. Undefined
   * before the rate is known.
   */
  readonly secondsLeft?: number;
}

const windowMs = 10_000;

export interface OutlookMeter {
  look(progress: CrawlProgress, hosts: Iterable<HostStand>): Outlook;
}

/**
 * @param maxPages of the crawl
 * @param now in milliseconds
 */
export function createOutlookMeter(
  maxPages: number,
  now: () => number = () => performance.now(),
): OutlookMeter {
  const marks = [{ at: now(), pages: -1 }];
  return {
    look({ pages, waiting }, stands) {
      const at = now();
      if (marks[0].pages < 0) marks[0].pages = pages;
      marks.push({ at, pages });
      while (marks.length > 2 && at - marks[1].at >= windowMs) marks.shift();
      const [first] = marks;
      const pagesPerSecond = at > first.at ? (1000 * (pages - first.pages)) / (at - first.at) : 0;
      const hosts: Partial<Record<WaitReason, number>> = {};
      let longestMs = 0;
      for (const stand of stands) {
        hosts[stand.waitsFor] = (hosts[stand.waitsFor] ?? 0) + 1;
        longestMs = Math.max(longestMs, stand.waiting * stand.delayMs);
      }
      const left = Math.min(waiting, Math.max(0, maxPages - pages));
      const isBounded = maxPages - pages < waiting;
      const secondsLeft =
        pagesPerSecond > 0 ? Math.max(left / pagesPerSecond, isBounded ? 0 : longestMs / 1000) : undefined;
      return { pagesPerSecond, hosts, ...(secondsLeft !== undefined && { secondsLeft }) };
    },
  };
}
