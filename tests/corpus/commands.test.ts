import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  checkCorpus,
  collectGarbage,
  corpusStatus,
  dataCard,
  diffBuilds,
  explainDocument,
  forget,
  readErasures,
  readManifest,
  selectedDocuments,
  whatIf,
} from '@gristmill/corpus';
import { TestCorpus, recipeOf } from './corpora.ts';

let corpus: TestCorpus;
const builds: string[] = [];
beforeAll(async () => {
  corpus = await TestCorpus.make(40);
  builds.push((await corpus.run()).manifest!.build);
  await corpus.write('notes/empty.txt', 'no longer empty, it speaks of mills');
  await corpus.remove('notes/1/note-1.txt');
  builds.push((await corpus.run()).manifest!.build);
});
afterAll(() => corpus[Symbol.asyncDispose]());

describe('diff', () => {
  it('tells what was gained and lost, why, and where', async () => {
    const diff = await diffBuilds(corpus.store(), builds[0], builds[1]);
    expect(diff.gained).toMatchObject({
      documents: 1,
      by: { reason: { 'extract: empty': { documents: 1 } }, source: { notes: { documents: 1 } } },
    });
    expect(diff.lost).toMatchObject({ documents: 1, by: { reason: { 'source: gone': { documents: 1 } } } });
    expect([diff.changedSplit, diff.splits]).toEqual([0, {}]);
  });

  it('names the builds that there are when one is unknown', async () => {
    await expect(diffBuilds(corpus.store(), 'ffff', builds[1])).rejects.toMatchObject({
      code: 'no-such-build',
      hint: expect.stringContaining(builds[0]) as string,
    });
  });
});

describe('explain', () => {
  it('finds a document by source and path, and shows each step', async () => {
    const { steps, tables } = await explainDocument(corpus.store(), 'notes/empty.txt');
    expect(steps.map(({ step }) => step)).toEqual(['acquire', 'extract', 'clean', 'annotate-length']);
    expect(steps[3].columns).toMatchObject({ length: 35 });
    expect(Object.keys(tables)).toEqual(['dedup/kept']);
  });

  it('says so when there is no such document', async () => {
    await expect(explainDocument(corpus.store(), 'http://nowhere.example/')).rejects.toMatchObject({
      code: 'no-such-document',
    });
  });
});

describe('what-if', () => {
  it('leaves the corpus as it is and estimates tokens', async () => {
    const before = await corpus.store().list('');
    const diff = await whatIf(corpus.store(), { set: { 'clean.lower': false }, workers: 0 });
    expect(diff).toMatchObject({
      to: 'what-if',
      tokensEstimated: true,
      gained: { documents: 0 },
      lost: { documents: 0 },
    });
    expect(await corpus.store().list('')).toEqual(before);
  });

  it('names a setting that is none', async () => {
    await expect(whatIf(corpus.store(), { set: { 'mill.stone': 1 }, workers: 0 })).rejects.toMatchObject({
      code: 'wrong-setting',
    });
    await expect(whatIf(corpus.store(), { set: { 'clean.uper': 1 }, workers: 0 })).rejects.toMatchObject({
      code: 'wrong-option',
    });
  });
});

describe('status', () => {
  it('is built when nothing moved, and says which sources and options did', async () => {
    const fresh = await corpusStatus(corpus.store());
    expect(fresh.steps.every(({ state }) => state === 'built')).toBe(true);
    await corpus.write('notes/status.txt', 'one more');
    const moved = await corpusStatus(corpus.store());
    expect(moved.steps.find(({ step }) => step === 'acquire')).toMatchObject({
      state: 'stale',
      why: 'notes: 1 files new or changed, 0 gone',
    });
    expect(moved.steps.find(({ step }) => step === 'pack')?.why).toContain('acquire');
    await corpus.remove('notes/status.txt');
  });
});

it('the card lists sources, licences and how to ask for removal', async () => {
  const card = await dataCard(corpus.store());
  expect(card).toContain('| notes (article) | 41 | 41 |');
  expect(card).toContain('gristmill forget DIR URL');
});

it('the selected corpus has the kept documents with their clean text', async () => {
  const rows = [];
  for await (const row of selectedDocuments(corpus.store())) rows.push(row);
  expect(rows).toHaveLength(61);
  expect(rows.every(({ text }) => text === text.toLowerCase().trimEnd())).toBe(true);
  for (const { text, title, signals } of rows) {
    expect(title!.toLowerCase()).toBe(text.slice(0, 10).padEnd(title!.length));
    expect(signals).toEqual({ length: text.length, score: text.replace(/[^a-z ]/gi, '').length / 7 });
  }
});

describe('gc', () => {
  it('keeps the newest builds whole and removes what only older ones name', async () => {
    await using other = await TestCorpus.make(20);
    await other.run();
    await other.setRecipe(
      recipeOf({
        steps: recipeOf().steps.map((step) => (step.stage === 'clean' ? { ...step, options: {} } : step)),
      }),
    );
    await other.run();
    const kept = await other.files();
    const outcome = await collectGarbage(other.store(), { keep: 1 });
    expect(outcome.removedBuilds).toHaveLength(1);
    expect(outcome.removedFiles).toBeGreaterThan(5);
    expect((await checkCorpus(other.store())).damages).toEqual([]);
    expect(await other.files()).toEqual(kept);
    expect((await collectGarbage(other.store(), { keep: 1 })).removedFiles).toBe(0);
  });
});

describe('forget', () => {
  it('removes a document from every build, for ever, and elects its twin anew', async () => {
    await using other = await TestCorpus.make(20);
    await other.run();
    const report = await forget(other.store(), { names: ['notes/twin.txt'], workers: 0 });
    expect(report.documents).toMatchObject([{ source: 'notes', trained: [] }]);
    expect(report.gc.kept).toEqual([report.build]);
    const [{ id }] = report.documents;
    const record = { requestId: 'forget-000001', match: { type: 'id', value: id }, documentsRemoved: 1 };
    expect(await readErasures(other.store())).toMatchObject([{ ...record, build: report.build }]);
    expect(await explainDocument(other.store(), id)).toMatchObject({
      outcome: { kept: false, reason: 'forgotten' },
      steps: [],
      shards: [],
    });
    await other.write('notes/twin.txt', 'it comes back with other words');
    await other.run();
    expect((await explainDocument(other.store(), id)).outcome).toMatchObject({ reason: 'forgotten' });
    await other.remove('corpus/log');
    await other.run();
    expect(Object.keys((await readManifest(other.store()))!.files.map(({ path }) => path))).not.toContain(id);
    expect((await explainDocument(other.store(), 'notes/3/note-3.txt')).tables['dedup/kept']).toMatchObject([
      { twins: 0 },
    ]);
  });
});
