// The WARC files of a crawl: appended exchange by exchange, each record its own gzip member, a new file beyond a size. What the
// fetch log does not know was written in the moment of a crash and is cut off.

import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import {
  encodeExchanges,
  encodeRecord,
  formatInfo,
  recordId,
  type EncodedExchanges,
  type Exchange,
  type NewRecord,
} from '@gristmill/warc';
import type { WarcPosition } from './fetch-log.ts';

export interface WarcFolder extends AsyncDisposable {
  /** Appends the exchanges one after the other; a position is that of the first record of one, its length that of all. */
  append(exchanges: readonly Exchange[]): Promise<WarcPosition[]>;
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
  encode: (exchanges: readonly Exchange[]) => EncodedExchanges | Promise<EncodedExchanges> = encodeExchanges,
): Promise<WarcFolder> {
  const files = (await readdir(folder)).filter((name) => /^crawl-\d{5,}\.warc\.gz$/.test(name)).sort();
  let number = Math.max(0, files.length - 1);
  let end = endOf(nameOf(number));
  let handle = await openAt(number, end);
  /** The file that has this run's warcinfo record. */
  let saidIn: string | undefined;

  async function openAt(which: number, length: number): Promise<FileHandle> {
    const opened = await open(join(folder, nameOf(which)), 'a');
    await opened.truncate(length);
    // A new file's name is on the disk before anything counts on it.
    if (length === 0) await syncFolder(folder);
    return opened;
  }

  return {
    async append(exchanges) {
      if (end > fileBytes) {
        await handle.datasync();
        await handle.close();
        handle = await openAt(++number, (end = 0));
      }
      const file = nameOf(number);
      const record = infoRecord(file, info);
      const warcinfoId = recordId(record);
      const { bytes, ends } = await encode(exchanges.map((exchange) => ({ ...exchange, warcinfoId })));
      // The same run's record may stand at the head already: a later run's begins anew.
      const head = saidIn === file ? [] : [encodeRecord(record)];
      saidIn = file;
      await handle.appendFile(Buffer.concat([...head, bytes]));
      const from = end + (head[0]?.length ?? 0);
      end = from + bytes.length;
      return ends.map((stop, at) => {
        const start = ends[at - 1] ?? 0;
        return { file, offset: from + start, length: stop - start };
      });
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
