// What became of a document, in data and in one sentence, for every way in which a stage drops one.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  droppedDocuments,
  explainDocument,
  forget,
  openBuild,
  readManifest,
  sourceLosses,
  type DroppedDocument,
} from '@gristmill/corpus';
import { gristmill } from '../crawl/run-command.ts';
import { recipeOf, TestCorpus } from './corpora.ts';

const policy = {
  name: 'own',
  rules: [
    { name: 'minLength', signal: 'length', op: '<', value: 60, reason: 'short' },
    { name: 'maxScore', signal: 'score', op: '>', value: 30, reason: 'long' },
    { name: 'speaker', signal: 'author', op: '!=', value: 'known', reason: 'speaker' },
  ],
};
const { steps, ...recipe } = recipeOf();
const judged = (policies: Record<string, unknown[]>) => ({
  ...recipe,
  steps: [
    ...steps.filter(({ stage }) => ['extract', 'clean', 'annotate'].includes(stage)),
    { stage: 'dedup', module: '@gristmill/dedup', export: 'dedupStage' } as const,
    {
      stage: 'select',
      module: '@gristmill/select',
      export: 'selectStage',
      options: { policies, own: { maxScore: 40 }, duplicates: { threshold: 0.7 } },
    } as const,
  ],
});

const sentence = 'a miller who ground corn for bread went over the hills and far away until his wheel broke';
const words = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => `${'abcdefghij'[(i + from) % 10]}word${i + from}`).join(' ');
const kept = words(30);
const posts = [
  { id: 'kept', text: kept },
  { id: 'same', text: kept },
  { id: 'near', text: `${words(28)} other ending` },
  { id: 'short', text: 'too short' },
  { id: 'long', text: words(60, 100) },
];

let corpus: TestCorpus;
beforeAll(async () => {
  const policies = { post: [{ ...policy, rules: policy.rules.slice(0, 2) }], article: [policy] };
  corpus = await TestCorpus.make(0, judged(policies) as never);
  await corpus.write('posts/all.jsonl', posts.map((post) => JSON.stringify(post)).join('\n'));
  await corpus.remove('notes/twin.txt');
  await corpus.write('notes/one.txt', sentence);
  await corpus.write('notes/gone.txt', `${sentence}, and nobody mended it`);
  await corpus.run();
  await forget(corpus.store(), { names: ['notes/gone.txt'], workers: 0 });
});
afterAll(() => corpus[Symbol.asyncDispose]());

const explain = (name: string) => explainDocument(corpus.store(), name);

async function dropped(request?: Parameters<typeof droppedDocuments>[1]): Promise<DroppedDocument[]> {
  const documents: DroppedDocument[] = [];
  for await (const document of droppedDocuments(corpus.store(), request)) documents.push(document);
  return documents;
}

