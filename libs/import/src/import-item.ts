// What every importer does at its border: reads a file within a limit, names items, turns what cannot be read into an
// item with a verdict, and checks the options of a recipe.

import { open } from 'node:fs/promises';
import {
  checkOptions as checkSchema,
  documentId,
  type JsonObject,
  type Metadata,
  type OptionSchema,
  type RawItem,
} from '@gristmill/core';
import type { ImportFile } from '@gristmill/corpus';
import { NameSet } from './name-set.ts';

export const maxFileBytes = 512 * 1024 * 1024;

/** Bytes of the file, or the reason why there are none. */
export async function readImportFile(
  { location }: ImportFile,
  maxBytes = maxFileBytes,
): Promise<Uint8Array | 'empty' | 'too-large' | 'unreadable'> {
  try {
    await using file = await open(location, 'r');
    const stat = await file.stat();
    if (!stat.isFile()) return 'unreadable';
    if (stat.size > maxBytes) return 'too-large';
    return stat.size === 0 ? 'empty' : await file.readFile();
  } catch {
    return 'unreadable';
  }
}

export interface NewItem {
  /** Name inside the file; left out when the file is the item. */
  readonly item?: string;
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly charset?: string;
  readonly group?: string;
  /** Where the text was found; the id does not depend on it, several items may share one. */
  readonly url?: string;
  readonly metadata?: Metadata;
}

export function createItem({ source, path }: ImportFile, { item, url, ...rest }: NewItem): RawItem {
  const origin = { ...source, path, ...(item !== undefined && { item }) };
  const place = url === undefined ? origin : { ...origin, url };
  return { id: documentId(origin), source: place, ...rest };
}

/** An item that keeps its row without bytes. */
export function createVerdict(
  file: ImportFile,
  reason: string,
  { item, detail, ...rest }: { item?: string; detail?: string } & Partial<NewItem> = {},
): RawItem {
  const named = createItem(file, { mediaType: '', ...rest, item, bytes: new Uint8Array() });
  return { ...named, verdict: { stage: 'acquire', reason, ...(detail !== undefined && { detail }) } };
}

/** Binary by content: a NUL byte that no UTF-16 or UTF-32 explains, in the first 64 KiB. */
export function isBinary(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 65536);
  const isWide = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  return !isWide && head.includes(0) && !looksWide(head);
}

/** UTF-16 without a mark: every second byte of Latin text is 0. */
function looksWide(head: Uint8Array): boolean {
  let even = 0;
  let odd = 0;
  head.forEach((byte, index) => {
    if (byte !== 0) return;
    if (index % 2) odd++;
    else even++;
  });
  const half = head.length / 2;
  if (half < 8) return false;
  return (even > half * 0.6 && odd < half * 0.05) || (odd > half * 0.6 && even < half * 0.05);
}

/** A name that no other item of the file has: the second `x` becomes `x-2`. */
export function createNamer(): (wanted: string) => string {
  const seen = new NameSet();
  /** How often a name was met that was met more than once. */
  const repeats = new Map<string, number>();
  const note = (name: string): number => {
    if (seen.add(name)) return 1;
    const count = (repeats.get(name) ?? 1) + 1;
    repeats.set(name, count);
    return count;
  };
  return (wanted) => {
    const count = note(wanted);
    if (count === 1) return wanted;
    const name = `${wanted}-${count}`;
    note(name);
    return name;
  };
}

/** Throws DataError for a name that is not in the schema or a value of another kind. */
export function checkOptions(importer: string, options: JsonObject, schema: OptionSchema): void {
  checkSchema(schema, options, { name: importer });
}

export const defaultsOptions = {
  title: { type: 'string', description: 'Of every item that names none.' },
  author: { type: 'string', description: 'Of every item that names none.' },
  date: { type: 'string', description: 'Of every item that names none, ISO 8601.' },
  language: {
    type: 'string',
    description: 'Declared language of every item that names none; annotate detects its own.',
  },
  licence: { type: 'string', description: 'Of every item that names none: SPDX name or a sentence.' },
  siteName: { type: 'string', description: 'Of every item that names none.' },
} as const satisfies OptionSchema;

/** Facts that a recipe gives for all items of a source; an item's own win. */
export function defaultsOf(options: JsonObject): Metadata {
  const given = Object.keys(defaultsOptions).filter((name) => typeof options[name] === 'string');
  return Object.fromEntries(given.map((name) => [name, options[name]]));
}
