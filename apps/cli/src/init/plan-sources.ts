// From what lies in a folder to the sources of a recipe: one for each kind of material, since policies go by kind, each with
// the importer `folder` over its endings. The largest takes what is not named, so that files that come later are read too.

import type { Recipe } from '@gristmill/corpus';
import type { SourceKind } from '@gristmill/core';
import {
  fieldOptions,
  isRecords,
  medianLength,
  type FolderReport,
  type FoundFile,
} from './inspect-folder.ts';
import { median, type GuessedFields } from './guess-fields.ts';
import { bySchema, isSilentFile, isWithoutText } from './record-schemas.ts';
import { escapeGlob, globs } from './source-globs.ts';

export type Source = Recipe['sources'][number];

export interface PlannedSource {
  readonly source: Source;
  /** Lines for people: what it holds. */
  readonly remarks: readonly string[];
  /** As far as can be told. */
  readonly documents: number;
}

export interface Plan {
  readonly sources: readonly PlannedSource[];
  /** Kinds of file that no source reads, with a reason. */
  readonly leftOut: readonly string[];
}

/** Style sheets, scripts and what else a page brings along that nobody reads as text. */
const pageParts = /^\.(?:css|scss|less|js|mjs|cjs|map|svg|wasm|ico|woff2?)$/i;
const shortText = 600;

interface Group {
  readonly name: string;
  readonly kind: SourceKind;
  readonly files: FoundFile[];
  readonly fields?: GuessedFields;
}

/** Records in which no text was found, where other files have one. */
const isSilent = (group: Group, groups: readonly Group[]): boolean =>
  isWithoutText(group) && groups.some((other) => !isWithoutText(other));

/** @param ignored globs of what is no source */
export function planSources(report: FolderReport, root: string, ignored: readonly string[] = []): Plan {
  const known = report.files.filter(({ kind }) => kind !== undefined);
  const byEnding = Map.groupBy(known, ({ ending }) => ending);
  const left = [...byEnding].flatMap(([ending, files]) => leftOutOf(ending, files, known));
  const leftEndings = new Set(left.map(({ ending }) => ending));
  const all = groupFiles(
    report,
    [...byEnding].filter(([ending]) => !leftEndings.has(ending)),
  );
  const silent = all.filter((group) => isSilent(group, all));
  const groups = uniqueNames(all.filter((group) => !silent.includes(group)));
  const rest = groups.find(takesRest(groups));
  const globsOf = (group: Group) => globs(group, [...groups, ...silent]);
  const sources = groups.map((group) => {
    const exclude = [
      ...[...groups, ...silent].filter((other) => other !== group).flatMap(globsOf),
      ...[...leftEndings].map((ending) => `**/*${escapeGlob(ending)}`),
      ...ignored,
    ];
    const files =
      group === rest
        ? exclude.length > 0
          ? { exclude }
          : undefined
        : { include: globsOf(group), ...(ignored.length > 0 && { exclude: [...ignored] }) };
    const options = group.fields ? fieldOptions(group.fields) : {};
    const source: Source = {
      name: group.name,
      kind: group.kind,
      import: {
        module: '@gristmill/import',
        export: 'folderImporter',
        ...(Object.keys(options).length > 0 && { options: options as NonNullable<Source['where']> }),
      },
      ...(files && { files }),
      where: { root },
    };
    return { source, remarks: remarksOf(group, report), documents: documentsOf(group, report) };
  });
  return { sources, leftOut: [...left.map(({ reason }) => reason), ...silent.map(spellSilent)] };
}

function spellSilent({ files, fields }: Group): string {
  const [{ path }] = files;
  const which = files.length === 1 ? path : `${count(files.length, 'file')} such as ${path}`;
  return `${which} (records without a text; fields: ${fields?.names.slice(0, 8).join(', ') || 'none'})`;
}

function leftOutOf(ending: string, files: readonly FoundFile[], all: readonly FoundFile[]) {
  const reasons = new Set(files.map((file) => reasonOf(file, files, all)));
  if (ending === '' || reasons.has(undefined)) return [];
  return [{ ending, reason: `${count(files.length, 'file')} ${ending} (${[...reasons].join(', ')})` }];
}

