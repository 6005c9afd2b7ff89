// dedup and select as stages of a build, through the engine: decisions, splits, and equality with a build from nothing.
import { describe, expect, it } from 'vitest';
import { createRandom, type Row } from '@gristmill/core';
import { dataCard, openBuild, readManifest, type Recipe } from '@gristmill/corpus';
import { openPart } from '@gristmill/shards';
import { recipeOf, TestCorpus } from '../corpus/corpora.ts';
import { makeNearTexts, type NearText } from '../dedup/near-texts.ts';

function stageRecipe(select: Recipe['steps'][number]['options'] = {}): Recipe {
  const { steps, ...recipe } = recipeOf();
  return {
    ...recipe,
    steps: [
      ...steps.filter(({ stage }) => ['extract', 'clean', 'annotate'].includes(stage)),
      { stage: 'dedup', module: '@gristmill/dedup', export: 'dedupStage' },
      { stage: 'select', module: '@gristmill/select', export: 'selectStage', options: select },
    ],
  };
}

async function makeCorpus(texts: readonly NearText[], recipe = stageRecipe()): Promise<TestCorpus> {
  const corpus = await TestCorpus.make(0, recipe);
  await corpus.remove('notes');
  await writeAll(corpus, texts);
  return corpus;
}

async function writeAll(corpus: TestCorpus, texts: readonly NearText[]): Promise<void> {
  await corpus.write('notes/one.txt', 'a note for itself, so that the folder is there');
  await corpus.write('posts/all.jsonl', texts.map((line) => JSON.stringify(line)).join('\n'));
}

/** All rows of a table of the newest build. */
async function readTable(corpus: TestCorpus, table: string, columns: readonly string[]): Promise<Row[]> {
  const store = corpus.store();
  const build = await openBuild(store, (await readManifest(store))!);
  const rows: Row[] = [];
  for (const part of build.state.tables.get(table) ?? [])
    if (part.rows > 0) for await (const row of openPart(store, part).readRows(columns)) rows.push(row);
  return rows;
}

describe('dedup and select in a build', () => {
  it('remove duplicates in favour of a kept witness, count them by reason, and keep twins in one split', async () => {
    const texts = makeNearTexts(300);
    await using corpus = await makeCorpus(texts, stageRecipe({ split: { validation: 0.3, test: 0.2 } }));
    const outcome = await corpus.run();
    const decisions = await readTable(corpus, 'select/decisions', [
      'keep',
      'split',
      'reason',
      'witness',
      'similarity',
    ]);
    const byId = new Map(decisions.map((row) => [row.id, row]));
    expect(decisions.length).toBe(301);
    const removed = decisions.filter((row) => row.keep === false);
    expect(removed.length).toBeGreaterThan(30);
    expect(new Set(removed.map((row) => row.reason))).toEqual(new Set(['exact-duplicate', 'near-duplicate']));
    for (const row of removed) {
      expect(byId.get(row.witness as string)!.keep).toBe(true);
      expect(row.similarity).toBeGreaterThanOrEqual(0.8);
      expect(row.split).toBe(byId.get(row.witness as string)!.split);
    }
    const splits = new Set(decisions.map((row) => row.split));
    expect(splits).toEqual(new Set(['train', 'validation', 'test']));
    const edges = await readTable(corpus, 'dedup/clusters', ['id']);
    const splitOf = new Map<unknown, unknown>();
    for (const row of edges) {
      const split = byId.get(row.id)!.split;
      expect(splitOf.get(row.component) ?? split).toBe(split);
      splitOf.set(row.component, split);
    }
    const [first] = (await dataCard(corpus.store())).split('## Largest clusters')[1].split('\n- ').slice(1);
    expect(first).toMatch(/^[3-9] documents, [1-9] kept; sources: posts \d\n {2}- kept [0-9a-f]{32}: `\w+ /);
    expect(outcome.isNew).toBe(true);
  });

  it('drop by policy with its reason, and let the dropped take no part in the election', async () => {
    const rules = [{ name: 'minLength', signal: 'length', op: '<', value: 100, reason: 'short' }];
    const policies = { post: [{ name: 'tiny', rules }] };
    const twin = { id: 'b', text: 'short text' };
    await using corpus = await makeCorpus(
      [{ id: 'a', text: 'Short, text!' }, twin, { id: 'c', text: 'x'.repeat(200) }],
      stageRecipe({ policies }),
    );
    await corpus.run();
    const decisions = await readTable(corpus, 'select/decisions', ['keep', 'stage', 'reason', 'witness']);
    const reasons = decisions.map(({ keep, stage, reason, witness }) => ({ keep, stage, reason, witness }));
    expect(reasons.filter(({ reason }) => reason === 'short')).toHaveLength(2);
    expect(reasons.filter(({ witness }) => witness !== undefined)).toHaveLength(0);
    await corpus.setRecipe(stageRecipe({ policies, tiny: { minLength: 5 } }));
    await corpus.run();
    const after = await readTable(corpus, 'select/decisions', ['keep', 'reason']);
    expect(after.map(({ reason }) => reason).filter(Boolean)).toEqual(['exact-duplicate']);
  });

  it('refuse options that do not exist, before any work', async () => {
    const wrongOptions: Record<string, object>[] = [
      { polices: {} },
      { policies: { web: ['gofer'] } },
      { duplicates: { threshold: 0.2 } },
      { split: { validation: 0.7, test: 0.3 } },
    ];
    for (const options of wrongOptions) {
      await using corpus = await makeCorpus([], stageRecipe(options as Parameters<typeof stageRecipe>[0]));
      await expect(corpus.run()).rejects.toThrow(/option|policy|threshold|train/);
    }
  });

  it('give the bytes of a build from nothing after random edits, with any number of threads', async () => {
    const random = createRandom(11);
    let texts = makeNearTexts(120, 2);
    const spare = makeNearTexts(200, 2).slice(120);
    await using corpus = await makeCorpus(texts);
    await corpus.run();
    for (let round = 0; round < 2; round++) {
      texts = texts.filter(() => random() > 0.05);
      texts = texts.map((line) => (random() < 0.05 ? { ...line, text: `${line.text} changed` } : line));
      texts.push(...spare.splice(0, 12));
      await writeAll(corpus, texts);
      await corpus.run({ workers: round === 1 ? 2 : 0 });
      await corpus.run({ corpus: 'fresh' });
      expect(await corpus.files()).toEqual(await corpus.files('fresh'));
      await corpus.remove('fresh');
    }
  });
});
