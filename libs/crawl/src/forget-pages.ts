// Takes pages out of a crawl's folder for ever: their records become blanks of the same length, so that the positions
// of all others stand, and their entries in the fetch log say no more than that they were forgotten. Each WARC file is
// replaced whole; a forget that was cut off is finished by the next one.

import { constants, copyFile, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { documentId } from '@gristmill/core';
import { encodeRecord } from '@gristmill/warc';
import { checkCrawlFormat } from './crawl-format.ts';
import { closeDatabase, createDatabase, databaseFile } from './database.ts';
import type { WarcPosition } from './fetch-log.ts';
import { createLogReader } from './log-table.ts';
import { migrateOldFolder } from './old-folder.ts';

/**
 * @param folder a crawl's folder, at which no crawl is at work
 * @param isForgotten told by canonical URL and document id
 * @returns the files that changed
 */
export async function forgetPages(
  folder: string,
  isForgotten: (url: string, id: string) => boolean,
): Promise<string[]> {
  await checkCrawlFormat(folder);
  await migrateOldFolder(folder);
  const db = createDatabase(join(folder, databaseFile));
  try {
    const forgotten = findForgotten(db, (url) => isForgotten(url, documentId({ name: '', url })));
    if (forgotten.length === 0) return [];
    const changed: string[] = [];
    const records = forgotten.flatMap(({ warc, date }) => (warc ? [{ ...warc, date }] : []));
    // The records first: an entry that still names its record is found again after a crash.
    for (const [file, positions] of Map.groupBy(records, (record) => record.file)) {
      await blankRecords(join(folder, file), positions);
      changed.push(file);
    }
    strip(db, [...new Set(forgotten.map(({ urlId }) => urlId))]);
    return [...changed.sort(), databaseFile];
  } finally {
    closeDatabase(db);
  }
}

function findForgotten(db: DatabaseSync, isForgotten: (url: string) => boolean) {
  const { entriesOf } = createLogReader(db);
  const urls = db.prepare(
    `SELECT id, url FROM urls WHERE EXISTS
       (SELECT 1 FROM fetches WHERE fetches.url = urls.id AND reason IS NOT 'forgotten')`,
  );
  return (urls.all() as { id: number; url: string }[])
    .filter(({ url }) => isForgotten(url))
    .flatMap(({ id }) => entriesOf(id).map((entry) => ({ ...entry, urlId: id })));
}

/** What is deleted is overwritten in the file (`secure_delete`). */
function strip(db: DatabaseSync, urls: readonly number[]): void {
  const kept = new Set(['id', 'url', 'date', 'depth', 'outcome', 'reason']);
  const columns = (db.prepare('PRAGMA table_info(fetches)').all() as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => !kept.has(name));
  const none = columns.map((name) => `${name} = NULL`).join(', ');
  const statements = [
    'DELETE FROM said WHERE fetch IN (SELECT id FROM fetches WHERE url = ?)',
    `UPDATE totals SET value = value - (SELECT coalesce(sum(bytes), 0) FROM fetches WHERE url = ? AND outcome = 'fetched')
       WHERE name = 'bytes'`,
    `UPDATE totals SET value = value - (SELECT revision IS NOT NULL FROM urls WHERE id = ?) WHERE name = 'pages'`,
    `UPDATE fetches SET outcome = 'gone', reason = 'forgotten', ${none} WHERE url = ?`,
    'UPDATE urls SET revision = NULL WHERE id = ?',
  ].map((sql) => db.prepare(sql));
  db.exec('BEGIN');
  for (const url of urls) for (const statement of statements) statement.run(url);
  db.exec('DELETE FROM statements WHERE id NOT IN (SELECT statement FROM said)');
  db.exec('COMMIT');
}

async function blankRecords(
  path: string,
  records: readonly (WarcPosition & { date: string })[],
): Promise<void> {
  const temporary = `${path}.forgetting`;
  await copyFile(path, temporary, constants.COPYFILE_FICLONE);
  const handle = await open(temporary, 'r+');
  try {
    for (const { offset, length, date } of records)
      await handle.write(blankMember(length, date), 0, length, offset);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}

const gzipHeader = 10;
const commentFlag = 0x10;

/** A gzip member of exactly `length` bytes that holds an empty metadata record; its comment fills the space (RFC 1952). */
export function blankMember(length: number, date: string): Uint8Array {
  const record = encodeRecord({ type: 'metadata', date, block: new Uint8Array(0) });
  const padding = length - record.length - 1;
  if (padding < 0) throw new RangeError(`no record of ${length} bytes can be blanked`);
  const member = new Uint8Array(length).fill(0x20);
  member.set(record.subarray(0, gzipHeader));
  member[3] |= commentFlag;
  member[gzipHeader + padding] = 0;
  member.set(record.subarray(gzipHeader), gzipHeader + padding + 1);
  return member;
}
