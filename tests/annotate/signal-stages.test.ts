import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  contaminationReport,
  dataCard,
  explainDocument,
  makeFunnel,
  runRecipe,
  type RunOutcome,
} from '@gristmill/corpus';
import { sha256 } from '@gristmill/core';
import { evaluationDigest, plainText } from '@gristmill/detect';
import { openTokens, readContamination } from '@gristmill/shards';
import { openDiskStore, type Store } from '@gristmill/storage';
import {
  makeSignalCorpus,
  ownClassifier,
  question,
  signalRecipe,
  type SignalCorpus,
} from './signal-corpus.ts';

interface Lock {
  readonly artefacts: Readonly<Record<string, { readonly sha256: string }>>;
}

let corpus: SignalCorpus;
let store: Store;
let first: RunOutcome;

async function run(recipe: object, options: { retrain?: string } = {}): Promise<RunOutcome> {
  const file = await corpus.writeRecipe(recipe);
  return runRecipe({
    recipe: file,
    store,
    lock: join(corpus.folder, 'signals.lock'),
    workers: 0,
    ...options,
  });
}

function computed(outcome: RunOutcome): string[] {
  return makeFunnel(outcome)
    .filter(({ computedRows }) => computedRows > 0)
    .map(({ step }) => step);
}

const both = { quiz: { files: ['eval/quiz.jsonl'] }, bridges: { files: ['eval/bridges.txt'] } };

beforeAll(async () => {
  corpus = await makeSignalCorpus();
  store = openDiskStore({ root: join(corpus.folder, 'corpus') });
  first = await run(signalRecipe());
}, 120_000);

afterAll(async () => {
  await store.close();
  await corpus.close();
});

async function columnsOf(url: string, step: string) {
  const { steps } = await explainDocument(store, url);
  return steps.find((one) => one.step === step)?.columns ?? {};
}

describe('the column groups of safety', () => {
  it('pins what each of them needs in the lock', () => {
    expect(Object.keys(first.manifest!.pins).sort()).toEqual([
      'evaluation',
      'own',
      'prose',
      'tokenizer',
      'topics',
      'toxicity',
      'url-lists',
    ]);
  });

  it('writes each signal of the page that has it', async () => {
    expect(await columnsOf('https://listed.example/a', 'annotate-url')).toMatchObject({
      blockedUrl: 'adult',
    });
    expect(await columnsOf('https://rude.example/', 'annotate-safety')).toMatchObject({ badWords: 1 });
    expect(await columnsOf('https://free.example/', 'annotate-licence')).toMatchObject({
      licenceFound: 'CC-BY-SA-4.0',
      licenceClass: 'share-alike',
      licenceFreedom: 3,
    });
    expect(await columnsOf('https://women.example/', 'annotate-groups')).toMatchObject({
      groups: { 'gay and lesbian people': 1, women: 3 },
    });
    const sea = await columnsOf('https://site-0.example/page', 'annotate-toxicity');
    const soup = await columnsOf('https://site-1.example/page', 'annotate-toxicity');
    expect(sea.toxicity).toBeGreaterThan(800);
    expect(soup.toxicity).toBeLessThan(200);
    const topic = async (i: number) =>
      (await columnsOf(`https://site-${i}.example/page`, 'annotate-topic')).topic;
    expect(await topic(0)).toBe(await topic(4));
    expect(await topic(1)).not.toBe(await topic(4));
    expect((await columnsOf('https://site-1.example/page', 'annotate-quality')).perplexity).toBeGreaterThan(
      0,
    );
  });

  it('lets select drop by them, each with its reason', async () => {
    const reasons = makeFunnel(first).find(({ step }) => step === 'select')!.drops;
    expect(reasons).toEqual({ bad_words: 1, blocked_url: 1, rights_reserved: 1 });
  });

  it('brings topics and quality into the shards', async () => {
    const path = Object.keys(first.manifest!.current).find((name) => name.endsWith('/index.json'))!;
    const tokens = await openTokens(join(corpus.folder, 'corpus', path.replace('/index.json', '')));
    const heads = await Promise.all(tokens.index.shards.map((shard) => tokens.head(shard)));
    await tokens.close();
    expect(new Set(heads.flatMap(({ topic }) => topic)).size).toBe(4);
    expect(Math.max(...heads.flatMap(({ quality }) => quality!.map(Number)))).toBeGreaterThan(800);
  });
});

