// The recipe for web pages as it is, cut to one partition and a small vocabulary, over an archive of made pages: what each
// of its steps finds, what select makes of it, what the card and `what-if` say.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  contaminationReport,
  dataCard,
  explainDocument,
  makeFunnel,
  runRecipe,
  whatIf,
  type RunOutcome,
} from '@gristmill/corpus';
import type { Json } from '@gristmill/core';
import { openTokens } from '@gristmill/shards';
import { openDiskStore, type Store } from '@gristmill/storage';
import { loadTokenizer } from '@gristmill/tokenizer';
import { writeWebInput } from './web-input.ts';
import { personal, plainPages, question, webInput } from './web-pages.ts';

const web = new URL('../../pipelines/web.ts', import.meta.url).pathname;
let folder: string;
let store: Store;
let outcome: RunOutcome;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gristmill-web-'));
  await writeWebInput(join(folder, 'web-input'), webInput);
  const recipe = join(folder, 'recipes-web.ts');
  await writeFile(
    recipe,
    `import web from ${JSON.stringify(web)};
const small = { topicTraining: { topics: 4 }, tokenizerStage: { vocabSize: 300 } };
export default {
  ...web,
  partitions: 1,
  sources: web.sources.map((source) => ({ ...source, where: { root: 'web-input/warc' } })),
  steps: JSON.parse(JSON.stringify(web.steps).replaceAll('../web-input/', 'web-input/')).map((step) => ({ ...step, options: { ...step.options, ...small[step.export] } })),
};`,
  );
  store = openDiskStore({ root: join(folder, 'corpus') });
  outcome = await runRecipe({ recipe, store, lock: join(folder, 'web.lock'), workers: 0 });
}, 120_000);

afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const dropsOf = (step: string) => makeFunnel(outcome).find((row) => row.step === step)?.drops;

async function columnsOf(host: string, step: string): Promise<Readonly<Record<string, unknown>>> {
  const { steps } = await explainDocument(store, `https://${host}/`);
  return steps.find((one) => one.step === step)?.columns ?? {};
}

describe('the recipe for web pages', () => {
  it('takes the pages that answered, and drops what its policies name', () => {
    expect(makeFunnel(outcome).find(({ step }) => step === 'acquire')).toMatchObject({
      documentsOut: plainPages + 9,
    });
    expect(dropsOf('select')).toMatchObject({
      blocked_url: 1,
      contaminated: 1,
      language: 1,
      'near-duplicate': 1,
      top_2_gram: 1,
    });
  });

  it('writes licence, safety, groups, topic and genre beside each page', async () => {
    expect(await columnsOf('free.example', 'annotate-licence')).toMatchObject({
      licenceFound: 'CC-BY-SA-4.0',
      licenceClass: 'share-alike',
    });
    expect(await columnsOf('shut.example', 'annotate-licence')).toMatchObject({
      licenceFound: 'all-rights-reserved',
    });
    expect(await columnsOf('rude.example', 'annotate-safety')).toMatchObject({ badWords: 1 });
    expect(await columnsOf('rude.example', 'annotate-groups')).toMatchObject({
      groups: { 'gay and lesbian people': 1 },
    });
    expect(await columnsOf('listed.example', 'annotate-url')).toMatchObject({ blockedUrl: 'adult' });
    expect((await columnsOf('mail.example', 'annotate-topic')).topic).toMatch(/\w/);
    expect((await columnsOf('mail.example', 'annotate-reading')).genre).toMatch(/\w/);
  });

  it('tells of the evaluation item, the page and the place', async () => {
    const report = await contaminationReport(store);
    expect(report).toMatchObject([
      { set: 'held', item: 'q1', documents: [{ url: 'https://quiz.example/', words: 23 }] },
    ]);
    expect(question.startsWith(report[0].documents[0].excerpt)).toBe(true);
  });

  it('keeps personal data out of the shards', async () => {
    const path = Object.keys(outcome.manifest!.current).find((name) => name.endsWith('/index.json'))!;
    const tokens = await openTokens(join(folder, 'corpus', path.replace('/index.json', '')));
    const tokenizer = loadTokenizer(await tokens.tokenizer());
    let text = '';
    for (const shard of tokens.index.shards)
      for await (const document of tokens.documents(shard)) text += tokenizer.decode(document.tokens);
    await tokens.close();
    expect(text).toContain('Write to ');
    for (const value of personal) expect(text).not.toContain(value);
  });

  it('shows all of it in the data card', async () => {
    const card = await dataCard(store);
    for (const line of [
      '| CC-BY-SA-4.0 | 1 | 1 |',
      '| select: contaminated | 1 | 0 |',
      '| EMAIL_ADDRESS | 2 | 2 |',
      '| adult | 1 | 0 |',
      '| held | 2 | 1 | 50.0 % |',
    ])
      expect(card).toContain(line);
    expect(card).toMatch(/documents in 4 topics; effective number/);
  });
});

describe('what-if', () => {
  const ask = (set: Readonly<Record<string, Json>>) => whatIf(store, { set, workers: 0 });

  it.each(['gopher', 'c4', 'dclm'])(
    'with the preset %s lets in what only fineweb and the lists drop',
    async (preset) => {
      const { gained } = await ask({ 'select.policies.web': [preset] });
      expect(Object.keys(gained.by.reason)).toContain('select: blocked_url');
      expect(Object.keys(gained.by.reason)).toContain('select: contaminated');
    },
  );

  it('elects survivors anew: the longer of two copies stays, unless another signal is said to count', async () => {
    const { gained, lost } = await ask({ 'select.quality': { signal: 'piiCount', scale: 1 } });
    expect(Object.keys(gained.by.domain)).toEqual(['copy.example']);
    expect(Object.keys(lost.by.domain)).toEqual(['site-0.example']);
  });
});
