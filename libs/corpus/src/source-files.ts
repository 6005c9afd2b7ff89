// What lies in a source's folder now, and what moved since the last run: by size, times and inode, as git does it.
// The record is kept in log/ and is never part of an artefact; without it everything is read again.

import { stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { matchesGlob, resolve } from 'node:path';
import { createRecord, DataError, ownValue } from '@gristmill/core';
import { listFiles, locateFile } from '@gristmill/storage';
import { fileState } from './file-state.ts';
import type { RecipeSource } from './recipe.ts';

/** Path below the root → its `fileState`; empty when the file is too fresh to be trusted. */
export type FileStates = Readonly<Record<string, string>>;

export interface SourceChanges {
  /** New or changed, sorted. */
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** A file that changed within this time before it was looked at could change again without a new time. */
const freshMs = 50n;

/** The absolute root of a local source. */
export function sourceRoot(source: RecipeSource, recipeFolder: string): string {
  const root = source.where?.root;
  if (typeof root !== 'string') {
    throw new DataError(
      'no-source-root',
      `source ${source.name} has no where.root`,
      "say in the recipe where its files lie: where: { root: 'folder' }",
    );
  }
  return resolve(recipeFolder, root);
}

/** Files below `root` that the globs choose, sorted by path, hidden files left out. Waits until none is too fresh. */
export async function listSourceFiles(
  root: string,
  globs: RecipeSource['files'],
  name: string,
): Promise<Record<string, string>> {
  const states = await lookAtFiles(root, globs, name);
  if (!Object.values(states).includes('')) return states;
  await wait(Number(freshMs) + 10);
  return lookAtFiles(root, globs, name);
}

async function lookAtFiles(
  root: string,
  globs: RecipeSource['files'],
  name: string,
): Promise<Record<string, string>> {
  const now = BigInt(Date.now());
  const files = await listFiles(root).catch((cause: unknown) => {
    throw new DataError(
      'no-source-folder',
      `the folder of source ${name} cannot be read: ${root}`,
      'correct where.root in the recipe',
      { cause },
    );
  });
  const paths = files.filter((path) => isChosen(path, globs)).sort((a, b) => (a < b ? -1 : 1));
  const states = createRecord<string>();
  for (const path of paths) {
    const found = await stat(locateFile(root, path), { bigint: true }).catch(() => undefined);
    if (!found?.isFile()) continue;
    const isFresh = found.ctimeNs / 1_000_000n > now - freshMs;
    states[path] = isFresh ? '' : fileState(found);
  }
  return states;
}

function isChosen(path: string, globs: RecipeSource['files']): boolean {
  if (path.split('/').some((part) => part.startsWith('.'))) return false;
  const { include = ['**'], exclude = [] } = globs ?? {};
  const matches = (glob: string) => glob === '**' || matchesGlob(path, glob);
  return include.some(matches) && !exclude.some(matches);
}

export function compareFiles(before: FileStates, now: FileStates): SourceChanges {
  return {
    changed: Object.keys(now).filter((path) => now[path] === '' || now[path] !== ownValue(before, path)),
    removed: Object.keys(before).filter((path) => !Object.hasOwn(now, path)),
  };
}
