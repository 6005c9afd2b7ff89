// What `run` is given: the path of a recipe, or a folder, whose recipe is made once and kept in its corpus from then on, so
// that files that come later change what is read and not how.

import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { DataError } from '@gristmill/core';
import type { MadeRecipe, Recipe } from '@gristmill/corpus';
import { defaultCorpus, recipeOfFolder } from './recipe-of.ts';

export interface RunTarget {
  readonly recipe: string | MadeRecipe;
  /** Where the corpus goes. */
  readonly place: string;
  /** What was found in a folder that is looked at for the first time, in lines for people. */
  readonly found: readonly string[];
}

/** @param corpus as the command line says it */
export async function findTarget(target: string, corpus: string | undefined): Promise<RunTarget> {
  const isFolder = (await stat(target).catch(() => undefined))?.isDirectory() === true;
  if (!isFolder) {
    const place = corpus ?? basename(target, extname(target));
    if (corpus === undefined) await refuseFolderOfOthers(place);
    return { recipe: target, place, found: [] };
  }
  const place = corpus ?? defaultCorpus(target);
  if (corpus === undefined) await refuseFolderOfOthers(place);
  const kept = await keptRecipe(place);
  if (kept) return { recipe: { recipe: withRoot(kept, resolve(target)), folder: '.' }, place, found: [] };
  const made = await recipeOfFolder(target, {
    recipeFolder: '.',
    outputs: /^[a-z0-9]+:\/\//i.test(place) ? [] : [place],
    command: `gristmill run ${target}`,
  });
  const found = [...made.found, `the corpus is ${place}; gristmill init ${target} writes its recipe down`];
  return { recipe: { recipe: made.recipe, folder: '.' }, place, found };
}

async function keptRecipe(place: string): Promise<Recipe | undefined> {
  try {
    return JSON.parse(await readFile(join(place, 'recipe.json'), 'utf8')) as Recipe;
  } catch {
    return undefined;
  }
}

/** The folder may have moved since. */
function withRoot(recipe: Recipe, root: string): Recipe {
  return {
    ...recipe,
    sources: recipe.sources.map((source) => ({ ...source, where: { ...source.where, root } })),
  };
}

/** By default a corpus has the name of its recipe: somebody's own files may have that name too. */
async function refuseFolderOfOthers(place: string): Promise<void> {
  const names = await readdir(place).catch((): string[] => []);
  if (names.length === 0 || names.includes('corpus.json')) return;
  throw new DataError(
    'no-corpus',
    `${place} would be the corpus and holds other files`,
    `say where the corpus goes: --corpus ${basename(place)}-corpus`,
  );
}