/** Why a file gives no document that anybody wants; undefined when it may. */
function reasonOf(
  { kind, detail, ending, fields }: FoundFile,
  own: readonly FoundFile[],
  all: readonly FoundFile[],
): string | undefined {
  if (kind === 'unsupported') return detail ?? 'no text that is read';
  if (kind === 'empty' || kind === 'dataset-card') return kind.replace('-', ' ');
  if (pageParts.test(ending) && own.length * 2 < all.length) return 'parts of pages';
  if (
    kind === 'json' &&
    isWithoutText({ fields }) &&
    all.some((file) => !isSilentFile(file) && file.kind !== 'unsupported')
  )
    return 'JSON without a text';
  return undefined;
}

function groupFiles(report: FolderReport, endings: readonly (readonly [string, FoundFile[]])[]): Group[] {
  const groups = new Map<string, Group>();
  for (const [, files] of endings) {
    for (const part of bySchema(files)) {
      const group = describeGroup(part, report);
      const key = JSON.stringify([group.name, group.kind, group.fields && fieldOptions(group.fields)]);
      const standing = groups.get(key);
      if (standing) standing.files.push(...group.files);
      else groups.set(key, group);
    }
  }
  return [...groups.values()].sort((a, b) => b.files.length - a.files.length);
}

function describeGroup(files: FoundFile[], report: FolderReport): Group {
  const paths = new Set(files.map(({ path }) => path));
  const texts = report.texts.filter(({ path }) => paths.has(path));
  const first = files.find((file) => file.fields)?.fields;
  const lengths = files.flatMap((file) => file.fields?.medianLength || []);
  const fields = first && { ...first, medianLength: median(lengths) };
  const kinds = Map.groupBy(files, ({ kind }) => kind);
  const [kind] = [...kinds].sort((a, b) => b[1].length - a[1].length)[0];
  if (isRecords(kind) && fields) {
    const isShort = fields.medianLength < shortText;
    const sourceKind = isShort ? 'post' : fields.others.urlField === undefined ? 'article' : 'web';
    return { name: 'records', kind: sourceKind, files, fields };
  }
  if (kind === 'epub' || kind === 'text-book') return { name: 'books', kind: 'book', files };
  if (kind === 'feed') return { name: 'feeds', kind: 'post', files };
  const pages = texts.filter((text) => text.kind === 'html' || text.kind === 'xhtml');
  if (kind === 'warc' || pages.length * 2 > texts.length) return { name: 'pages', kind: 'web', files };
  return { name: 'documents', kind: 'article', files };
}

function uniqueNames(groups: readonly Group[]): Group[] {
  const seen = new Map<string, number>();
  return groups.map((group) => {
    const times = (seen.get(group.name) ?? 0) + 1;
    seen.set(group.name, times);
    return times === 1 ? group : { ...group, name: `${group.name}-${times}` };
  });
}

/** Without an ending there is no glob for it: that group takes what no other one names; else the largest that is no table. */
function takesRest(groups: readonly Group[]): (group: Group) => boolean {
  const nameless = groups.find(({ files }) => files.some(({ ending }) => ending === ''));
  const first = nameless ?? groups.find(({ fields }) => fields === undefined) ?? groups[0];
  return (group) => group === first;
}

/** Records by their length in the sample, other files by their number: enough to choose partitions and a split by. */
function documentsOf({ files, fields }: Group, { texts }: FolderReport): number {
  if (fields) {
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return Math.ceil(bytes / (fields.medianLength + 50));
  }
  const paths = new Set(files.map(({ path }) => path));
  const sampled = texts.filter(({ path }) => paths.has(path));
  const each = sampled.length / Math.max(1, new Set(sampled.map(({ path }) => path)).size);
  return Math.ceil(files.length * Math.max(1, each));
}

function remarksOf({ files, fields }: Group, report: FolderReport): string[] {
  const kinds = Map.groupBy(
    files,
    ({ kind, ending }) => `${kind === 'file' ? '' : `${kind} `}${ending || 'no ending'}`,
  );
  const spelled = [...kinds]
    .sort((a, b) => b[1].length - a[1].length)
    .map(([kind, own]) => `${own.length} ${kind.trim()}`);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const paths = new Set(files.map(({ path }) => path));
  const length = fields?.medianLength || medianLength(report.texts.filter(({ path }) => paths.has(path)));
  const size = `${report.isSampled ? 'of a sample: ' : ''}${spelled.slice(0, 8).join(', ')}; ${megabytes(bytes)}`;
  const lines = [`${size}; a text has about ${length.toLocaleString('en')} characters.`];
  if (fields)
    lines.push(
      `Fields seen: ${fields.names.slice(0, 15).join(', ')}. The text is guessed by name, then by length.`,
    );
  return lines;
}

export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

export function megabytes(bytes: number): string {
  return bytes < 1e5 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
