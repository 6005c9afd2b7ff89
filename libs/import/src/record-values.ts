// The records of a file in JSON, JSON lines, CSV, Parquet or Arrow, one by one, whatever the file's size. What is wrong
// with one record costs that record.

import { parse as parseCsv } from 'csv-parse';
import type { Json } from '@gristmill/core';
import { openArrow, openParquet } from '@gristmill/shards';
import { ContentError, maxFileBytes, readAll, type Content } from './content.ts';
import { toJson } from './foreign-value.ts';
import { parseJson } from './json-parse.ts';
import { createScanner, pathOf, type JsonPiece } from './json-scanner.ts';
import { mostLineUnits, textLines, textStretches, type Stretch } from './text-stream.ts';

export type RecordFormat = 'json' | 'jsonl' | 'csv' | 'parquet' | 'arrow';

/** A record: its value, or what is wrong with it. `ends`: what follows, or all, cannot be read. */
export interface RecordValue {
  readonly value?: Json;
  readonly reason?: 'empty' | 'bad-json' | 'bad-charset' | 'too-large' | 'damaged' | 'truncated';
  /** The verdict is the file's, not a record's. */
  readonly ends?: boolean;
  /** How many records it stands for; 1 unless told. */
  readonly count?: number;
}

export interface RecordLayout {
  /** JSON Pointer to the array of records; '' = the text itself. */
  readonly items?: string;
  /** The text is one record. */
  readonly whole?: boolean;
  readonly delimiter?: string;
  /** Columns that are wanted of Parquet and Arrow; all unless told. */
  readonly columns?: readonly string[];
  /** It is a stretch: none of its records says nothing of the file. Row groups of Parquet: from the first up to the second. */
  readonly isStretch?: boolean;
  readonly groups?: readonly [from: number, to: number];
}

export function readRecords(
  content: Content,
  format: RecordFormat,
  layout: RecordLayout,
): AsyncGenerator<RecordValue> {
  if (layout.isStretch)
    return format === 'parquet'
      ? parquetRecords(content, layout)
      : textRecords(textStretches(content, 'utf-8'), format, layout);
  if (format === 'parquet') return orNone(parquetRecords(content, layout), 'empty');
  if (format === 'arrow') return orNone(arrowRecords(content, layout), 'empty');
  if (format === 'json' && layout.whole) return orNone(wholeRecord(content));
  return orNone(textRecords(textStretches(content), format, layout));
}

function textRecords(
  stretches: AsyncIterable<Stretch>,
  format: RecordFormat,
  layout: RecordLayout,
): AsyncGenerator<RecordValue> {
  if (format === 'jsonl') return lineRecords(stretches);
  return format === 'csv' ? rowRecords(stretches, layout) : scannedRecords(stretches, layout);
}

/** A text without a record is no file of that kind; a table without one is empty. */
async function* orNone(
  records: AsyncIterable<RecordValue>,
  reason: 'bad-json' | 'empty' = 'bad-json',
): AsyncGenerator<RecordValue> {
  let count = 0;
  for await (const record of records) {
    count++;
    yield record;
  }
  if (count === 0) yield { reason, ends: true };
}

async function* lineRecords(stretches: AsyncIterable<Stretch>): AsyncGenerator<RecordValue> {
  for await (const line of textLines(stretches)) {
    if (line === undefined) yield { reason: 'too-large' };
    else if (/[^\s,]/.test(line.text)) yield parsed(line.text, line.isForeign);
  }
}

/** JSON text sequences (RFC 7464) begin records with a separator, some writers end them with a comma. */
function parsed(text: string, isForeign: boolean): RecordValue {
  const value = parseJson(text.replace(/^[\x1e\uFEFF]/, '')) ?? parseJson(text.replace(/,\s*$/, ''));
  if (value === undefined) return { reason: isForeign ? 'bad-charset' : 'bad-json' };
  return isForeign && isSpoilt(text) ? { value, reason: 'bad-charset' } : { value };
}

/** A broken character or two are borne; a text in a foreign charset is not. */
function isSpoilt(text: string): boolean {
  const broken = text.match(/\ufffd/g)?.length ?? 0;
  return broken > 2 && broken > text.length / 100;
}

/** One quote that is never closed would take the rest of the file. */
const mostRowUnits = mostLineUnits;

