// A source folder of any size made from real text: sentences of the repository's own documents (or of a file) recombined
// by a seed, as JSON lines. Every twentieth document repeats its predecessor but for one sentence. A change is a new
// revision of the source folder; it touches few files, as a new delivery does, whole files in them.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom, documentId, type JsonObject } from '@gristmill/core';
import type { Recipe } from '@gristmill/corpus';

export interface MadeCorpus {
  readonly documents: number;
  readonly megabytes: number;
  /** Of every document: its id, and that of the document that it repeats. */
  twins(): Generator<{ id: string; of: string }>;
  /** 1 % of the documents get another text. */
  change(): Promise<void>;
  /** 1 % more documents. */
  add(): Promise<void>;
  /** 1 % of the documents go. */
  remove(): Promise<void>;
}

const perFile = 500;
/** In a file that is changed, so many documents in a hundred are. */
const changedInFile = 50;

export interface MakeOptions {
  readonly folder: string;
  readonly documents: number;
  /** About a hundred bytes each. */
  readonly sentences: number;
  /** A file of text instead of the repository's documents. */
  readonly input?: string;
}

export async function makeCorpus({ folder, documents, sentences, input }: MakeOptions): Promise<MadeCorpus> {
  const make = createMaker(await readSentences(input), sentences);
  await mkdir(join(folder, 'input'), { recursive: true });
  let bytes = 0;
  for (let start = 0; start < documents; start += perFile) {
    const numbers = numbersFrom(start, documents);
    const lines = numbers.map((number) => spell(number, make(number)));
    bytes += numbers.reduce((sum, _, i) => sum + Buffer.byteLength(lines[i]), 0);
    await writeFile(fileOf(folder, start), lines.join('\n'));
  }
  const files = Math.ceil(documents / perFile);
  const touched = Math.max(1, Math.round(files / changedInFile));
  const rewrite = (first: number, edit: (number: number) => string | undefined) =>
    rewriteFiles({ folder, documents, first, count: touched, files }, edit);
  const isEdited = (number: number) => number % 100 < Math.ceil((documents / 100 / touched / perFile) * 100);
  return {
    documents,
    megabytes: bytes / 1e6,
    *twins() {
      for (let number = 19; number < documents; number += 20)
        yield { id: idOf(number), of: idOf(number - 1) };
    },
    change: () => rewrite(0, (number) => spell(number, make(number, isEdited(number) ? 1 : 0))),
    remove: () => rewrite(1, (number) => (isEdited(number) ? undefined : spell(number, make(number)))),
    async add() {
      const added = Array.from({ length: Math.ceil(documents / 100) }, (_, i) => documents + i);
      const lines = added.map((number) => spell(number, make(number)));
      await writeFile(join(folder, 'input', 'added.jsonl'), lines.join('\n'));
    },
  };
}

const fileOf = (folder: string, start: number) => join(folder, 'input', `${start}.jsonl`);
const spell = (number: number, text: string) => JSON.stringify({ id: String(number), text });
const numbersFrom = (start: number, documents: number) =>
  Array.from({ length: Math.min(perFile, documents - start) }, (_, i) => start + i);

function idOf(number: number): string {
  const path = `${number - (number % perFile)}.jsonl`;
  return documentId({ name: sourceName, path, item: String(number) });
}

interface Rewriting {
  readonly folder: string;
  readonly documents: number;
  readonly first: number;
  readonly count: number;
  readonly files: number;
}

/** Rewrites `count` files spread over the folder. */
async function rewriteFiles(
  { folder, documents, first, count, files }: Rewriting,
  edit: (number: number) => string | undefined,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    const start = perFile * Math.min(files - 1, first + Math.floor((i * files) / count));
    const lines = numbersFrom(start, documents).flatMap((number) => edit(number) ?? []);
    await writeFile(fileOf(folder, start), lines.join('\n'));
  }
}

