// Why a source gives nothing, in a sentence: what lies in its folder, what a file of it really is, what fields its
// objects have. Looked at only when a source is empty.

import { open, readdir } from 'node:fs/promises';
import { extname } from 'node:path';
import { nearestName } from '@gristmill/core';
import { locateFile } from '@gristmill/storage';
import type { SourceTally, SourceYield } from './empty-sources.ts';

export interface EmptySource {
  readonly cause: string;
  readonly hint?: string;
}

export async function explainEmpty(found: SourceYield, tally: SourceTally): Promise<EmptySource> {
  const { source, root, files } = found;
  const about = (what: string) => `source ${source.name} gives no document: ${what}`;
  if (tally.items === 0 && source.crawl) return { cause: about('its crawl found nothing') };
  if (files === 0 && !source.crawl)
    return { cause: about(await describeFolder(root, source.files?.include)) };
  if (tally.items === 0)
    return {
      cause: about(`${files === 1 ? 'its file holds' : `its ${amount(files, 'file')} hold`} no item`),
    };
  const reasons = [...tally.reasons].sort(([, a], [, b]) => b - a);
  const shown = reasons.slice(0, 3).map(([reason, items]) => `${reason} ${items.toLocaleString('en-US')}`);
  const fell = `${tally.items === 1 ? 'its item' : `all ${amount(tally.items, 'item')}`} fell at ${tally.step} (${shown.join(', ')})`;
  const file = tally.file === undefined || source.crawl ? undefined : await lookAt(root, tally.file);
  const asked = source.import?.options?.textField;
  return {
    cause: about([fell, file?.sentence].filter((part) => part !== undefined).join('; ')),
    hint: file?.fields && hintOf(asked, file.fields),
  };
}

const amount = (count: number, noun: string) =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

function hintOf(asked: unknown, fields: readonly string[]): string | undefined {
  if (typeof asked !== 'string' || fields.includes(asked.replace(/^\//, ''))) return undefined;
  const near = nearestName(asked, fields);
  return `${near === undefined ? '' : `did you mean ${near}? `}textField is ${JSON.stringify(asked)}, which is none of the fields`;
}

async function describeFolder(root: string, include: readonly string[] | undefined): Promise<string> {
  const entries = await readdir(root, { withFileTypes: true, recursive: true });
  const kinds = new Map<string, number>();
  for (const entry of entries.filter((found) => found.isFile() && !found.name.startsWith('.'))) {
    const kind = extname(entry.name).toLowerCase() || 'without an ending';
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  if (kinds.size === 0) return `there is no file in ${root}`;
  const shown = [...kinds].sort(([, a], [, b]) => b - a).slice(0, 6);
  const counts = shown.map(([kind, count]) => `${count.toLocaleString('en-US')} ${kind}`).join(', ');
  const globs = include === undefined ? 'what is chosen' : include.join(', ');
  return `no file in ${root} matches ${globs}; there are ${counts}`;
}

/** Signatures at the start of a file that an importer may not have expected. */
const signatures: readonly (readonly [string, string])[] = [
  ['1f8b', 'gzip'],
  ['28b52ffd', 'zstd'],
  ['425a68', 'bzip2'],
  ['fd377a585a00', 'xz'],
  ['504b0304', 'a zip archive'],
  ['50415231', 'Parquet'],
  ['25504446', 'PDF'],
  ['4152524f5731', 'Arrow'],
  ['53514c69746520666f726d6174', 'an SQLite database'],
];
const lookedAtBytes = 64 << 10;

/** What a file is, or what fields it has. */
async function lookAt(
  root: string,
  path: string,
): Promise<{ sentence: string; fields?: readonly string[] } | undefined> {
  const head = await readHead(locateFile(root, path)).catch((cause: unknown) =>
    String((cause as Error).message),
  );
  if (typeof head === 'string') return { sentence: `${path} cannot be read: ${head}` };
  if (head.length === 0) return { sentence: `${path} has no bytes` };
  const hex = head.toString('hex', 0, 16);
  const kind = signatures.find(([signature]) => hex.startsWith(signature))?.[1];
  if (kind !== undefined) return { sentence: `${path} is ${kind}` };
  const fields = fieldsOf(head.toString('utf8'), extname(path).toLowerCase());
  if (fields.length === 0) return undefined;
  const shown = fields.slice(0, 12).join(', ');
  return { sentence: `fields seen in ${path}: ${shown}${fields.length > 12 ? ', …' : ''}`, fields };
}

async function readHead(file: string | Buffer): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(lookedAtBytes), 0, lookedAtBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Names of the members of the first objects, or the heading of a table. */
function fieldsOf(text: string, ending: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (ending === '.csv' || ending === '.tsv') {
    const divider = ending === '.tsv' ? '\t' : ',';
    return lines[0].split(divider).map((name) => name.trim().replace(/^"|"$/g, ''));
  }
  const objects = [...lines.slice(0, 20), text].flatMap((line) => parseObject(line));
  return [...new Set(objects.flatMap((object) => Object.keys(object)))];
}

function parseObject(text: string): object[] {
  try {
    const value = JSON.parse(text) as unknown;
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return typeof first === 'object' && first !== null && !Array.isArray(first) ? [first] : [];
  } catch {
    return [];
  }
}
