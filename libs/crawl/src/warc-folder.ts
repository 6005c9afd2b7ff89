// The WARC files of a crawl: appended record by record, each its own gzip member, a new file beyond a size. What the
// fetch log does not know was written in the moment of a crash and is cut off.

import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { encodeRecord, formatInfo, type NewRecord } from '@gristmill/warc';
import type { WarcPosition } from './fetch-log.ts';

export interface WarcFolder extends AsyncDisposable {
  /** Appends the records one after the other; the position is the first one's. */
  append(records: readonly NewRecord[]): Promise<WarcPosition>;
  /** What was appended is on the disk. */
  sync(): Promise<void>;
}

const fileBytes = 1024 * 1024 * 1024;
const nameOf = (number: number): string => `crawl-${String(number).padStart(5, '0')}.warc.gz`;

/** Where the last record that the log names ends in a file. */
export function archiveEnd(db: DatabaseSync, file: string): number {
  const row = db
    .prepare('SELECT offset + length AS bytes FROM fetches WHERE file = ? ORDER BY offset DESC LIMIT 1')
    .get(file) as { bytes: number } | undefined;
  return row?.bytes ?? 0;
}

/**
 * Opens the folder for appending after the records that the log names.
 *
 * @param endOf where the log's last record in a file ends
 * @param info becomes each file's warcinfo record
 */
export async function openWarcFolder(
  folder: string,
  endOf: (file: string) => number,
  info: { date: string; fields: readonly (readonly [string, string])[] },
): Promise<WarcFolder> {
  const files = (await readdir(folder)).filter((name) => /^crawl-\d{5,}\.warc\.gz$/.test(name)).sort();
  let number = Math.max(0, files.length - 1);
  let end = endOf(nameOf(number));
  let handle = await openAt(number, end);

  async function openAt(which: number, length: number): Promise<FileHandle> {
    const opened = await open(join(folder, nameOf(which)), 'a');
    await opened.truncate(length);
    // A new file's name is on the disk before anything counts on it.
    if (length === 0) await syncFolder(folder);
    return opened;
  }

  return {
    async append(records) {
      if (end > fileBytes) {
        await handle.datasync();
        await handle.close();
        handle = await openAt(++number, (end = 0));
      }
      const head = end === 0 ? [encodeRecord(infoRecord(nameOf(number), info))] : [];
      const members = records.map(encodeRecord);
      const bytes = Buffer.concat([...head, ...members]);
      await handle.appendFile(bytes);
      const offset = end + (head[0]?.length ?? 0);
      end += bytes.length;
      return { file: nameOf(number), offset, length: end - offset };
    },
    sync: () => handle.datasync(),
    async [Symbol.asyncDispose]() {
      await handle.sync();
      await handle.close();
    },
  };
}

export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder);
  await handle.sync();
}

function infoRecord(
  filename: string,
  { date, fields }: { date: string; fields: readonly (readonly [string, string])[] },
): NewRecord {
  return { type: 'warcinfo', date, block: formatInfo(fields), fields: [['WARC-Filename', filename]] };
}
