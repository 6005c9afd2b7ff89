// Known URLs and their hosts, in the crawl's database. A URL is found by its host and a hash, so that the links of one page
// lie near each other; how many of a host wait is kept beside the host, so that opening looks at no URL.

import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { urlState } from './database.ts';

/** What is read for its links alone. */
export type ListKind = 'sitemap' | 'feed';

export const listKinds: ReadonlySet<unknown> = new Set<ListKind>(['sitemap', 'feed']);

export interface NewUrl {
  /** Canonical URL. */
  readonly url: string;
  /** Links from the nearest seed. */
  readonly depth: number;
  /** Redirects that led here, from the URL that was linked. */
  readonly hops?: number;
  readonly kind?: ListKind;
  /** Row of the URL that leads here. */
  readonly via?: number;
  /** When a sitemap says that it changed last, in milliseconds since 1970. */
  readonly changedAt?: number;
}

export interface KnownUrl {
  readonly id: number;
  readonly host: number;
  readonly state: number;
  /** The fetch that holds what is there. */
  readonly revision: number | null;
}

export interface WaitingUrl extends NewUrl {
  readonly id: number;
  readonly host: number;
}

export interface HostRow {
  readonly id: number;
  readonly host: string;
  readonly waiting: number;
}

export interface UrlTable {
  /** The new row; undefined when the URL is known. */
  add(url: NewUrl): { readonly id: number; readonly host: number } | undefined;
  find(url: string): KnownUrl | undefined;
  urlOf(id: number): string | undefined;
  /** The row of a file of a host, made when missing: apart from the page of the same address. */
  hostFile(url: string, kind: string): number;
  /** The first that waits of a host, behind a place in the order of depth and age. */
  nextOf(host: number, behind: { readonly depth: number; readonly id: number }): WaitingUrl | undefined;
  setState(known: KnownUrl, state: number, revision: number | null): void;
  /** What was thought a document is read for its links alone. */
  setKind(id: number, kind: ListKind): void;
  /** Those of which URLs wait. */
  hosts(): Iterable<HostRow>;
  hostOf(url: string): number;
  /** Writes the numbers that changed; before each commit. */
  flush(): void;
}

const keptHosts = 20_000;

export function createUrlTable(db: DatabaseSync, totals: Totals): UrlTable {
  const find = db.prepare(
    'SELECT id, host, state, revision FROM urls WHERE host = ? AND hash = ? AND url = ? AND (state = 3) = ?',
  );
  const byId = db.prepare('SELECT url FROM urls WHERE id = ?');
  const insert = db.prepare(
    'INSERT INTO urls (host, hash, url, depth, hops, via, kind, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const next = db.prepare(
    `SELECT id, host, url, depth, hops, kind, via FROM urls
     WHERE state = 0 AND host = ? AND (depth, id) > (?, ?) ORDER BY depth, id LIMIT 1`,
  );
  const change = db.prepare('UPDATE urls SET state = ?, revision = ? WHERE id = ?');
  const changeKind = db.prepare('UPDATE urls SET kind = ? WHERE id = ? AND kind IS NULL');
  const findHost = db.prepare('SELECT id FROM hosts WHERE host = ?');
  const insertHost = db.prepare('INSERT INTO hosts (host) VALUES (?)');
  const addWaiting = db.prepare('UPDATE hosts SET waiting = waiting + ? WHERE id = ?');
  const hostIds = new LRUCache<string, number>({ max: keptHosts });
  const deltas = new Map<number, number>();

  const count = (host: number, change: number): void =>
    void deltas.set(host, (deltas.get(host) ?? 0) + change);

  function hostOf(url: string): number {
    const { host } = new URL(url);
    let id = hostIds.get(host) ?? (findHost.get(host)?.id as number | undefined);
    if (id === undefined) id = Number(insertHost.run(host).lastInsertRowid);
    hostIds.set(host, id);
    return id;
  }

  const lookUp = (host: number, url: string, isFile: boolean): KnownUrl | undefined =>
    find.get(host, hashOf(url), url, Number(isFile)) as KnownUrl | undefined;

  return {
    add({ url, depth, hops = 0, kind, via }) {
      const host = hostOf(url);
      if (lookUp(host, url, false)) return undefined;
      const row = insert.run(
        host,
        hashOf(url),
        url,
        depth,
        hops,
        via ?? null,
        kind ?? null,
        urlState.waiting,
      );
      count(host, 1);
      totals.add('known', 1);
      return { id: Number(row.lastInsertRowid), host };
    },
    find: (url) => lookUp(hostOf(url), url, false),
    urlOf: (id) => (byId.get(id) as { url: string } | undefined)?.url,
    hostFile(url, kind) {
      const host = hostOf(url);
      const known = lookUp(host, url, true);
      if (known) return known.id;
      const row = insert.run(host, hashOf(url), url, 0, 0, null, kind, urlState.hostFile);
      return Number(row.lastInsertRowid);
    },
    nextOf(host, { depth, id }) {
      const row = next.get(host, depth, id) as (Omit<WaitingUrl, 'kind' | 'via'> & Nullable) | undefined;
      if (!row) return undefined;
      const { kind, via, ...rest } = row;
      return {
        ...rest,
        ...(listKinds.has(kind) && { kind: kind as ListKind }),
        ...(via !== null && { via }),
      };
    },
    setState(known, state, revision) {
      change.run(state, revision, known.id);
      const waits = Number(state === urlState.waiting) - Number(known.state === urlState.waiting);
      if (waits !== 0) count(known.host, waits);
    },
    setKind: (id, kind) => void changeKind.run(kind, id),
    hosts: () =>
      db
        .prepare('SELECT id, host, waiting FROM hosts WHERE waiting > 0 ORDER BY id')
        .iterate() as unknown as Iterable<HostRow>,
    hostOf,
    flush() {
      for (const [host, change] of deltas) if (change !== 0) addWaiting.run(change, host);
      deltas.clear();
    },
  };
}

interface Nullable {
  readonly kind: string | null;
  readonly via: number | null;
}

/** 32 bits: URLs of one host that share it are told apart by their text. */
function hashOf(url: string): number {
  return hash('sha256', url, 'buffer').readUInt32BE(0);
}

export interface Totals {
  of(name: string): number;
  add(name: string, change: number): void;
  flush(): void;
}

/** Counts that nobody wants to wait for. */
export function createTotals(db: DatabaseSync): Totals {
  const write = db.prepare(
    'INSERT INTO totals VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value',
  );
  const rows = db.prepare('SELECT name, value FROM totals').all() as { name: string; value: number }[];
  const values = new Map(rows.map(({ name, value }) => [name, value]));
  const changes = new Map<string, number>();
  return {
    of: (name) => values.get(name) ?? 0,
    add(name, change) {
      values.set(name, (values.get(name) ?? 0) + change);
      changes.set(name, (changes.get(name) ?? 0) + change);
    },
    flush() {
      for (const [name, change] of changes) write.run(name, change);
      changes.clear();
    },
  };
}
