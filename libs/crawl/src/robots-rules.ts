// What the robots.txt of an origin lets us fetch. RFC 9309 §2.3.1: 4xx means no rules (429 counts as a server's trouble, as
// for Google), 5xx and an unreachable server mean that nothing may be fetched for now, redirects are followed across hosts
// and the rules count for the origin that was asked.

import {
  crawlDelayFor,
  matchRobots,
  parseRobots,
  type Robots,
  type RobotsDecision,
} from '@gristmill/consent';
import { systemClock, type Clock, type Politeness } from '@gristmill/http';
import { LRUCache } from 'lru-cache';
import type { HostFileRow } from './host-file-table.ts';
import type { HostFiles } from './host-files.ts';

/** One origin's rules. `access`: by the rules, to everything (no robots.txt), or to nothing (unreachable). */
export interface OriginRules {
  readonly origin: string;
  readonly access: 'rules' | 'everything' | 'nothing';
  readonly robots: Robots;
  readonly file: HostFileRow;
  readonly crawlDelayMs?: number;
}

export interface RobotsRules {
  of(url: string): Promise<OriginRules>;
  /** May this URL be fetched? `/robots.txt` itself always may. */
  decide(url: string): Promise<RobotsDecision & { readonly rules: OriginRules }>;
}

export interface RobotsRulesOptions {
  readonly hostFiles: Pick<HostFiles, 'read'>;
  readonly agent: string;
  readonly politeness?: Pick<Politeness, 'setCrawlDelay'>;
  readonly clock?: Clock;
}

/** While a server is away its earlier rules hold, so long. */
const unreachableKeptMs = 30 * 24 * 3600 * 1000;
const inMemory = 500;
const noRules: Robots = { groups: [], notes: [], sitemaps: [] };

export function createRobotsRules(options: RobotsRulesOptions): RobotsRules {
  const { hostFiles, agent, politeness, clock = systemClock } = options;
  const parsed = new LRUCache<string, Robots>({ max: inMemory });

  function rulesIn({ body, digest }: HostFileRow): Robots {
    if (!body || digest === undefined) return noRules;
    const robots = parsed.get(digest) ?? parseRobots(body);
    parsed.set(digest, robots);
    return robots;
  }

  async function of(url: string): Promise<OriginRules> {
    const { origin, host } = new URL(url);
    const file = await hostFiles.read(`${origin}/robots.txt`, 'robots');
    const isAway = file.failure !== undefined;
    const holds = file.fetchedAt !== undefined && clock.now() - file.fetchedAt < unreachableKeptMs;
    if (isAway && !holds) return { origin, access: 'nothing', robots: noRules, file };
    const robots = rulesIn(file);
    const delay = crawlDelayFor(robots, agent);
    const crawlDelayMs = delay === undefined ? undefined : delay * 1000;
    if (crawlDelayMs !== undefined) politeness?.setCrawlDelay(host, crawlDelayMs);
    return { origin, access: file.body ? 'rules' : 'everything', robots, file, crawlDelayMs };
  }

  return {
    of,
    async decide(url) {
      const rules = await of(url);
      if (new URL(url).pathname === '/robots.txt') return { allowed: true, rules };
      if (rules.access !== 'rules') return { allowed: rules.access === 'everything', rules };
      return { ...matchRobots(rules.robots, agent, url), rules };
    },
  };
}

/** Failures that an hour may mend: what else fails is no server's trouble. */
export function mayPass(failure: string | undefined): boolean {
  return (
    failure === 'network' ||
    failure === 'timeout' ||
    failure === 'cut-short' ||
    failure === 'too-slow' ||
    failure === 'later' ||
    failure === '429' ||
    /^5\d\d$/.test(failure ?? '')
  );
}