async function readSentences(input: string | undefined): Promise<string[]> {
  const docs = new URL('../../docs/', import.meta.url);
  const names =
    input === undefined ? (await readdir(docs)).filter((name) => name.endsWith('.md')).sort() : [];
  const files = input === undefined ? names.map((name) => new URL(name, docs)) : [input];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return texts
    .join('\n')
    .split(/(?<=[.;:])\s+/)
    .map((text) => text.trim())
    .filter((text) => text.length > 20 && text.length < 200);
}

/** Document number n: from half to one and a half times `sentences`. */
function createMaker(pool: readonly string[], sentences: number) {
  return (number: number, revision = 0): string => {
    const isTwin = number % 20 === 19 && revision === 0;
    const random = createRandom((isTwin ? number - 1 : number) + revision * 0x10000000);
    const length = Math.ceil(sentences / 2 + random() * sentences);
    const chosen = Array.from(
      { length },
      () => `${pool[Math.floor(random() * pool.length)]} ${Math.floor(random() * 1e6)}`,
    );
    if (isTwin) chosen[length >> 1] = `This is the twin's own, number ${number}.`;
    return chosen.join(' ');
  };
}

const sourceName = 'made';

export interface RecipeOptions {
  readonly folder: string;
  readonly partitions: number;
  /** Stages of the demo that are left out, by export. */
  readonly without?: readonly string[];
  /** Changes the code version of the stage `clean`. */
  readonly cleanVersion?: number;
}

/** Writes a recipe with the demo's steps over the made source. @returns its path */
export async function writeRecipe({
  folder,
  partitions,
  without = [],
  cleanVersion,
}: RecipeOptions): Promise<string> {
  const demo = (await import(new URL('../../pipelines/demo.ts', import.meta.url).href)) as {
    default: Recipe;
  };
  const steps = demo.default.steps
    .filter((step) => !without.includes(step.export))
    .map((step) => (step.stage === 'tokenizer' ? { ...step, options: { vocabSize: 1024 } } : step))
    .map((step) => (step.stage === 'select' && without.includes('heuristicsStage') ? unpolicied(step) : step))
    .map((step) =>
      step.stage === 'clean' && cleanVersion !== undefined
        ? { ...step, module: `./stages/clean-${cleanVersion}.ts` }
        : step,
    );
  if (cleanVersion !== undefined) await writeClean(folder, cleanVersion);
  const importer = {
    module: '@gristmill/import',
    export: 'jsonDocumentsImporter',
    options: { textField: '/text', idField: '/id' },
  };
  const sources = [{ name: sourceName, kind: 'article', import: importer, where: { root: 'input' } }];
  const recipe = { name: 'bench', partitions, sources, steps };
  const file = join(folder, `recipe-${cleanVersion ?? 0}.ts`);
  await rm(file, { force: true });
  await writeFile(file, `export default ${JSON.stringify(recipe)};\n`);
  return file;
}

/** The policies ask for signals that no step writes. */
function unpolicied(step: Recipe['steps'][number]) {
  const { duplicates, split } = step.options as Record<string, JsonObject>;
  return { ...step, options: { duplicates, split } };
}

/** Once, in a folder of its own: the engine looks at the times of all files beside a stage's module. */
async function writeClean(folder: string, version: number): Promise<void> {
  const file = join(folder, 'stages', `clean-${version}.ts`);
  if (existsSync(file)) return;
  const source = new URL('../../libs/clean/src/index.ts', import.meta.url).href;
  await mkdir(join(folder, 'stages'), { recursive: true });
  await writeFile(
    file,
    `import { cleanStage as stage } from '${source}';\nexport const cleanStage = { ...stage, version: ${1000 + version} };\n`,
  );
}

/** Words of two or three syllables: texts that no other text resembles by chance. */
export function makeWords(random: () => number, count: number): string[] {
  const syllables = [...'bdfgklmnprst'].flatMap((consonant) =>
    [...'aeiou'].map((vowel) => consonant + vowel),
  );
  const syllable = () => syllables[Math.floor(random() * syllables.length)];
  return Array.from({ length: count }, () =>
    Array.from({ length: 2 + Math.floor(random() * 2) }, syllable).join(''),
  );
}
