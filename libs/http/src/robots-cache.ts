// The robots.txt of each origin, fetched when first needed and kept for 24 hours. RFC 9309 §2.3.1: 4xx means no rules
// (429 counts as a server's trouble, as for Google), 5xx and an unreachable server mean that nothing may be fetched,
// redirects are followed across hosts and the rules count for the origin that was asked.

import {
  crawlDelayFor,
  matchRobots,
  parseRobots,
  robotsByteLimit,
  type Robots,
  type RobotsDecision,
} from '@gristmill/consent';
import { sha256 } from '@gristmill/core';
import { decodeBody } from './decode-body.ts';
import { headerOf, type FailureCode } from './fetch-once.ts';
import { isFailure, type Fetcher, type FetchResult } from './fetcher.ts';
import { systemClock, type Clock } from './clock.ts';

/** One origin's rules. `access`: by the rules, to everything (no robots.txt), or to nothing (unreachable). */
export interface OriginRobots {
  readonly origin: string;
  readonly access: 'rules' | 'everything' | 'nothing';
  readonly robots: Robots;
  /** The file as it was read, when there is one. */
  readonly text?: string;
  /** SHA-256 of the file, when there is one. */
  readonly digest?: string;
  readonly status?: number;
  /** Why the origin could not be asked. */
  readonly failure?: FailureCode;
  /** Milliseconds since 1970. */
  readonly fetchedAtMs: number;
}

export interface RobotsCache {
  of(url: string): Promise<OriginRobots>;
  /** May this URL be fetched? `/robots.txt` itself always may. */
  decide(url: string): Promise<RobotsDecision & { readonly robots: OriginRobots }>;
}

export interface RobotsCacheOptions {
  readonly fetcher: Fetcher;
  readonly agent: string;
  readonly clock?: Clock;
  /** Called with every answer, for the record. */
  readonly onFetched?: (result: FetchResult) => void | Promise<void>;
}

const keptMs = 24 * 3600 * 1000;
const unreachableKeptMs = 30 * 24 * 3600 * 1000;
/** RFC 9309 §2.3.1.2 asks for at least five. */
const maxRedirects = 10;
const noRules: Robots = { groups: [], notes: [], sitemaps: [] };

export function createRobotsCache({
  fetcher,
  agent,
  clock = systemClock,
  onFetched,
}: RobotsCacheOptions): RobotsCache {
  const entries = new Map<string, Promise<OriginRobots>>();

  async function load(origin: string, earlier?: OriginRobots): Promise<OriginRobots> {
    const result = await fetcher.fetch(`${origin}/robots.txt`, {
      maxRedirects,
      maxBytes: robotsByteLimit,
      cutAtLimit: true,
    });
    await onFetched?.(result);
    const fresh = readAnswer(origin, result, clock.now());
    // While a server is away its earlier rules hold, for a month at most.
    const keeps = fresh.access === 'nothing' && earlier && earlier.access !== 'nothing';
    const kept = keeps && clock.now() - earlier.fetchedAtMs < unreachableKeptMs ? earlier : fresh;
    const delay = crawlDelayFor(kept.robots, agent);
    if (delay !== undefined) fetcher.politeness.setCrawlDelay(new URL(origin).host, delay * 1000);
    return kept;
  }

  async function of(url: string): Promise<OriginRobots> {
    const { origin } = new URL(url);
    const held = entries.get(origin);
    if (!held) {
      const first = load(origin);
      entries.set(origin, first);
      return first;
    }
    const earlier = await held;
    const stale = clock.now() - earlier.fetchedAtMs >= keptMs;
    // Whoever notices first asks again; the others wait for the same answer.
    if (stale && entries.get(origin) === held) entries.set(origin, load(origin, earlier));
    return entries.get(origin)!;
  }

  return {
    of,
    async decide(url) {
      const robots = await of(url);
      if (new URL(url).pathname === '/robots.txt') return { allowed: true, robots };
      if (robots.access !== 'rules') return { allowed: robots.access === 'everything', robots };
      return { ...matchRobots(robots.robots, agent, url), robots };
    },
  };
}

function readAnswer(origin: string, { answer }: FetchResult, fetchedAtMs: number): OriginRobots {
  const status = answer.status;
  const entry = { origin, robots: noRules, fetchedAtMs, ...(status !== undefined && { status }) };
  if (isFailure(answer)) return { ...entry, access: 'nothing', failure: answer.failure };
  if (answer.status === 429 || answer.status >= 500) return { ...entry, access: 'nothing' };
  if (answer.status < 200 || answer.status >= 300) return { ...entry, access: 'everything' };
  const decoded = decodeBody(
    answer.body,
    headerOf(answer.headers, 'content-encoding'),
    128 * robotsByteLimit,
  );
  if ('error' in decoded) return { ...entry, access: 'nothing' };
  return {
    ...entry,
    access: 'rules',
    robots: parseRobots(decoded.bytes),
    text: new TextDecoder().decode(decoded.bytes.subarray(0, robotsByteLimit)),
    digest: sha256(decoded.bytes),
  };
}
