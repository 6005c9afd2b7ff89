// A recipe: a literal list of sources and steps, JSON values and module references only, so that it can be hashed,
// printed and stored. `where` says where a source lies on this machine and is no part of its identity.
//
// @example
// export default {
//   name: 'demo',
//   sources: [
//     {
//       name: 'books',
//       kind: 'book',
//       import: { module: '@gristmill/import', export: 'textBooksImporter' },
//       where: { root: 'books' },
//     },
//   ],
//   steps: [
//     { stage: 'extract', module: '@gristmill/extract', export: 'extractStage' },
//     { stage: 'clean', module: '@gristmill/clean', export: 'cleanStage' },
//   ],
// } satisfies Recipe;

import { access, readFile } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { DataError, ownValue, suggestName, type Json, type JsonObject } from '@gristmill/core';
import { allowOwnModules } from '@gristmill/workers';
import { loadError, recipeError } from './recipe-errors.ts';
import { sitesSchema, spreadSites } from './recipe-sites.ts';

const json = z.record(z.string(), z.json());
const name = z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, 'lower-case letters, digits, dots and hyphens');
const reference = z.strictObject({
  module: z.string().min(1).describe('A package, or a file beside the recipe (`./own.ts`).'),
  export: z.string().min(1).describe('What the module exports.'),
  options: json.optional().describe('Its options, in a section of their own here.'),
});

const source = z
  .strictObject({
    name: name.describe('Part of every id: the same name and path give the same document.'),
    kind: z.enum(['book', 'article', 'web', 'post']).describe('Policies of select go by it.'),
    licence: z
      .string()
      .optional()
      .describe('SPDX name or a sentence; for the data card, and for items that name none.'),
    import: reference.optional().describe('An importer, called for each file below `where.root`.'),
    files: z
      .strictObject({
        include: z.array(z.string()).optional().describe('Globs of files to read.'),
        exclude: z.array(z.string()).optional().describe('Globs of files to leave.'),
      })
      .optional()
      .describe('Which files below the root.'),
    crawl: reference.optional().describe('A crawler, instead of an importer.'),
    mayBeEmpty: z
      .boolean()
      .optional()
      .describe('Without it a source that gives no document is an error, and no build is published.'),
    where: json
      .optional()
      .describe('`root` (relative to the recipe), or how a crawl gets there: part of no key or manifest.'),
  })
  .refine((entry) => (entry.import === undefined) !== (entry.crawl === undefined), {
    error: 'a source has either `import` or `crawl`',
  });

export const stageNames = [
  'acquire',
  'extract',
  'clean',
  'annotate',
  'dedup',
  'select',
  'tokenizer',
  'pack',
] as const;
export type StageName = (typeof stageNames)[number];

const step = z.strictObject({
  stage: z
    .enum(['extract', 'clean', 'annotate', 'dedup', 'select', 'tokenizer', 'pack'])
    .describe('Its place in the line; `--only` and `--set` go by it.'),
  ...reference.shape,
});

const recipeSchema = z.strictObject({
  name: name.describe('Of the recipe and its corpus.'),
  partitions: z
    .int()
    .min(1)
    .max(4096)
    .refine((count) => Number.isInteger(Math.log2(count)), { error: 'must be a power of two' })
    .default(16)
    .describe(
      "Files of a table: a power of two, a value of the recipe, never derived from the corpus' size.",
    ),
  sources: z.array(source).describe('Where documents come from.'),
  steps: z.array(step).describe('What becomes of them, in this order.'),
  dropThreshold: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe(
      '`run` ends with exit code 1 when a greater share of the acquired documents was unusable (unreadable, empty, of no known kind); what sites refuse and what select leaves out does not count.',
    ),
  contact: z.string().optional().describe('For the data card: whom to ask for removal.'),
  sites: sitesSchema.optional(),
});

/** The recipe's names and values as JSON Schema, for the reference. */
export function recipeJsonSchema(): JsonObject {
  return z.toJSONSchema(recipeSchema, { io: 'input' }) as unknown as JsonObject;
}

