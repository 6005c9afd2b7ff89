// Folders of the first version kept their state as JSON lines: fetch-log.jsonl and frontier.jsonl. They are read into the
// database, once for ever when a crawl goes on, in memory when somebody only reads.

import { createReadStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { DatabaseSync } from 'node:sqlite';
import { DataError, isFileName } from '@gristmill/core';
import { closeDatabase, createDatabase, databaseFile, openDatabase, urlState } from './database.ts';
import type { FetchLogEntry } from './fetch-log.ts';
import { createLogTable, wrongFile } from './log-table.ts';
import { createTotals, createUrlTable, type NewUrl } from './url-table.ts';
import { syncFolder } from './warc-folder.ts';

const oldLog = 'fetch-log.jsonl';
const oldFrontier = 'frontier.jsonl';

/** The state of a folder, whatever its version, for reading. Close it. */
export async function openState(folder: string): Promise<DatabaseSync> {
  const path = join(folder, databaseFile);
  if (await exists(path)) return openDatabase(path);
  const db = createDatabase(':memory:');
  await readOldFolder(folder, db);
  return db;
}

/** Turns a folder of the first version into one of the second; others stay as they are. */
export async function migrateOldFolder(folder: string): Promise<void> {
  const path = join(folder, databaseFile);
  if (!(await exists(path)) && (await exists(join(folder, oldLog)))) {
    const fresh = `${path}.new`;
    for (const name of [fresh, `${fresh}-wal`, `${fresh}-shm`]) await rm(name, { force: true });
    const db = createDatabase(fresh);
    try {
      await readOldFolder(folder, db);
    } finally {
      closeDatabase(db);
    }
    await rename(fresh, path);
    await syncFolder(folder);
  }
  if (await exists(path))
    for (const name of [oldLog, oldFrontier]) await rm(join(folder, name), { force: true });
}

async function readOldFolder(folder: string, db: DatabaseSync): Promise<void> {
  const totals = createTotals(db);
  const urls = createUrlTable(db, totals);
  const log = createLogTable(db, urls, totals);
  db.exec('BEGIN');
  let found = 0;
  for await (const url of readLines<NewUrl>(join(folder, oldFrontier))) {
    found++;
    urls.add(url);
  }
  for await (const { frontier = 0, ...entry } of readLines<FetchLogEntry & { frontier?: number }>(
    join(folder, oldLog),
  )) {
    if (entry.warc && !isFileName(entry.warc.file)) throw wrongFile(entry.warc.file);
    log.insert(entry);
    // A power cut may have kept the line and lost the links that belong to it: then the page is asked for again.
    if (frontier > found && entry.kind === undefined) {
      const known = urls.find(entry.url)!;
      urls.setState(known, urlState.waiting, known.revision);
    }
  }
  urls.flush();
  totals.flush();
  db.exec('COMMIT');
}

type Entry = Pick<NewUrl, 'url' | 'depth'>;

/** Every whole line; a last one that a crash cut is left out. @throws DataError `crawl-log-damaged` */
async function* readLines<T extends Entry>(path: string): AsyncGenerator<T> {
  if (!(await exists(path))) return;
  let number = 0;
  let cut: number | undefined;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    number++;
    if (cut !== undefined) break;
    const value = parseLine<T>(line);
    if (value) yield value;
    else cut = number;
  }
  if (cut === undefined || cut === number) return;
  throw new DataError(
    'crawl-log-damaged',
    `line ${cut} of ${path} is no entry of a crawl`,
    'restore the file from a copy, or crawl into a new folder',
  );
}

function parseLine<T extends Entry>(line: string): T | undefined {
  try {
    const value = JSON.parse(line) as T;
    return URL.canParse(value.url) && Number.isInteger(value.depth) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
