import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFunnel, type Recipe, type RunOutcome } from '@gristmill/corpus';
import { findDocument, openLoader, openTokens } from '@gristmill/shards';
import { loadTokenizer } from '@gristmill/tokenizer';
import { TestCorpus, makeText, recipeOf } from '../corpus/corpora.ts';

const select = new URL('./stand-in-select.ts', import.meta.url).pathname;

function packRecipe(options: Record<string, string | number | boolean> = {}): Recipe {
  const recipe = recipeOf();
  return {
    ...recipe,
    steps: [
      ...recipe.steps.filter(({ stage }) => stage === 'extract' || stage === 'clean'),
      { stage: 'select', module: select, export: 'selectStage' },
      {
        stage: 'tokenizer',
        module: '@gristmill/pack',
        export: 'tokenizerStage',
        options: { vocabSize: 300 },
      },
      {
        stage: 'pack',
        module: '@gristmill/pack',
        export: 'packStage',
        options: { shardMegabytes: 0.001, ...options },
      },
    ],
  };
}

const packRow = (outcome: RunOutcome) => makeFunnel(outcome).find(({ step }) => step === 'pack')!;

async function tokensFolder(corpus: TestCorpus, name = 'corpus'): Promise<string> {
  const [key] = await readdir(join(corpus.folder, name, 'tokens'));
  return join(corpus.folder, name, 'tokens', key);
}

/** id → text of every packed document. */
async function packedTexts(folder: string): Promise<Map<string, string>> {
  const tokens = await openTokens(folder);
  const tokenizer = loadTokenizer(await tokens.tokenizer());
  const texts = new Map<string, string>();
  for (const shard of tokens.index.shards) {
    for await (const document of tokens.documents(shard)) {
      texts.set(document.id, tokenizer.decode(document.tokens.subarray(0, -1)));
    }
  }
  await tokens.close();
  return texts;
}

describe('pack', () => {
  test('writes shards by split and source that training reads and that decode to the prepared texts', async () => {
    await using corpus = await TestCorpus.make(60, packRecipe());
    await corpus.write('notes/cut.txt', 'this stays «and this goes» and this stays too');
    await corpus.write('notes/mail.txt', 'write to jane.roe@acme-widgets.com about the mill');
    const outcome = await corpus.run();
    const folder = await tokensFolder(corpus);
    const texts = [...(await packedTexts(folder)).values()];
    expect(texts).toContain('this stays  and this stays too');
    expect(texts.some((text) => text.includes('jane.roe'))).toBe(false);
    expect(texts.some((text) => /write to \S+@\S+ about the mill/.test(text))).toBe(true);
    const loader = await openLoader({ shards: folder, sequenceLength: 32, globalBatchSize: 4 });
    expect(Object.keys(loader.index.splits)).toEqual(['train', 'validation']);
    expect(new Set(loader.index.shards.map(({ source }) => source))).toEqual(new Set(['notes', 'posts']));
    expect(loader.index.shards.length).toBeGreaterThan(8);
    const { train, validation } = loader.index.splits;
    expect(packRow(outcome).tokensOut).toBe(train.tokens + validation.tokens);
    expect(packRow(outcome).documentsOut).toBe(texts.length);
    expect((await loader.batch(0)).tokens).toBeGreaterThan(100);
    await loader.close();
  });

  test('gives the same bytes with 0 and 2 threads', async () => {
    await using corpus = await TestCorpus.make(40, packRecipe());
    await corpus.run();
    await corpus.run({ corpus: 'threads', workers: 2 });
    expect(await corpus.files('threads')).toEqual(await corpus.files());
  });

  test('tokenises only what changed, keeps the other shards, and ends as a build from nothing', async () => {
    await using corpus = await TestCorpus.make(120, packRecipe());
    await corpus.run();
    const before = await readdir(await tokensFolder(corpus));
    await corpus.write('notes/1/note-1.txt', 'a changed note that is longer than it was before');
    await corpus.write('notes/added.txt', makeText(4711));
    await corpus.remove('notes/2/note-2.txt');
    const outcome = await corpus.run();
    expect(packRow(outcome).computedRows).toBe(2);
    const after = await readdir(await tokensFolder(corpus));
    const isShard = (name: string) => name.startsWith('shard-');
    const written = after.filter((name) => isShard(name) && !before.includes(name));
    expect(written.length).toBeLessThanOrEqual(4);
    await corpus.run({ corpus: 'fresh' });
    expect(await corpus.files('fresh')).toEqual(await corpus.files());
  });

  test('finds each document again by its id', async () => {
    await using corpus = await TestCorpus.make(30, packRecipe());
    await corpus.run();
    const folder = await tokensFolder(corpus);
    const tokens = await openTokens(folder);
    for (const id of (await packedTexts(folder)).keys()) expect(await findDocument(tokens, id)).toBeDefined();
    await tokens.close();
  });

  test('stops before any work at an unknown option, and at an end-of-text token that the tokenizer lacks', async () => {
    await using corpus = await TestCorpus.make(10, packRecipe({ sequenceLength: 1024 }));
    await expect(corpus.run()).rejects.toMatchObject({ code: 'pack-option' });
    await corpus.setRecipe(packRecipe({ endOfText: '<|nowhere|>' }));
    await expect(corpus.run()).rejects.toMatchObject({ code: 'no-end-of-text' });
  });
});