describe('the first sentence of explain', () => {
  it('names rule, value, threshold and option where a policy dropped it', async () => {
    const { summary, outcome } = await explain('posts/all.jsonl/short');
    expect(summary).toBe('dropped by select: own, length 9 < 60 (`select.own.minLength`)');
    expect(outcome).toMatchObject({
      ...{ kept: false, stage: 'select', reason: 'short', policy: 'own', rule: 'minLength' },
      ...{ signal: 'length', op: '<', value: 9, threshold: 60, option: 'select.own.minLength' },
    });
  });

  it('counts a threshold that the recipe changed, and gives as many digits as it needs', async () => {
    const { summary, outcome } = await explain('posts/all.jsonl/long');
    expect(outcome).toMatchObject({ threshold: 40, rule: 'maxScore' });
    expect(outcome.value).toBeGreaterThan(40);
    expect(summary).toMatch(/^dropped by select: own, score [\d.]+ > 40 \(`select\.own\.maxScore`\)$/);
  });

  it('says unknown where the document has no such signal', async () => {
    const { summary } = await explain('notes/one.txt');
    expect(summary).toBe('dropped by select: own, author unknown, not known (`select.own.speaker`)');
  });

  it('names the witness of a duplicate, and the similarity of a near one', async () => {
    const [one, other] = [await explain('posts/all.jsonl/kept'), await explain('posts/all.jsonl/same')];
    const [survivor, copy] = one.outcome.kept ? [one, other] : [other, one];
    expect(copy.summary).toBe(`dropped by dedup: exact-duplicate of ${survivor.place}, which is kept`);
    expect(survivor.summary).toMatch(/^kept in \w+; 2 duplicates removed in its favour$/);
    const near = await explain('posts/all.jsonl/near');
    expect(near.summary).toMatch(
      /^dropped by dedup: near-duplicate, \.\d+ alike to posts\/all\.jsonl\/\w+, which is kept \(`select\.duplicates\.threshold` \.7\)$/,
    );
    expect(near.outcome).toMatchObject({ witness: survivor.id, threshold: 0.7 });
  });

  it('gives the words of a verdict and its code', async () => {
    const { summary } = await explain('notes/empty.txt');
    expect(summary).toBe('dropped by extract: nothing in it (empty)');
  });

  it('tells what was forgotten from what never was', async () => {
    const { summary, steps } = await explain('notes/gone.txt');
    expect(summary).toMatch(/^dropped by acquire: forgotten at request \(forgotten: id [0-9a-f]{32}\)$/);
    expect(steps).toEqual([]);
    const { code, stderr } = await gristmill(
      'explain',
      join(corpus.folder, 'corpus'),
      'notes/gone.txt',
      '--json',
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining('no-such-document')]);
    await expect(explain('notes/never.txt')).rejects.toMatchObject({ code: 'no-such-document' });
  });
});

describe('dropped documents', () => {
  it('are all that are not kept, each with its sentence', async () => {
    const all = await dropped();
    expect(all.map(({ reason }) => reason).sort()).toEqual(
      ['empty', 'exact-duplicate', 'long', 'near-duplicate', 'short', 'speaker'].sort(),
    );
    for (const { id, summary } of all) expect((await explain(id)).summary).toBe(summary);
    expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).sort());
  });

  it('are found by reason, rule, option and source', async () => {
    for (const reason of ['short', 'select: short', 'minLength', 'select.own.minLength'])
      expect((await dropped({ reason })).map(({ place }) => place)).toEqual(['posts/all.jsonl/short']);
    expect(new Set((await dropped({ source: 'notes' })).map(({ source }) => source))).toEqual(
      new Set(['notes']),
    );
  });

  it('name the reasons and sources that there are where nothing fits', async () => {
    await expect(dropped({ reason: 'shrot' })).rejects.toMatchObject({
      code: 'nothing-dropped-so',
      hint: expect.stringContaining('exact-duplicate') as string,
    });
    await expect(dropped({ source: 'nots' })).rejects.toMatchObject({
      hint: expect.stringContaining('notes') as string,
    });
  });
});

it('losses are counted by source and reason, with the rule behind each', async () => {
  const build = await openBuild(corpus.store(), (await readManifest(corpus.store()))!);
  const losses = await sourceLosses(build);
  const notes = losses.find(({ source }) => source === 'notes')!;
  expect(notes).toMatchObject({ documents: 2, kept: 0, kind: 'article' });
  expect(notes.losses.map(({ summary, documents }) => [summary, documents])).toEqual([
    ['extract: nothing in it', 1],
    ['select: own, author not known', 1],
  ]);
  const lost = losses.reduce((sum, { documents, kept: stays }) => sum + documents - stays, 0);
  expect(lost).toBe((await dropped()).length);
});

it('run warns of sources that lost most of what they had, and to what', async () => {
  const recipeFile = join(corpus.folder, corpus.recipe);
  const place = join(corpus.folder, 'warned');
  const { code, stderr } = await gristmill('run', recipeFile, '--corpus', place, '--workers', '0', '--json');
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(
    /source posts lost 4 of its 5 documents, 1 of them \S+: .*; `gristmill dropped \S+ --source posts` lists them/,
  );
  expect(stderr).toContain('of them select: own, author not known (`select.own.speaker`)');
  const { lines } = await gristmill('dropped', place, '--source', 'posts', '--json');
  expect(lines).toHaveLength(4);
});
