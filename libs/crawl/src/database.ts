// A crawl's state: one SQLite file in its folder. Which tables there are, how the file is opened, and what becomes of
// SQLite's errors. Durability: a transaction is on the disk when it returns (write-ahead log, synchronous = FULL).

import { DatabaseSync } from 'node:sqlite';
import { DataError } from '@gristmill/core';
import { adoptedSchema } from './adopted.ts';
import { trapsSchema } from './discover/trap-table.ts';
import { troublesSchema } from './host-troubles.ts';

export const databaseFile = 'crawl.sqlite';
/** Files that SQLite lays beside it while it is open, or that a crash left. */
export const databaseFiles = [databaseFile, `${databaseFile}-wal`, `${databaseFile}-shm`] as const;

/** `urls.state`. A host file is no document and never waits. */
export const urlState = { waiting: 0, done: 1, failed: 2, hostFile: 3 } as const;

const schema = `
CREATE TABLE hosts (
  id INTEGER PRIMARY KEY,
  host TEXT NOT NULL UNIQUE,
  waiting INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE urls (
  id INTEGER PRIMARY KEY,
  host INTEGER NOT NULL,
  hash INTEGER NOT NULL,
  url TEXT NOT NULL,
  depth INTEGER NOT NULL,
  hops INTEGER NOT NULL DEFAULT 0,
  via INTEGER,
  kind TEXT,
  state INTEGER NOT NULL,
  revision INTEGER
) STRICT;
CREATE INDEX url_by_hash ON urls (host, hash);
CREATE INDEX url_waiting ON urls (host, depth, id) WHERE state = 0;
CREATE INDEX url_failed ON urls (host) WHERE state = 2;
CREATE TABLE fetches (
  id INTEGER PRIMARY KEY,
  url INTEGER NOT NULL,
  date TEXT NOT NULL,
  outcome TEXT NOT NULL,
  status INTEGER,
  reason TEXT,
  location TEXT,
  media_type TEXT,
  charset TEXT,
  etag TEXT,
  last_modified TEXT,
  digest TEXT,
  bytes INTEGER,
  file TEXT,
  offset INTEGER,
  length INTEGER,
  depth INTEGER NOT NULL,
  robots_line INTEGER,
  robots_digest TEXT,
  said INTEGER,
  old_words TEXT
) STRICT;
CREATE INDEX fetch_of_url ON fetches (url);
CREATE INDEX fetch_in_archive ON fetches (file, offset) WHERE file IS NOT NULL;
CREATE TABLE statements (
  id INTEGER PRIMARY KEY,
  hash INTEGER NOT NULL,
  statement TEXT NOT NULL,
  protocol TEXT AS (statement ->> '$.protocol'),
  verdict TEXT AS (statement ->> '$.verdict'),
  place TEXT AS (statement ->> '$.where')
) STRICT;
CREATE INDEX statement_by_hash ON statements (hash);
CREATE TABLE said (
  fetch INTEGER NOT NULL,
  position INTEGER NOT NULL,
  statement INTEGER NOT NULL,
  PRIMARY KEY (fetch, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE host_files (
  url TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  checked_at INTEGER NOT NULL,
  failure TEXT,
  tries INTEGER NOT NULL DEFAULT 0,
  retry_at INTEGER NOT NULL DEFAULT 0,
  fetched_at INTEGER,
  status INTEGER,
  digest TEXT,
  body BLOB,
  etag TEXT,
  last_modified TEXT,
  payload TEXT,
  recorded_at TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE totals (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 2;
`;

/** What SQLite keeps in memory, however large the file is; the system keeps the rest where there is room. */
const cacheKiB = 32 * 1024;
const busyMs = 5_000;

/** Opens or creates it for writing; only the holder of the folder's lease may. */
export function createDatabase(path: string): DatabaseSync {
  return named(path, () => {
    const db = new DatabaseSync(path, { timeout: busyMs });
    db.exec(
      `PRAGMA trusted_schema = OFF; PRAGMA cache_size = -${cacheKiB}; PRAGMA journal_mode = WAL;
       PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA secure_delete = ON; PRAGMA temp_store = FILE;`,
    );
    if (countTables(db) === 0) db.exec(`BEGIN; ${schema} COMMIT;`);
    db.exec(troublesSchema + trapsSchema + adoptedSchema);
    return db;
  });
}

/** For reading beside whoever writes; an empty one where a crawl ended before it began. */
export function openDatabase(path: string): DatabaseSync {
  return named(path, () => {
    const db = new DatabaseSync(path, { readOnly: true, timeout: busyMs });
    db.exec(`PRAGMA trusted_schema = OFF; PRAGMA cache_size = -${cacheKiB}; PRAGMA temp_store = FILE;`);
    if (countTables(db) > 0) return db;
    db.close();
    return createDatabase(':memory:');
  });
}

function countTables(db: DatabaseSync): number {
  return Number(db.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()!.tables);
}

/** Leaves one file that can be read where nothing can be written. */
export function closeDatabase(db: DatabaseSync): void {
  try {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;');
  } catch {
    // Somebody reads it at this moment: the log stays beside it.
  }
  db.close();
}

/** SQLite's result codes that speak of the disk, and those that speak of the file's content. */
const diskCodes = new Set([8, 10, 13, 14]);
const damageCodes = new Set([11, 26]);

/** Runs `work`; SQLite's errors become sentences. @throws DataError `crawl-log-damaged`, `output-unwritable` */
export function named<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const { code, errcode = 0, message } = cause as { code?: string; errcode?: number; message: string };
    if (code !== 'ERR_SQLITE_ERROR') throw cause;
    if (diskCodes.has(errcode & 0xff)) {
      throw new DataError(
        'output-unwritable',
        `${path} cannot be written (${message})`,
        'check space and permissions',
        { cause },
      );
    }
    if (!damageCodes.has(errcode & 0xff) && !/no such (?:table|column)/.test(message)) throw cause;
    throw new DataError(
      'crawl-log-damaged',
      `${path} is no intact database of a crawl (${message})`,
      'restore the file from a copy, or crawl into a new folder',
      { cause },
    );
  }
}