/** Rows before a damaged place are given. */
async function* rowRecords(
  stretches: AsyncIterable<Stretch>,
  { delimiter = ',' }: RecordLayout,
): AsyncGenerator<RecordValue> {
  const parser = createRowParser(delimiter);
  for await (const { text } of stretches) {
    yield* parser.push(text);
    if (parser.isDamaged()) break;
  }
  yield* parser.end();
  if (parser.isDamaged()) yield { reason: 'bad-json', ends: true };
}

/** Rows as soon as they are whole; after a damaged place none. */
function createRowParser(delimiter: string) {
  let rows: RecordValue[] = [];
  let isDamaged = false;
  const parser = parseCsv({
    ...{ columns: true, bom: true, delimiter, relax_column_count: true, skip_empty_lines: true },
    ...{ relax_quotes: true, max_record_size: mostRowUnits },
    // Rows are taken here and not from the stream, which would lose those before an error.
    on_record: (row: Readonly<Record<string, string>>) => {
      const isForeign = Object.values(row).some((cell) => isSpoilt(String(cell)));
      rows.push({ value: row, ...(isForeign && { reason: 'bad-charset' }) });
      return null;
    },
  });
  parser.on('error', () => (isDamaged = true));
  parser.resume();
  const take = (): RecordValue[] => {
    const taken = rows;
    rows = [];
    return taken;
  };
  return {
    isDamaged: () => isDamaged,
    async *push(text: string): AsyncGenerator<RecordValue> {
      if (!isDamaged) await new Promise<void>((resolve) => parser.write(text, () => resolve()));
      yield* take();
    },
    async *end(): AsyncGenerator<RecordValue> {
      await new Promise<void>((resolve) => {
        if (isDamaged) return resolve();
        parser.once('end', resolve).once('error', () => resolve());
        parser.end();
      });
      yield* take();
    },
  };
}

async function* wholeRecord(content: Content): AsyncGenerator<RecordValue> {
  await readAll(content, maxFileBytes); // The limit, before the text is held.
  const pieces: string[] = [];
  for await (const { text } of textStretches(content)) pieces.push(text);
  const value = parseJson(pieces.join(''));
  yield value === undefined ? { reason: 'bad-json', ends: true } : { value };
}

async function* scannedRecords(
  stretches: AsyncIterable<Stretch>,
  { items = '' }: RecordLayout,
): AsyncGenerator<RecordValue> {
  const scanner = createScanner(pathOf(items), mostLineUnits);
  let hasStray = false;
  for await (const { text, isForeign } of stretches) {
    for (const piece of scanner.push(text))
      if (isStray(piece)) hasStray = true;
      else yield recordOf(piece, isForeign);
  }
  for (const piece of scanner.end())
    if (isStray(piece)) hasStray = true;
    else yield recordOf(piece, false);
  if (hasStray) yield { reason: 'bad-json', ends: true };
}

/** What stands outside arrays and objects is no record: one verdict tells of all of it. */
function isStray(piece: JsonPiece): boolean {
  return 'text' in piece && piece.isAlone && !/^[[{]/.test(piece.text);
}

function recordOf(piece: JsonPiece, isForeign: boolean): RecordValue {
  if ('text' in piece) return parsed(piece.text, isForeign);
  return piece.reason === 'cut' ? { reason: 'bad-json', ends: true } : { reason: piece.reason };
}

async function* parquetRecords(
  content: Content,
  { columns, groups }: RecordLayout,
): AsyncGenerator<RecordValue> {
  await using source = await content.open();
  const head = Buffer.from(await source.read(0, 4)).toString('latin1');
  if (head === 'PARE') throw new ContentError('encrypted');
  const file = await openParquet(source);
  if (!file) throw new ContentError('damaged', 'parquet');
  for await (const row of file.read(columns, groups)) yield rowOf(row);
}

async function* arrowRecords(content: Content, { columns }: RecordLayout): AsyncGenerator<RecordValue> {
  const file = await openArrow(await readAll(content, 2 ** 31 - 1));
  if (!file) throw new ContentError('damaged', 'arrow');
  for (const row of file.read(columns)) yield rowOf(row);
}

function rowOf(row: { readonly row: object } | { readonly lost: number }): RecordValue {
  return 'lost' in row ? { reason: 'damaged', count: row.lost } : { value: toJson(row.row) };
}
