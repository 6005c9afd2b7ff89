// The values of a file in JSON, JSON lines or CSV, one by one. Lines and rows are streamed whatever the file's size; a JSON
// text is parsed at once where it is short and member by member where it is long.

import { Readable } from 'node:stream';
import { parse as parseCsv } from 'csv-parse';
import type { Json } from '@gristmill/core';
import type { ImportFile } from '@gristmill/corpus';
import { maxFileBytes } from './import-item.ts';
import { readJsonArray } from './json-array.ts';
import { pointTo } from './json-fields.ts';
import { textCharset, textChunks, textLines } from './text-stream.ts';

/** A member: its value, or `bad-member`; or why the file, or the rest of it, gives none. */
export interface JsonMember {
  readonly value?: Json;
  readonly reason?: 'bad-member' | 'empty' | 'unreadable' | 'too-large' | 'bad-json';
}

export interface JsonLayout {
  readonly format?: 'json' | 'jsonl' | 'csv';
  readonly items?: string;
  readonly whole?: boolean;
  readonly delimiter?: string;
}

/** JSON texts above this are parsed member by member: slower, but a member at a time in memory. */
const parsedAtOnce = 1 << 26;

export async function* readJsonFile(file: ImportFile, layout: JsonLayout): AsyncGenerator<JsonMember> {
  const found = await textCharset(file);
  if ('reason' in found) return yield found;
  const format = layout.format ?? formatOf(file.path);
  const chunks = textChunks(file, found.charset);
  if (format === 'jsonl') yield* orNone(lineMembers(chunks));
  else if (format === 'csv') yield* orNone(rowMembers(file, chunks, layout));
  else if (layout.whole || found.bytes <= parsedAtOnce) yield* parsedMembers(chunks, layout, found.bytes);
  else yield* streamedMembers(chunks, layout);
}

function formatOf(path: string): 'json' | 'jsonl' | 'csv' {
  if (/\.(jsonl|ndjson)$/i.test(path)) return 'jsonl';
  return /\.[ct]sv$/i.test(path) ? 'csv' : 'json';
}

/** A file without a member is no file of that kind. */
async function* orNone(members: AsyncIterable<JsonMember>): AsyncGenerator<JsonMember> {
  let count = 0;
  for await (const member of members) {
    count++;
    yield member;
  }
  if (count === 0) yield { reason: 'bad-json' };
}

async function* lineMembers(chunks: AsyncIterable<string>): AsyncGenerator<JsonMember> {
  for await (const line of textLines(chunks))
    if (line === undefined || line.trim() !== '') yield parsed(line);
}

function parsed(text: string | undefined): JsonMember {
  const value = text === undefined ? undefined : parseJson(text);
  return value === undefined ? { reason: 'bad-member' } : { value };
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as Json;
  } catch {
    return undefined;
  }
}

/** One quote that is never closed would take the rest of the file. */
const mostRowUnits = 1 << 28;

/** Rows before a damaged place are given. */
async function* rowMembers(
  { path }: ImportFile,
  chunks: AsyncIterable<string>,
  { delimiter = path.endsWith('.tsv') ? '\t' : ',' }: JsonLayout,
): AsyncGenerator<JsonMember> {
  const options = { columns: true, bom: true, delimiter, relax_column_count: true, skip_empty_lines: true };
  const parser = parseCsv({ ...options, relax_quotes: true, max_record_size: mostRowUnits });
  const source = Readable.from(chunks);
  source.on('error', (error) => parser.destroy(error));
  try {
    for await (const row of source.pipe(parser)) yield { value: row as Json };
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).errno === 'number') throw error;
    yield { reason: 'bad-json' };
  }
}

async function* parsedMembers(
  chunks: AsyncIterable<string>,
  { whole, items }: JsonLayout,
  bytes: number,
): AsyncGenerator<JsonMember> {
  if (bytes > maxFileBytes) return yield { reason: 'too-large' };
  const pieces: string[] = [];
  for await (const chunk of chunks) pieces.push(chunk);
  const value = parseJson(pieces.join(''));
  if (value === undefined) return yield { reason: 'bad-json' };
  if (whole) return yield { value };
  const list = pointTo(value, items ?? '');
  if (list === null || typeof list !== 'object') return yield { reason: 'bad-json' };
  const members = Array.isArray(list) ? (list as Json[]) : [list];
  if (members.length === 0) return yield { reason: 'bad-json' };
  for (const member of members) yield { value: member };
}

/** Members before a damaged place are given. An object that is no list of members is too large to be one document. */
async function* streamedMembers(
  chunks: AsyncIterable<string>,
  { items = '' }: JsonLayout,
): AsyncGenerator<JsonMember> {
  const members = readJsonArray(chunks, items);
  let next = await members.next();
  for (; !next.done; next = await members.next()) yield { value: next.value };
  if (next.value !== 'whole') yield { reason: next.value === 'damaged' ? 'bad-json' : 'too-large' };
}
