// The recipe of a folder or a site, for `init`, which writes it down, and for `run FOLDER`, which does not.

import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { JsonObject } from '@gristmill/core';
import { folderRecipeName } from '@gristmill/corpus';
import { inspectFolder } from './inspect-folder.ts';
import { inspectSite } from './inspect-site.ts';
import { makeRecipe, type MadeText } from './make-recipe.ts';
import { count, megabytes, planSources, type PlannedSource } from './plan-sources.ts';

export interface InspectedRecipe extends MadeText {
  /** What was found, in lines for people. */
  readonly found: readonly string[];
}

export interface FolderOptions {
  /** Where the recipe lies, or would: roots are relative to it. */
  readonly recipeFolder: string;
  /** Paths that are written and may lie in the folder: they are no sources. */
  readonly outputs: readonly string[];
  readonly command: string;
}

export async function recipeOfFolder(folder: string, options: FolderOptions): Promise<InspectedRecipe> {
  const ignored = options.outputs.flatMap((path) => globsWithin(folder, path));
  const report = await inspectFolder(folder, ignored);
  const root = relativeTo(options.recipeFolder, folder);
  const { sources, leftOut } = planSources(report, root, ignored);
  const bytes = report.files.reduce((sum, file) => sum + file.bytes, 0);
  const documents = sources.reduce((sum, { documents: own }) => sum + own, 0);
  const made = makeRecipe(
    { name: folderRecipeName(folder), sources, leftOut, texts: report.texts, bytes, documents },
    options.command,
  );
  const found = [
    `${count(report.files.length, 'file')}, ${megabytes(bytes)}`,
    ...sources.map(({ source, remarks }) => `source ${source.name} (${source.kind}): ${remarks.join(' ')}`),
    ...(leftOut.length > 0 ? [`left out: ${leftOut.join('; ')}`] : []),
  ];
  return { ...made, found };
}

export async function recipeOfSite(
  url: string,
  { where, command, signal }: { where: JsonObject; command: string; signal: AbortSignal },
): Promise<InspectedRecipe> {
  const { texts, bytes, known } = await inspectSite(url, where, signal);
  const remark = `Its first ${count(texts.length, 'page')} have ${megabytes(bytes)} and link to ${known} more at least.`;
  const source: PlannedSource = {
    source: {
      name: 'pages',
      kind: 'web',
      crawl: { module: '@gristmill/crawl', export: 'webCrawler', options: { seeds: [url], maxPages: 1000 } },
      where: where as NonNullable<PlannedSource['source']['where']>,
    },
    remarks: [
      remark,
      '`maxPages` is a beginning; `gristmill options webCrawler` lists scope, depth and media types.',
    ],
    documents: 1000,
  };
  const name = folderRecipeName(new URL(url).hostname);
  const facts = { name, sources: [source], leftOut: [], texts, bytes: 1e7, documents: 1000 };
  return { ...makeRecipe(facts, command), found: [`source pages (web): ${remark}`] };
}

/** Where the corpus of a folder lies unless it is told: never in the folder itself under its own name. */
export function defaultCorpus(folder: string): string {
  return `${folderRecipeName(folder)}-corpus`;
}

function relativeTo(from: string, folder: string): string {
  const path = relative(resolve(from), resolve(folder)).split(sep).join('/');
  return path === '' ? '.' : isAbsolute(path) || path.startsWith('.') ? path : `./${path}`;
}

function globsWithin(folder: string, path: string): string[] {
  const within = relative(resolve(folder), resolve(path)).split(sep).join('/');
  if (within === '' || within.startsWith('..') || isAbsolute(within)) return [];
  return [within, `${within}/**`];
}