export type Recipe = z.input<typeof recipeSchema>;
/** What a recipe says of sites stands in the options of its steps and crawls. */
export type ResolvedRecipe = Omit<z.output<typeof recipeSchema>, 'sites'>;
export type RecipeSource = ResolvedRecipe['sources'][number];
export type RecipeStep = ResolvedRecipe['steps'][number];

/** Checks a recipe and fills in defaults. DataError names the path of the first wrong name or value. */
export function checkRecipe(value: unknown, from = 'the recipe'): ResolvedRecipe {
  const result = recipeSchema.safeParse(value);
  if (!result.success) {
    throw recipeError(result.error.issues[0], value, from, recipeSchema);
  }
  const names = result.data.sources.map((entry) => entry.name);
  const twice = names.find((entry, index) => names.indexOf(entry) !== index);
  if (twice !== undefined) {
    throw new DataError(
      'wrong-recipe',
      `${from}: two sources are named ${twice}`,
      'give each source its own name',
    );
  }
  return spreadSites(result.data);
}

export interface LoadedRecipe {
  readonly recipe: ResolvedRecipe;
  /** Absolute path of the file. */
  readonly file: string;
  /** Relative roots and modules start here. */
  readonly folder: string;
}

/** Imports a recipe file: its default export, or the one named `recipe`; or reads one that is JSON. */
export async function loadRecipe(path: string): Promise<LoadedRecipe> {
  const file = resolve(path);
  await access(file).catch((cause: unknown) => {
    throw new DataError(
      'no-recipe',
      `there is no recipe ${path}`,
      'give the path of a recipe; `gristmill init FOLDER` writes one',
      { cause },
    );
  });
  let module: { default?: unknown; recipe?: unknown };
  allowOwnModules();
  try {
    module = file.endsWith('.json')
      ? { default: JSON.parse(await readFile(file, 'utf8')) as unknown }
      : ((await import(pathToFileURL(file).href)) as typeof module);
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw loadError(path, file, cause);
  }
  const value = module.default ?? module.recipe;
  if (value === undefined) {
    throw new DataError(
      'wrong-recipe',
      `${path} exports no recipe`,
      'end it with `export default { … } satisfies Recipe`',
    );
  }
  return { recipe: checkRecipe(value, path), file, folder: dirname(file) };
}

/** The recipe with other options: `select.gopher.minWords` → of the steps of stage (or export) `select`. */
export function changeOptions(
  recipe: ResolvedRecipe,
  changes: Readonly<Record<string, Json>>,
): ResolvedRecipe {
  const steps = recipe.steps.map((entry) => ({ ...entry }));
  for (const [path, value] of Object.entries(changes)) {
    const [name, ...keys] = path.split('.');
    const matching = steps.filter((entry) => entry.stage === name || entry.export === name);
    const isStrange = keys.some((key) => key in Object.prototype);
    if (matching.length !== 1 || keys.length === 0 || isStrange) {
      const names = [...new Set(steps.map((entry) => entry.stage))];
      throw new DataError(
        'wrong-setting',
        isStrange ? `--set ${path} names no option` : `--set ${path} names ${matching.length} steps`,
        suggestName(
          name,
          [...names, ...steps.map((entry) => entry.export)],
          `begin with one of ${names.join(', ')}, or with a step's export, then the option: select.minScore=0.5`,
        ),
      );
    }
    matching[0].options = setMember(matching[0].options ?? {}, keys, value) as RecipeStep['options'];
  }
  return checkRecipe({ ...recipe, steps });
}

function setMember(value: Json | undefined, [key, ...rest]: string[], member: Json): Json {
  const object =
    value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {};
  return {
    ...object,
    [key]: rest.length === 0 ? member : setMember(ownValue(object, key), rest, member),
  } as Json;
}

/** The recipe as a manifest keeps it: without `where`. */
export function recordedRecipe(recipe: ResolvedRecipe): JsonObject {
  const sources = recipe.sources.map(({ where: _where, ...identity }) => identity);
  return { ...recipe, sources } as JsonObject;
}

/** A relative module (`./my-stage.ts`) lies beside the recipe; others are packages. */
export function moduleLocation(module: string, folder: string): string {
  if (module.startsWith('.') || isAbsolute(module)) return pathToFileURL(resolve(folder, module)).href;
  return module;
}