describe('contamination', () => {
  it('keeps every hit by item, document and span', async () => {
    const [item, ...others] = await contaminationReport(store);
    expect(others).toEqual([]);
    expect(item).toMatchObject({ set: 'quiz', item: 'q1' });
    expect(item.documents).toHaveLength(1);
    expect(item.documents[0]).toMatchObject({ source: 'pages', split: 'train', words: 23 });
    expect(question.startsWith(item.documents[0].excerpt)).toBe(true);
  });

  it('travels with the shards', async () => {
    const path = Object.keys(first.manifest!.current).find((name) => name.endsWith('/contamination.jsonl'))!;
    const folder = openDiskStore({
      root: join(corpus.folder, 'corpus', path.replace('/contamination.jsonl', '')),
    });
    const rows = (await readContamination(folder))!;
    await folder.close();
    expect(rows).toMatchObject([
      { set: 'quiz', item: 'q1', split: 'train', digest: evaluationDigest(plainText(question)), setItems: 2 },
    ]);
  });

  it('reports changed files as drift, and stops when the recipe names another set than the pin', async () => {
    await corpus.write('lists/hosts', '0.0.0.0 listed.example\n0.0.0.0 site-1.example\n');
    await corpus.write('learn/own.bin', ownClassifier(2));
    const drifted = await run(signalRecipe());
    expect([...drifted.drift].sort()).toEqual(['own', 'url-lists']);
    expect(computed(drifted)).toEqual([]);
    await corpus.write('lists/hosts', '0.0.0.0 listed.example\n');
    await expect(run(signalRecipe(both))).rejects.toMatchObject({
      code: 'pin-options',
      hint: expect.stringContaining('--retrain evaluation') as string,
    });
  });

  it('computes its own columns alone when a set is added, and keeps the shards', async () => {
    const outcome = await run(signalRecipe(both), { retrain: 'evaluation' });
    expect(computed(outcome)).toEqual(['annotate-contamination']);
    expect((await contaminationReport(store)).map(({ set }) => set)).toEqual(['bridges', 'quiz']);
    const shards = (one: RunOutcome) =>
      one.manifest!.files.filter(({ path }) => path.endsWith('.arrow')).map(({ sha256 }) => sha256);
    expect(shards(outcome)).toEqual(shards(first));
  });
});

describe('a file that was made elsewhere', () => {
  it('is pinned as it was; another one counts when it is pinned anew', async () => {
    const pinOf = async () =>
      (JSON.parse(await readFile(join(corpus.folder, 'signals.lock'), 'utf8')) as Lock).artefacts['own']
        .sha256;
    expect(await pinOf()).toBe(sha256(ownClassifier(1)));
    expect(computed(await run(signalRecipe(both), { retrain: 'own' }))).toEqual(['annotate-quality']);
    expect(await pinOf()).toBe(sha256(ownClassifier(2)));
  });
});

describe('the data card', () => {
  it('tells of everything that was found', async () => {
    const card = await dataCard(store);
    for (const text of [
      'Build `',
      '| CC-BY-SA-4.0 | 1 | 1 |',
      '| all-rights-reserved | 1 | 0 |',
      '| select: blocked_url | 1 | 0 |',
      '| EMAIL_ADDRESS | 1 | 1 |',
      '| adult | 1 | 0 |',
      '| quiz | 2 | 1 | 50.0 % | 1 | 1 |',
      '| bridges | 1 | 1 | 100.0 % | 1 | 1 |',
      '1. urlListTraining',
      'Write to the librarian with the URL',
    ])
      expect(card).toContain(text);
    expect(card).toMatch(/28 documents in 4 topics; effective number \(e to the entropy\) 4\.0 by documents/);
  });

  it('shows whom the bad-word filter hits', async () => {
    const card = await dataCard(store);
    const cells = (name: string) =>
      card
        .split('\n')
        .find((line) => line.startsWith(`| ${name} |`))!
        .split('|')
        .map((cell) => cell.trim());
    expect(cells('group').slice(4, 7)).toEqual(['with bad words', 'toxic', 'left out']);
    expect(cells('gay and lesbian people').slice(2, 5)).toEqual(['2', '2', '50.0 %']);
    expect(cells('all documents').slice(3, 5)).toEqual(['31', '3.2 %']);
  });
});
