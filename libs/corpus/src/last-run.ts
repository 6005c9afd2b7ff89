// log/run.json: by which recipe the newest build was made, for commands that are given the corpus alone. A run that
// comes to no build leaves it as it is. A recipe that was made from a folder is kept in the corpus itself, as
// recipe.json with its lock and pins beside it; then both paths are relative, so that the corpus may move.

import { isAbsolute, join, resolve } from 'node:path';
import { DataError, sha256 } from '@gristmill/core';
import { readJson, type Store } from '@gristmill/storage';
import { checkRecipe, type LoadedRecipe, type Recipe, type ResolvedRecipe } from './recipe.ts';

/** Absolute paths. */
export interface LastRun {
  readonly recipe: string;
  readonly lock: string;
}

/** A recipe that is no file: its corpus keeps it. */
export interface MadeRecipe {
  readonly recipe: Recipe;
  /** Relative roots and modules start here. */
  readonly folder: string;
}

const lastRunFile = 'log/run.json';
const keptRecipe = 'recipe.json';
const keptLock = 'recipe.lock';

/** What belongs to a recipe that the corpus keeps: no build names it, and gc leaves it. */
export const isKeptRecipe = (path: string): boolean =>
  path === keptRecipe || path === keptLock || path.startsWith('recipe.pins/');

/** @returns the recipe as if it had been read from the corpus */
export function placeRecipe(store: Store, made: MadeRecipe): LoadedRecipe {
  if (store.folder === undefined) {
    throw new DataError(
      'recipe-needed',
      `${store.location} is no folder, so it cannot keep a recipe that is made from one`,
      'write the recipe with `gristmill init FOLDER`, and run that',
    );
  }
  return { recipe: checkRecipe(made.recipe), file: join(store.folder, keptRecipe), folder: made.folder };
}

/** Called after a build. */
export async function rememberRun(
  store: Store,
  loaded: LoadedRecipe,
  request: { readonly lock: string; readonly isMade: boolean },
): Promise<void> {
  if (request.isMade) await keepRecipe(store, loaded);
  const lock = resolve(request.lock);
  const isOwnLock = store.folder !== undefined && lock === join(store.folder, keptLock);
  const run: LastRun = {
    recipe: request.isMade ? keptRecipe : loaded.file,
    lock: isOwnLock ? keptLock : lock,
  };
  const standing = await readJson<LastRun>(store, lastRunFile).catch(() => undefined);
  if (standing?.recipe !== run.recipe || standing.lock !== run.lock)
    await store.replace(lastRunFile, JSON.stringify(run));
}

async function keepRecipe(store: Store, { recipe, folder }: LoadedRecipe): Promise<void> {
  const text = `${JSON.stringify(withAbsolutePaths(recipe, folder), null, 1)}\n`;
  const standing = (await store.stat(keptRecipe)) ? await store.read(keptRecipe) : undefined;
  if (!standing || new TextDecoder().decode(standing) !== text) await store.replace(keptRecipe, text);
}

function withAbsolutePaths(recipe: ResolvedRecipe, folder: string): ResolvedRecipe {
  const sources = recipe.sources.map((source) =>
    typeof source.where?.root === 'string'
      ? { ...source, where: { ...source.where, root: resolve(folder, source.where.root) } }
      : source,
  );
  return { ...recipe, sources };
}

export async function lastRun(store: Store): Promise<LastRun | undefined> {
  const run = await readJson<LastRun>(store, lastRunFile).catch(() => undefined);
  if (typeof run?.recipe !== 'string' || typeof run.lock !== 'string') return undefined;
  const place = (path: string) => (isAbsolute(path) ? path : join(store.folder ?? '', path));
  return { recipe: place(run.recipe), lock: place(run.lock) };
}

/** DataError when it is not known which recipe built the corpus. */
export async function requireLastRun(store: Store): Promise<LastRun> {
  const run = await lastRun(store);
  if (run) return run;
  throw new DataError(
    'recipe-unknown',
    `it is not recorded by which recipe ${store.location} was built`,
    'run `gristmill run RECIPE.ts --corpus DIR` once',
  );
}

/** A folder's name as the name of a recipe: `My Notes` → `my-notes`. */
export function folderRecipeName(folder: string): string {
  const name = resolve(folder).split(/[\\/]/).at(-1)!;
  const plain = name
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  return plain === '' ? `folder-${sha256(name).slice(0, 8)}` : plain;
}
