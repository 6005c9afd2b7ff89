// What each host said last in files of its own: kept in the database, so that a crawl of any number of hosts holds few in
// memory, and the next run knows what to ask for.

import type { DatabaseSync } from 'node:sqlite';
import type { HostFileKind } from './host-files.ts';

export interface HostFileRow {
  /** As it was asked for. */
  readonly url: string;
  readonly kind: HostFileKind;
  /** Milliseconds since 1970: the last time it was asked for, whatever came of it. */
  readonly checkedAt: number;
  /** What went wrong then: a failure's code or a status. */
  readonly failure?: string;
  /** Times in a row that it went wrong. */
  readonly tries: number;
  /** Not asked for again before. */
  readonly retryAt: number;
  /** When it last answered: the answer below. */
  readonly fetchedAt?: number;
  readonly status?: number;
  readonly digest?: string;
  /** The file, its encoding undone, where it is there and can be read. */
  readonly body?: Uint8Array;
  readonly etag?: string;
  readonly lastModified?: string;
  /** SHA-1 of the payload as it was transmitted, of the full record in the archive. */
  readonly payload?: string;
  /** WARC-Date of that record. */
  readonly recordedAt?: string;
}

export interface HostFileTable {
  get(url: string): HostFileRow | undefined;
  put(row: HostFileRow): void;
}

const columns = {
  url: 'url',
  kind: 'kind',
  checkedAt: 'checked_at',
  failure: 'failure',
  tries: 'tries',
  retryAt: 'retry_at',
  fetchedAt: 'fetched_at',
  status: 'status',
  digest: 'digest',
  body: 'body',
  etag: 'etag',
  lastModified: 'last_modified',
  payload: 'payload',
  recordedAt: 'recorded_at',
} as const satisfies Record<keyof HostFileRow, string>;

export function createHostFileTable(db: DatabaseSync): HostFileTable {
  const names = Object.values(columns);
  const select = db.prepare(`SELECT ${names.join(', ')} FROM host_files WHERE url = ?`);
  const replace = db.prepare(
    `INSERT OR REPLACE INTO host_files (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
  );
  return {
    get(url) {
      const row = select.get(url);
      if (!row) return undefined;
      const given = Object.entries(columns).filter(([, column]) => row[column] !== null);
      return Object.fromEntries(
        given.map(([field, column]) => [field, row[column]]),
      ) as unknown as HostFileRow;
    },
    put: (row) =>
      void replace.run(...Object.keys(columns).map((field) => row[field as keyof HostFileRow] ?? null)),
  };
}
