// What every importer does at its border: reads a file within a limit, names items, turns what cannot be read into an
// item with a verdict, and checks the options of a recipe.

import {
  checkOptions as checkSchema,
  documentId,
  type JsonObject,
  type Metadata,
  type OptionSchema,
  type RawItem,
} from '@gristmill/core';
import type { ImportFile } from '@gristmill/corpus';
import { ContentError } from './content.ts';
import { NameSet } from './name-set.ts';
import { readSaidOfUse, type Told } from './said-of-use.ts';

/** The stretch that is read of a large file. */
export type FileShare = NonNullable<ImportFile['share']>;

/** Where items come from: a file of a source, or what lies in one. */
export interface Place extends Pick<ImportFile, 'source' | 'path' | 'options'> {
  /** Item of the file that holds these items: its name is `within#item`. */
  readonly within?: string;
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
  /** What the container says of its use; what its own text says is read beside it. */
  readonly told?: Told;
}

export function createItem({ source, path, within }: Place, { item, url, told, ...rest }: NewItem): RawItem {
  const full = [within, item].filter((name) => name !== undefined).join('#');
  const origin = { ...source, path, ...(full !== '' && { item: full }) };
  const place = url === undefined ? origin : { ...origin, url };
  const consent = readSaidOfUse({ ...rest, url }, told);
  return { id: documentId(origin), source: place, ...rest, ...(consent && { consent }) };
}

/** An item that keeps its row without bytes. */
export function createVerdict(
  file: Place,
  reason: string,
  { item, detail, ...rest }: { item?: string; detail?: string } & Partial<NewItem> = {},
): RawItem {
  const named = createItem(file, { mediaType: '', ...rest, item, bytes: new Uint8Array() });
  return { ...named, verdict: { stage: 'acquire', reason, ...(detail !== undefined && { detail }) } };
}

/** The verdict of a file, or of the rest of one, that gives nothing. What is no ContentError is thrown on. */
export function failed(file: Place, error: unknown, mediaType = ''): RawItem {
  if (!(error instanceof ContentError)) throw error;
  return createVerdict(file, error.reason, { mediaType, detail: error.detail });
}

/** What belongs together because it lies in one file. */
export function groupOf({ source, path, within }: Place): string {
  return documentId({ name: source.name, path, ...(within !== undefined && { item: within }) });
}

/** Files are padded with NULs, and servers set some between; UTF-16 keeps its own. */
export function withoutNuls(bytes: Buffer): Buffer {
  if (!bytes.includes(0)) return bytes;
  const head = bytes.subarray(0, 65536);
  return isWide(head) || looksWide(head) ? bytes : Buffer.from(bytes.filter((byte) => byte !== 0));
}

function isWide(head: Uint8Array): boolean {
  return (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
}

/** Binary by content: more than a tenth of the first 64 KiB are control characters that no text has. */
export function isBinary(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 65536);
  if (isWide(head) || looksWide(head)) return false;
  let controls = 0;
  for (const byte of head) if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) controls++;
  return controls * 10 > head.length;
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

/** A name that no other item of the file has: the second `x` becomes `x-2`. A stretch's share is told of each. */
export function createNamer(share?: FileShare): (wanted: string) => string {
  const seen = new NameSet();
  /** How often a name was met that was met more than once. */
  const repeats = new Map<string, number>();
  const note = (name: string): number => {
    share?.note(name);
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
