// What a crawl remembers against traps, in its database: how many pages of a family of addresses were had and how many of the
// last said nothing new, what was said, which orders of parameters are known; and what was cut, by which rule.

import type { DatabaseSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { familiesOf, hashOf, parameterKey, type TrapRule } from './traps.ts';

export const trapsSchema = `
CREATE TABLE IF NOT EXISTS families (
  family INTEGER PRIMARY KEY, pages INTEGER NOT NULL, stale INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS said_words (host INTEGER NOT NULL, words INTEGER NOT NULL, PRIMARY KEY (host, words)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parameter_orders (key INTEGER PRIMARY KEY, url INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS cuts (
  host TEXT NOT NULL, rule TEXT NOT NULL, hash INTEGER NOT NULL, url TEXT NOT NULL, via INTEGER,
  PRIMARY KEY (host, rule, hash)
) STRICT, WITHOUT ROWID;
`;

export interface TrapTable {
  /**
   * Whether it is an order of parameters that is known, or its family was left.
   * @param page that links: one of another family speaks for the address
   */
  cutOf(url: string, page: string | undefined): TrapRule | undefined;
  /** Whether what a page of this address says should be looked at. */
  isWatched(url: string): boolean;
  /**
   * A page was had.
   * @param words what it says; undefined where that was not looked at
   * @param leadsOn whether it leads to addresses of other families that were not known; asked where it counts
   */
  note(url: string, words: number | undefined, leadsOn: () => boolean): void;
  log(cut: Cut): void;
  /** Into the open transaction. */
  flush(): void;
}

export interface Cut {
  readonly url: string;
  readonly rule: TrapRule;
  /** Row of the page that links. */
  readonly via?: number;
}

/** So many pages of a family in a row that say nothing new end it; of a path with any parameters, so many. */
const mostStale = [8, 24];
/** Pages of a family that are all looked at; then one in `seldom`, as long as nothing is wrong. */
const firstPages = 64;
const seldom = 8;
/** Of a host and a rule. */
const mostCuts = 10_000;
const kept = 50_000;

interface Family {
  pages: number;
  stale: number;
}

export function createTrapTable(db: DatabaseSync): TrapTable {
  const find = db.prepare('SELECT pages, stale FROM families WHERE family = ?');
  const put = db.prepare('INSERT OR REPLACE INTO families VALUES (?, ?, ?)');
  const say = db.prepare('INSERT OR IGNORE INTO said_words VALUES (?, ?)');
  const findOrder = db.prepare('SELECT url FROM parameter_orders WHERE key = ?');
  const putOrder = db.prepare('INSERT INTO parameter_orders VALUES (?, ?)');
  const cut = db.prepare('INSERT OR IGNORE INTO cuts VALUES (?, ?, ?, ?, ?)');
  const countCuts = db.prepare('SELECT count(*) AS cuts FROM cuts WHERE host = ? AND rule = ?');
  const changed = new Map<number, Family>();
  const families = new LRUCache<number, Family>({ max: kept });
  const orders = new LRUCache<number, number>({ max: kept });
  const cuts = new Map<string, number>();

  function familyOf(family: number): Family {
    let held = changed.get(family) ?? families.get(family);
    if (!held) {
      const row = find.get(family) as Pick<Family, 'pages' | 'stale'> | undefined;
      held = { pages: 0, stale: 0, ...row };
    }
    families.set(family, held);
    return held;
  }

  function isPermuted(url: string): boolean {
    const key = parameterKey(url);
    if (key === undefined) return false;
    const own = hashOf(url);
    let first = orders.get(key) ?? (findOrder.get(key)?.url as number | undefined);
    if (first === undefined) putOrder.run(key, (first = own));
    orders.set(key, first);
    return first !== own;
  }

  return {
    cutOf(url, page) {
      if (isPermuted(url)) return 'permuted-parameters';
      const families = familiesOf(url);
      const isLeft = families.some((family, width) => familyOf(family).stale >= mostStale[width]);
      return isLeft && page !== undefined && familiesOf(page).at(-1) === families.at(-1)
        ? 'nothing-new'
        : undefined;
    },
    isWatched: (url) =>
      familiesOf(url).some((family) => {
        const { pages, stale } = familyOf(family);
        return pages < firstPages || stale > 0 || pages % seldom === 0;
      }),
    note(url, words, leadsOn) {
      const own = familiesOf(url);
      if (own.length === 0) return;
      const isNew =
        words === undefined || Number(say.run(hashOf(new URL(url).host), words).changes) > 0 || leadsOn();
      for (const family of own) {
        const held = familyOf(family);
        held.pages++;
        held.stale = isNew ? 0 : held.stale + 1;
        changed.set(family, held);
      }
    },
    log({ url, rule, via }) {
      const { host } = new URL(url);
      const name = `${rule} ${host}`;
      const count = cuts.get(name) ?? Number(countCuts.get(host, rule)!.cuts);
      const isNew =
        count < mostCuts && Number(cut.run(host, rule, hashOf(url), url, via ?? null).changes) > 0;
      cuts.set(name, count + Number(isNew));
    },
    flush() {
      for (const [family, { pages, stale }] of changed) put.run(family, pages, stale);
      changed.clear();
    },
  };
}

export interface LoggedCut {
  readonly host: string;
  readonly rule: TrapRule;
  readonly url: string;
  /** The page that links. */
  readonly via?: string;
}

/** Everything that was cut, by host and rule; nothing in folders of crawls before there was such a thing. */
export function readCuts(db: DatabaseSync): LoggedCut[] {
  if (!db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'cuts'`).get()) return [];
  const rows = db
    .prepare(
      `SELECT cuts.host, rule, cuts.url, urls.url AS via FROM cuts LEFT JOIN urls ON urls.id = cuts.via
       ORDER BY cuts.host, rule, cuts.url`,
    )
    .all() as unknown as (Omit<LoggedCut, 'via'> & { via: string | null })[];
  return rows.map(({ via, ...row }) => ({ ...row, ...(via !== null && { via }) }));
}
