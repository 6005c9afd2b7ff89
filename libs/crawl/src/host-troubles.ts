// Hosts that are given up: how many requests in a row they left without an answer or forbade (403), over all runs, so a
// dead host does not keep a crawl from its end. A later run asks one more time; any other answer starts the count anew.

import type { DatabaseSync } from 'node:sqlite';
import { isFailure, type FetchResult } from '@gristmill/http';

/** Why a host was given up, also in the fetch log. */
export type GivenUp = 'host-silent' | 'host-forbids';

export interface HostTroubles {
  readonly silent: number;
  readonly forbidden: number;
  /** The count that was reached. */
  readonly givenUp?: GivenUp;
}

export interface HostTroubleTable {
  get(host: string): HostTroubles | undefined;
  put(host: string, troubles: HostTroubles): void;
}

export interface Patience {
  readonly silentToGiveUp: number;
  readonly forbiddenToGiveUp: number;
}

export const troublesSchema = `CREATE TABLE IF NOT EXISTS host_troubles (
  host TEXT PRIMARY KEY, silent INTEGER NOT NULL, forbidden INTEGER NOT NULL, given_up TEXT
) STRICT, WITHOUT ROWID;`;

const none: HostTroubles = { silent: 0, forbidden: 0 };

/** What is known after one more result of a host; its repetitions count. */
export function nextTroubles(held: HostTroubles, result: FetchResult, patience: Patience): HostTroubles {
  const { answer, attempts } = result;
  if (isFailure(answer) && !['network', 'timeout'].includes(answer.failure) && answer.status === undefined)
    return held;
  const isSilent = isFailure(answer) && answer.status === undefined;
  const silent = isSilent ? held.silent + attempts : 0;
  const forbidden = isSilent ? held.forbidden : answer.status === 403 ? held.forbidden + 1 : 0;
  if (silent >= patience.silentToGiveUp) return { silent, forbidden, givenUp: 'host-silent' };
  if (forbidden >= patience.forbiddenToGiveUp) return { silent, forbidden, givenUp: 'host-forbids' };
  return { silent, forbidden };
}

/** Adds one more result. @returns why the host is given up, where it is */
export function noteTrouble(
  table: HostTroubleTable,
  host: string,
  result: FetchResult,
  patience: Patience,
): GivenUp | undefined {
  const held = table.get(host);
  const next = nextTroubles(held ?? none, result, patience);
  if (next === held || (!held && next.silent + next.forbidden === 0)) return next.givenUp;
  table.put(host, next);
  return next.givenUp;
}

export function createHostTroubleTable(db: DatabaseSync): HostTroubleTable {
  const select = db.prepare('SELECT silent, forbidden, given_up FROM host_troubles WHERE host = ?');
  const replace = db.prepare('INSERT OR REPLACE INTO host_troubles VALUES (?, ?, ?, ?)');
  const forget = db.prepare('DELETE FROM host_troubles WHERE host = ?');
  return {
    get(host) {
      const row = select.get(host) as
        { silent: number; forbidden: number; given_up: GivenUp | null } | undefined;
      if (!row) return undefined;
      const { silent, forbidden, given_up: givenUp } = row;
      return { silent, forbidden, ...(givenUp !== null && { givenUp }) };
    },
    put(host, { silent, forbidden, givenUp }) {
      if (silent + forbidden === 0) forget.run(host);
      else replace.run(host, silent, forbidden, givenUp ?? null);
    },
  };
}

/** Hosts that were given up; none in folders of crawls before there was such a thing. */
export function readGivenUp(db: DatabaseSync): ReadonlyMap<string, GivenUp> {
  const isThere = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'host_troubles'`).get();
  if (!isThere) return new Map();
  const rows = db
    .prepare('SELECT host, given_up AS givenUp FROM host_troubles WHERE given_up IS NOT NULL')
    .all() as unknown as { host: string; givenUp: GivenUp }[];
  return new Map(rows.map(({ host, givenUp }) => [host, givenUp]));
}
