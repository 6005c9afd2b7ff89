// Looks at a folder as the importer `folder` would open it: every file's kind by its content (an even sample of very many),
// then a few documents of each kind for their languages and lengths. It writes nothing.

import { stat } from 'node:fs/promises';
import { extname, matchesGlob } from 'node:path';
import { DataError, type Json } from '@gristmill/core';
import { detectLanguage } from '@gristmill/detect';
import { extractDocument } from '@gristmill/extract';
import { fileContent, openItems, readRecords, sniffContent, unpack } from '@gristmill/import';
import { listFiles, locateFile } from '@gristmill/storage';
import { guessFieldsWithin, median, mostRecords, type GuessedFields } from './guess-fields.ts';

export interface FoundFile {
  /** Below the folder, forward slashes. */
  readonly path: string;
  readonly bytes: number;
  /** With the dot, as written; '' where there is none. Of `a.jsonl.gz`: `.jsonl.gz`. */
  readonly ending: string;
  /** As `sniffContent` names it; `unreadable`; undefined where it is not among the sample. */
  readonly kind?: string;
  readonly detail?: string;
  /** Of records. */
  readonly fields?: GuessedFields;
}

export interface SampledText {
  readonly path: string;
  /** As extract names it. */
  readonly kind: string;
  readonly length: number;
  readonly language?: string;
}

export interface FolderReport {
  readonly files: readonly FoundFile[];
  readonly isSampled: boolean;
  readonly texts: readonly SampledText[];
}

const mostFiles = 3000;
const sampledFiles = 10;
const sampledItems = 12;

/**
 * @param ignored globs of what is no source
 * @throws DataError when there is no folder or no file
 */
export async function inspectFolder(folder: string, ignored: readonly string[] = []): Promise<FolderReport> {
  const all = (await findFiles(folder)).filter(
    ({ path }) => !ignored.some((glob) => matchesGlob(path, glob)),
  );
  if (all.length === 0)
    throw new DataError(
      'empty-folder',
      `there are no files in ${folder}`,
      'name a folder with files; hidden ones do not count',
    );
  const step = Math.max(1, Math.ceil(all.length / mostFiles));
  const files: FoundFile[] = [];
  for (const [index, file] of all.entries())
    files.push(
      index % step === 0 ? { ...file, ...(await look(locateFile(folder, file.path), file.path)) } : file,
    );
  return { files, isSampled: step > 1, texts: await sampleTexts(folder, files) };
}

async function findFiles(folder: string): Promise<FoundFile[]> {
  const paths = await listFiles(folder).catch((cause: unknown) => {
    throw new DataError('no-folder', `${folder} cannot be read`, 'give a folder that exists', { cause });
  });
  const files: FoundFile[] = [];
  for (const path of paths) {
    if (path.split('/').some((part) => part.startsWith('.'))) continue;
    const found = await stat(locateFile(folder, path)).catch(() => undefined);
    if (found?.isFile()) files.push({ path, bytes: found.size, ending: endingOf(path) });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** @example endingOf('a/b.jsonl.gz') // '.jsonl.gz' */
export function endingOf(path: string): string {
  const last = extname(path);
  if (!/^\.(?:gz|bz2|xz|zst)$/i.test(last)) return last;
  return extname(path.slice(0, -last.length)) + last;
}

async function look(location: string | Buffer, path: string): Promise<Partial<FoundFile>> {
  try {
    const unpacked = await unpack(fileContent(location), path);
    if (unpacked.head.length === 0) return { kind: 'empty' };
    const { kind, detail } = await sniffContent(unpacked);
    if (!isRecords(kind)) return { kind, detail };
    const values: Json[] = [];
    for await (const { value } of readRecords(unpacked.content, kind, {})) {
      if (value !== undefined) values.push(value);
      if (values.length >= mostRecords) break;
    }
    return { kind, fields: guessFieldsWithin(values) };
  } catch {
    return { kind: 'unreadable' };
  }
}

const recordKinds = ['json', 'jsonl', 'csv', 'parquet', 'arrow'] as const;
type RecordKind = (typeof recordKinds)[number];

export const isRecords = (kind: string | undefined): kind is RecordKind =>
  (recordKinds as readonly (string | undefined)[]).includes(kind);

/** A few documents of a few files of each kind and ending, spread over the folder. */
async function sampleTexts(folder: string, files: readonly FoundFile[]): Promise<SampledText[]> {
  const groups = Map.groupBy(
    files.filter(({ kind }) => kind !== undefined && !['unsupported', 'unreadable', 'empty'].includes(kind)),
    ({ kind, ending }) => `${kind}\n${ending}`,
  );
  const texts: SampledText[] = [];
  for (const group of groups.values()) {
    const step = Math.max(1, Math.floor(group.length / sampledFiles));
    for (let at = 0; at < group.length && at < sampledFiles * step; at += step)
      texts.push(...(await textsOf(locateFile(folder, group[at].path), group[at])));
  }
  return texts;
}

async function textsOf(location: string | Buffer, { path, fields }: FoundFile): Promise<SampledText[]> {
  const texts: SampledText[] = [];
  const options = fields ? fieldOptions(fields) : {};
  let items = 0;
  for await (const item of openItems(fileContent(location), {
    source: { name: 'x', kind: 'web' },
    path,
    options,
  })) {
    if (++items > sampledItems) break;
    if (item.verdict) continue;
    const { bytes, mediaType, charset, source } = item;
    const result = await extractDocument({ bytes, mediaType, charset, path: source.item ?? path });
    if ('verdict' in result) continue;
    const { language } = detectLanguage(result.text.slice(0, 20_000));
    texts.push({
      path,
      kind: result.kind,
      length: result.text.length,
      ...(language !== undefined && { language }),
    });
  }
  return texts;
}

/** What a recipe says to the importer about these fields. */
export function fieldOptions({
  textField,
  messagesField,
  items,
  others,
  isHtml,
}: GuessedFields): Record<string, Json> {
  return {
    ...(textField !== undefined && { textField }),
    ...(messagesField !== undefined && { messagesField }),
    ...(items !== undefined && { items }),
    ...others,
    ...(isHtml && { html: true }),
  };
}

/** Languages by their share of the sampled texts, most frequent first; `unknown` for none. */
export function languageShares(texts: readonly SampledText[]): [language: string, share: number][] {
  const counts = new Map<string, number>();
  for (const { language = 'unknown' } of texts) counts.set(language, (counts.get(language) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([name, count]) => [name, count / texts.length]);
}

export const medianLength = (texts: readonly SampledText[]): number =>
  median(texts.map(({ length }) => length));
