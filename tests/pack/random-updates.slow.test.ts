// Random changes of a corpus of articles and conversations, in shards so small that they split and merge: after each, every
// file has the bytes of a build from nothing, and the marker's counts are the same.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { makeFunnel, type Recipe, type RunOutcome } from '@gristmill/corpus';
import { openTokens, parseIndex, readContamination, type TokenIndex } from '@gristmill/shards';
import { loadTokenizer } from '@gristmill/tokenizer';
import { TestCorpus, makeText, recipeOf } from '../corpus/corpora.ts';

const select = new URL('./stand-in-select.ts', import.meta.url).pathname;
const contamination = new URL('./stand-in-contamination.ts', import.meta.url).pathname;

function packRecipe(shardMegabytes: number): Recipe {
  const recipe = recipeOf();
  const importer = {
    module: '@gristmill/import',
    export: 'jsonDocumentsImporter',
    options: { messagesField: 'messages', idField: 'id' },
  };
  const pack = { conversations: ['posts'], shardMegabytes };
  return {
    ...recipe,
    partitions: 2,
    sources: recipe.sources.map((source) =>
      source.name === 'posts' ? { ...source, import: importer } : source,
    ),
    steps: [
      ...recipe.steps.filter(({ stage }) => stage === 'extract' || stage === 'clean'),
      { stage: 'annotate', module: contamination, export: 'contaminationStage' },
      { stage: 'select', module: select, export: 'selectStage' },
      {
        stage: 'tokenizer',
        module: '@gristmill/pack',
        export: 'tokenizerStage',
        options: { vocabSize: 300 },
      },
      { stage: 'pack', module: '@gristmill/pack', export: 'packStage', options: pack },
    ],
  };
}

const talk = (id: number, text: string) => ({
  id: `t${id}`,
  messages: [
    { role: 'user', content: `What of ${id}?` },
    { role: 'assistant', content: text.trim() },
  ],
});

const seeds = (process.env.GRISTMILL_SEEDS ?? '1').split(',').map(Number);

test.each(seeds)('random updates give the bytes of a build from nothing (seed %i)', async (seed) => {
  const random = createRandom(seed);
  const below = (count: number) => Math.floor(random() * count);
  await using corpus = await TestCorpus.make(0, packRecipe(seed % 2 ? 0.003 : 0.001));
  await corpus.remove('posts/all.jsonl');
  let next = 0;
  const notes = new Set<number>();
  const talks = new Map<number, string>();
  const writeNote = (note: number) =>
    corpus.write(`notes/${note}.txt`, `${below(6) ? '' : '«cut» '}${makeText(below(1e6))}`);
  const change = async (kind: number, count: number) => {
    for (let i = 0; i < count; i++) {
      const [note, spoken] = [[...notes][below(notes.size)], [...talks.keys()][below(talks.size)]];
      if (kind === 0) await writeNote((notes.add(next), next++));
      if (kind === 0 && i % 4 === 0) talks.set(next++, makeText(below(1e6)));
      if (kind === 1 && note !== undefined) await writeNote(note);
      if (kind === 1 && i % 4 === 0 && spoken !== undefined) talks.set(spoken, makeText(below(1e6)));
      if (kind === 2 && notes.delete(note)) await corpus.remove(`notes/${note}.txt`);
      if (kind === 2 && i % 4 === 0) talks.delete(spoken);
    }
    await corpus.write('posts/talks.json', JSON.stringify([...talks].map(([id, text]) => talk(id, text))));
  };
  await change(0, 40);
  await corpus.run();
  const counts: number[] = [];
  for (const [kind, count] of [
    [2, 25],
    [0, 40],
    [1, 3],
  ]) {
    await change(kind, count);
    const outcome = await corpus.run();
    const fresh = await corpus.run({ corpus: 'fresh' });
    expect(await corpus.files()).toEqual(await corpus.files('fresh'));
    expect(tokensOf(outcome)).toEqual(tokensOf(fresh));
    expect(await hitsOf(corpus)).toEqual(await breadOf(corpus));
    counts.push(Object.keys(await corpus.files()).filter((path) => path.includes('/shard-')).length);
    await rm(join(corpus.folder, 'fresh'), { recursive: true });
  }
  const [merged, split] = counts;
  expect(split).toBeGreaterThan(merged);
});

test('a damaged shard is not copied from', async () => {
  await using corpus = await TestCorpus.make(0, packRecipe(1));
  await corpus.write('posts/talks.json', JSON.stringify([talk(1, makeText(50))]));
  for (let i = 0; i < 12; i++) await corpus.write(`notes/${i}.txt`, makeText(i));
  await corpus.run();
  const shards = Object.keys(await corpus.files()).filter((path) => path.includes('/shard-'));
  for (const path of shards) {
    const bytes = await readFile(join(corpus.folder, 'corpus', path));
    const { tokensAt } = (await index(corpus)).shards.find(({ file }) => path.endsWith(file))!;
    for (let at = tokensAt; at < tokensAt + 40; at++) bytes[at] ^= 1;
    await writeFile(join(corpus.folder, 'corpus', path), bytes);
  }
  // Of each split at least one stays and one comes.
  for (let i = 100; i < 110; i++) await corpus.write(`notes/${i}.txt`, makeText(i));
  await corpus.run();
  expect(Object.keys(await corpus.files())).not.toEqual(expect.arrayContaining(shards));
  await corpus.run({ corpus: 'fresh' });
  expect(await corpus.files()).toEqual(await corpus.files('fresh'));
});

async function folderOf(corpus: TestCorpus): Promise<string> {
  const path = Object.keys(await corpus.files()).find((name) => name.endsWith('tokenizer.json'))!;
  return join('corpus', path, '..');
}

async function index(corpus: TestCorpus): Promise<TokenIndex> {
  return parseIndex(await corpus.read(join(await folderOf(corpus), 'index.json')));
}

/** Split and id of each contaminated place, as pack wrote them. */
async function hitsOf(corpus: TestCorpus): Promise<string[]> {
  const rows = await readContamination(corpus.store(await folderOf(corpus)));
  return rows!.map(({ split, id }) => `${split} ${id}`).sort();
}

/** The same from what was packed: nothing that is cut out has the word. */
async function breadOf(corpus: TestCorpus): Promise<string[]> {
  const tokens = await openTokens(join(corpus.folder, await folderOf(corpus)));
  const tokenizer = loadTokenizer(await tokens.tokenizer());
  const found: string[] = [];
  for (const shard of tokens.index.shards) {
    for await (const document of tokens.documents(shard)) {
      const places = tokenizer.decode(document.tokens).match(/bread/g) ?? [];
      found.push(...places.map(() => `${shard.split} ${document.id}`));
    }
  }
  await tokens.close();
  return found.sort();
}

const tokensOf = (outcome: RunOutcome) =>
  makeFunnel(outcome).map(({ documentsOut, tokensOut }) => [documentsOut, tokensOut]);
