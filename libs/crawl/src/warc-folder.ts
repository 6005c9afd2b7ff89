// The WARC files of a crawl: appended record by record, each its own gzip member, a new file beyond a size. What the
// fetch log does not know was written in the moment of a crash and is cut off.

import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRecord, formatInfo, type NewRecord } from '@gristmill/warc';
import type { FetchLogEntry, WarcPosition } from './fetch-log.ts';

export interface WarcFolder extends AsyncDisposable {
  /** Appends the records one after the other; the position is the first one's. */
  append(records: readonly NewRecord[]): Promise<WarcPosition>;
}

const fileBytes = 1024 * 1024 * 1024;
const nameOf = (number: number): string => `crawl-${String(number).padStart(5, '0')}.warc.gz`;

/** Log entries whose record is there; the others count as not fetched. */
export async function withoutLostRecords(
  folder: string,
  entries: readonly FetchLogEntry[],
): Promise<FetchLogEntry[]> {
  const sizes = new Map<string, number>();
  for (const { warc } of entries) {
    if (warc && !sizes.has(warc.file)) {
      const size = await stat(join(folder, warc.file)).then(
        (found) => found.size,
        () => 0,
      );
      sizes.set(warc.file, size);
    }
  }
  return entries.filter(({ warc }) => !warc || warc.offset + warc.length <= sizes.get(warc.file)!);
}

/** Opens the folder for appending after the records that the log names. `info` becomes each file's warcinfo record. */
export async function openWarcFolder(
  folder: string,
  log: readonly FetchLogEntry[],
  info: { date: string; fields: readonly (readonly [string, string])[] },
): Promise<WarcFolder> {
  const files = (await readdir(folder)).filter((name) => /^crawl-\d{5,}\.warc\.gz$/.test(name)).sort();
  let number = Math.max(0, files.length - 1);
  let end = 0;
  for (const { warc } of log) {
    if (warc?.file === nameOf(number)) end = Math.max(end, warc.offset + warc.length);
  }
  let handle = await openAt(number, end);

  async function openAt(which: number, length: number): Promise<FileHandle> {
    const opened = await open(join(folder, nameOf(which)), 'a');
    await opened.truncate(length);
    return opened;
  }

  return {
    async append(records) {
      if (end > fileBytes) {
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
    async [Symbol.asyncDispose]() {
      await handle.sync();
      await handle.close();
    },
  };
}

function infoRecord(
  filename: string,
  { date, fields }: { date: string; fields: readonly (readonly [string, string])[] },
): NewRecord {
  return { type: 'warcinfo', date, block: formatInfo(fields), fields: [['WARC-Filename', filename]] };
}
