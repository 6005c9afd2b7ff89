// Large files of records by stretches: JSON lines and CSV by lines, after a pass over the bytes that finds where records
// begin and counts them, so that a record's position is what it is in the whole; Parquet by row groups. What is not as the
// formats say it (quotes inside plain cells, lines of other charsets) is read in one piece.

import { openParquet } from '@gristmill/shards';
import { chunkBytes, type Content, type OpenContent } from './content.ts';
import type { RecordFormat } from './record-values.ts';
import { textCharset } from './text-stream.ts';

/** Bytes of a file, or row groups of a table; the position of its first record. */
export interface RecordStretch {
  readonly unit: 'bytes' | 'groups';
  readonly from: number;
  readonly to: number;
  readonly first: number;
  /** Bytes of the line of a table that names its columns. */
  readonly head: number;
}

/** Undefined where it is read in one piece. */
export async function splitRecords(
  content: Content,
  format: RecordFormat | undefined,
  { bytes, delimiter }: { bytes: number; delimiter: string },
): Promise<readonly RecordStretch[] | undefined> {
  if (format === 'parquet') return splitTable(content, bytes);
  if (format !== 'jsonl' && format !== 'csv') return undefined;
  if ((await textCharset(content)) !== 'utf-8') return undefined;
  await using source = await content.open();
  return await (format === 'jsonl' ? splitLines(source, bytes) : splitRows(source, bytes, delimiter));
}

async function splitTable(content: Content, bytes: number): Promise<readonly RecordStretch[] | undefined> {
  await using source = await content.open();
  const groups = (await openParquet(source))?.groups ?? [];
  const stretches: RecordStretch[] = [];
  let [from, first, rows, size] = [0, 0, 0, 0];
  groups.forEach((group, index) => {
    rows += group.rows;
    size += group.bytes;
    if (size < bytes && index + 1 < groups.length) return;
    stretches.push({ unit: 'groups', from, to: index + 1, first, head: 0 });
    [from, first, rows, size] = [index + 1, first + rows, 0, 0];
  });
  return stretches.length > 1 ? stretches : undefined;
}

const [lineFeed, carriageReturn, quote] = [10, 13, 34];
/** NULs are left out of texts; commas alone are no record. */
const isBlank = Array.from(
  { length: 128 },
  (_, byte) => byte === 0 || /[\s,]/.test(String.fromCharCode(byte)),
);

/** A line counts where it holds more than blanks and commas, as when it is read. */
async function splitLines(source: OpenContent, bytes: number): Promise<readonly RecordStretch[] | undefined> {
  const cutter = createCutter(bytes, 0);
  let hasWords = false;
  for (let at = 0; at < source.size; at += chunkBytes) {
    const chunk = Buffer.from(await source.read(at, Math.min(chunkBytes, source.size - at)));
    for (let from = 0; from < chunk.length;) {
      const end = chunk.indexOf(lineFeed, from);
      const to = end < 0 ? chunk.length : end;
      for (let i = from; i < to && !hasWords; i++) {
        // What is beyond ASCII may be a blank, too: nobody writes such lines, and nobody counts them here.
        if (chunk[i] > 0x7f) return undefined;
        hasWords = !isBlank[chunk[i]];
      }
      from = to + 1;
      if (end < 0) continue;
      cutter.record(at + end + 1, hasWords);
      hasWords = false;
    }
  }
  return cutter.end(source.size);
}

/** By the grammar of RFC 4180; undefined for what does not follow it. */
async function splitRows(
  source: OpenContent,
  bytes: number,
  delimiter: string,
): Promise<readonly RecordStretch[] | undefined> {
  if (delimiter.length !== 1) return undefined;
  const mark = delimiter.charCodeAt(0);
  let cutter: ReturnType<typeof createCutter> | undefined;
  // Of a cell: its beginning, plain, quoted, behind a quote that may have ended it.
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  let isEmpty = true;
  for (let at = 0; at < source.size; at += chunkBytes) {
    const chunk = Buffer.from(await source.read(at, Math.min(chunkBytes, source.size - at)));
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      if (state === 'quoted') {
        const next = chunk.indexOf(quote, i);
        i = next < 0 ? chunk.length : next;
        if (next >= 0) state = 'closed';
      } else if (byte === lineFeed) {
        const end = at + i + 1;
        if (cutter) cutter.record(end, !isEmpty);
        else if (isEmpty) return undefined;
        else cutter = createCutter(bytes, end);
        [state, isEmpty] = ['start', true];
      } else if (byte === quote) {
        if (state === 'plain') return undefined;
        [state, isEmpty] = ['quoted', false];
      } else if (byte === mark) [state, isEmpty] = ['start', false];
      else if (byte === carriageReturn) {
        // It ends a line only before a line feed, and is nowhere else.
        if (i + 1 < chunk.length && chunk[i + 1] !== lineFeed) return undefined;
      } else if (state === 'closed') return undefined;
      else if (state === 'start') [state, isEmpty] = ['plain', false];
    }
  }
  return state === 'quoted' ? undefined : cutter?.end(source.size);
}

/** Cuts where a record ends and the stretch is long enough. */
function createCutter(bytes: number, head: number) {
  const stretches: RecordStretch[] = [];
  let [from, first, count] = [head, 0, 0];
  const cut = (to: number): void => {
    stretches.push({ unit: 'bytes', from, to, first, head });
    [from, first] = [to, count];
  };
  return {
    /** @param isCounted false for a line that is none */
    record(end: number, isCounted: boolean): void {
      if (isCounted) count++;
      // A stretch without a record would be a file without one.
      if (end - from >= bytes && count > first) cut(end);
    },
    end(size: number): readonly RecordStretch[] | undefined {
      if (size > from) cut(size);
      // What is left may be blanks alone: it goes to the one before it.
      const last = stretches.at(-1);
      if (last && last.first === count && stretches.length > 1) {
        stretches.pop();
        stretches.push({ ...stretches.pop()!, to: size });
      }
      return stretches.length > 1 ? stretches : undefined;
    },
  };
}

/** The bytes of a stretch, behind the line that names the columns. */
export function stretchContent(content: Content, { from, to, head }: RecordStretch): Content {
  const pieces = [
    [0, head],
    [from, to],
  ] as const;
  return {
    async *chunks() {
      await using source = await content.open();
      for (const [start, end] of pieces)
        for (let at = start; at < end; at += chunkBytes)
          yield await source.read(at, Math.min(chunkBytes, end - at));
    },
    open: () => Promise.reject(new Error('a stretch is read from front to back')),
  };
}
