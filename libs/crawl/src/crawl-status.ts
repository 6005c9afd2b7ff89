// What a crawl's folder holds, host by host, and which links of it are dead: read from its database, also while a crawl
// is at work.

import { DataError } from '@gristmill/core';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crawlDelayFor, parseRobots } from '@gristmill/consent';
import { checkCrawlFormat } from './crawl-format.ts';
import { databaseFile } from './database.ts';
import { readCuts, type LoggedCut } from './discover/trap-table.ts';
import { readGivenUp, type GivenUp } from './host-troubles.ts';
import { openState } from './old-folder.ts';

export interface CrawlStatus {
  readonly known: number;
  readonly pages: number;
  readonly waiting: number;
  /** By name. */
  readonly hosts: readonly HostStatus[];
  readonly deadLinks: readonly DeadLink[];
  /** Addresses that were cut as traps, each with its rule. */
  readonly cuts: readonly LoggedCut[];
}

export interface HostStatus {
  /** With its port, where it is not the scheme's own. */
  readonly host: string;
  /** URLs found. */
  readonly known: number;
  /** Documents that are there. */
  readonly pages: number;
  readonly waiting: number;
  /** URLs by what became of them when they were last dealt with, without fetched and unchanged ones. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Seconds between two requests that robots.txt asks of the agent. */
  readonly crawlDelay?: number;
  /** Why it is asked no more, but once by each later run. */
  readonly givenUp?: GivenUp;
  /** Why robots.txt could not be had. */
  readonly trouble?: string;
  /** When it is asked for again, at the earliest: ISO 8601. */
  readonly retryAt?: string;
}

export interface DeadLink {
  readonly url: string;
  readonly status: number;
  /** The page on which it was found first; unknown in folders of the first version and for seeds. */
  readonly via?: string;
}

/**
 * @param agent product token by which robots.txt is read
 * @throws DataError `input-missing` where no crawl is, `crawl-version`, `crawl-log-damaged`
 */
export async function readCrawlStatus(folder: string, agent = 'gristmill'): Promise<CrawlStatus> {
  const found = await Promise.all(
    [databaseFile, 'fetch-log.jsonl'].map((name) => isFile(join(folder, name))),
  );
  if (!found.some(Boolean)) {
    throw new DataError(
      'input-missing',
      `${folder} holds no crawl`,
      'name the folder that `crawl --out` was given',
    );
  }
  await checkCrawlFormat(folder);
  using db = await openState(folder);
  const all = <T>(sql: string): T[] => db.prepare(sql).all() as T[];
  const last = 'fetches.id = (SELECT max(id) FROM fetches WHERE fetches.url = urls.id)';
  const counted = all<Omit<HostStatus, 'outcomes'>>(
    `SELECT host, count(*) AS known, count(revision) AS pages, sum(state = 0) AS waiting
     FROM (SELECT hosts.host, state, revision FROM urls JOIN hosts ON hosts.id = urls.host WHERE state <> 3)
     GROUP BY host ORDER BY host`,
  );
  const outcomes = Map.groupBy(
    all<{ host: string; outcome: string; urls: number }>(
      `SELECT hosts.host, outcome, count(*) AS urls FROM urls JOIN hosts ON hosts.id = urls.host
       JOIN fetches ON ${last} WHERE state <> 3 AND outcome NOT IN ('fetched', 'unchanged')
       GROUP BY hosts.host, outcome ORDER BY outcome`,
    ),
    ({ host }) => host,
  );
  const rules = new Map(
    all<RobotsRow>(
      `SELECT url, failure, retry_at AS retryAt, body FROM host_files WHERE kind = 'robots'`,
    ).map((row) => [new URL(row.url).host, row]),
  );
  const givenUp = readGivenUp(db);
  const hosts = counted.map((row) => ({
    ...row,
    outcomes: Object.fromEntries((outcomes.get(row.host) ?? []).map(({ outcome, urls }) => [outcome, urls])),
    ...robotsOf(rules.get(row.host), agent),
    ...(givenUp.has(row.host) && { givenUp: givenUp.get(row.host) }),
  }));
  const dead = all<{ url: string; status: number; via: string | null }>(
    `SELECT urls.url, status, pages.url AS via FROM urls JOIN fetches ON ${last}
     LEFT JOIN urls AS pages ON pages.id = urls.via
     WHERE outcome = 'gone' AND reason IS NULL AND urls.revision IS NULL AND urls.kind IS NULL ORDER BY urls.url`,
  );
  const sum = (field: 'known' | 'pages' | 'waiting') => hosts.reduce((total, host) => total + host[field], 0);
  return {
    ...{ known: sum('known'), pages: sum('pages'), waiting: sum('waiting'), hosts },
    cuts: readCuts(db),
    deadLinks: dead.map(({ via, ...link }) => ({ ...link, ...(via !== null && { via }) })),
  };
}

interface RobotsRow {
  readonly url: string;
  readonly failure: string | null;
  readonly retryAt: number;
  readonly body: Uint8Array | null;
}

function robotsOf(row: RobotsRow | undefined, agent: string): Partial<HostStatus> {
  const crawlDelay = row?.body ? crawlDelayFor(parseRobots(row.body), agent) : undefined;
  return {
    ...(crawlDelay !== undefined && { crawlDelay }),
    ...(typeof row?.failure === 'string' && {
      trouble: row.failure,
      retryAt: new Date(row.retryAt).toISOString(),
    }),
  };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
