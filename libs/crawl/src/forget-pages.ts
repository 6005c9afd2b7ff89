// Takes pages out of a crawl's folder for ever: their records become blanks of the same length, so that the positions
// of all others stand, and their lines in the fetch log say no more than that they were forgotten. Each file is replaced
// whole; a forget that was cut off is finished by the next one.

import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { documentId } from '@gristmill/core';
import { encodeRecord } from '@gristmill/warc';
import { readFetchLog, type FetchLogEntry, type WarcPosition } from './fetch-log.ts';
import { rewriteJournal } from './journal.ts';

const logFile = 'fetch-log.jsonl';

/**
 * @param folder a crawl's folder, at which no crawl is at work
 * @param isForgotten told by canonical URL and document id
 * @returns the files that changed
 */
export async function forgetPages(
  folder: string,
  isForgotten: (url: string, id: string) => boolean,
): Promise<string[]> {
  const log = join(folder, logFile);
  const { values: entries } = await readFetchLog(log);
  const covered = (entry: FetchLogEntry): boolean =>
    isForgotten(entry.url, documentId({ name: '', url: entry.url }));
  const forgotten = entries.filter((entry) => covered(entry) && entry.reason !== 'forgotten');
  if (forgotten.length === 0) return [];
  const records = forgotten.flatMap(({ warc, date }) => (warc ? [{ ...warc, date }] : []));
  const changed: string[] = [];
  // The records first: a line that still names its record is found again after a crash.
  for (const [file, positions] of Map.groupBy(records, (record) => record.file)) {
    await blankRecords(join(folder, file), positions);
    changed.push(file);
  }
  await rewriteJournal(
    log,
    entries.map((entry) => (covered(entry) ? strip(entry) : entry)),
  );
  return [...changed.sort(), logFile];
}

function strip({ url, date, depth, frontier, kind }: FetchLogEntry): FetchLogEntry {
  return { url, date, outcome: 'gone', reason: 'forgotten', depth, frontier, kind };
}

async function blankRecords(
  path: string,
  records: readonly (WarcPosition & { date: string })[],
): Promise<void> {
  const bytes = await readFile(path);
  for (const { offset, length, date } of records) bytes.set(blankMember(length, date), offset);
  const temporary = `${path}.forgetting`;
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(bytes);
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
