// No document that is refused is in a shard: what select forgot, and what a host has said since, is found.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  addHostReadings,
  checkCorpus,
  corpusStatus,
  explainDocument,
  removeDamaged,
  runRecipe,
} from '@gristmill/corpus';
import { openDiskStore } from '@gristmill/storage';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gristmill-fsck-consent-'));
  await mkdir(join(folder, 'pages'));
  const page = (name: string, head: string) =>
    `<html><head>${head}</head><body><p>${`The page about ${name} has words of its own. `.repeat(5)}</p></body></html>`;
  await writeFile(join(folder, 'pages', 'no.html'), page('refusal', '<meta name="robots" content="noai">'));
  await writeFile(join(folder, 'pages', 'yes.html'), page('consent', ''));
  const paper = {
    id: 1,
    url: 'https://a.example/p',
    text: 'A paper at an address of its own, in plain words.',
  };
  await writeFile(join(folder, 'pages', 'papers.jsonl'), JSON.stringify(paper));
});
afterEach(() => rm(folder, { recursive: true }));

async function build(select: { module: string; export: string }) {
  const file = join(folder, `${select.export}.json`);
  const source = { name: 'pages', kind: 'web', where: { root: 'pages' } };
  await writeFile(
    file,
    JSON.stringify({
      ...{ name: 'fsck', partitions: 2 },
      sources: [{ ...source, import: { module: '@gristmill/import', export: 'folderImporter' } }],
      steps: [
        { stage: 'extract', module: '@gristmill/extract', export: 'extractStage' },
        { stage: 'clean', module: '@gristmill/clean', export: 'cleanStage' },
        { stage: 'dedup', module: '@gristmill/dedup', export: 'dedupStage' },
        { stage: 'select', ...select, options: { split: { validation: 0 } } },
        {
          stage: 'tokenizer',
          module: '@gristmill/pack',
          export: 'tokenizerStage',
          options: { vocabSize: 270 },
        },
        { stage: 'pack', module: '@gristmill/pack', export: 'packStage' },
      ],
    }),
  );
  const store = openDiskStore({ root: join(folder, 'corpus'), sync: false });
  const run = () => runRecipe({ recipe: file, store, workers: 0, lock: join(folder, 'lock.json') });
  await run();
  return { store, run };
}

const problems = async (store: Parameters<typeof checkCorpus>[0]) =>
  (await checkCorpus(store)).damages.map(({ problem }) => problem);

test('a shard of a stage that forgot to ask is damage', async () => {
  const lax = new URL('./lax-select.ts', import.meta.url).pathname;
  const { store } = await build({ module: lax, export: 'laxSelectStage' });
  const { id, outcome, consent } = await explainDocument(store, 'pages/no.html');
  expect([outcome.kept, consent?.result]).toEqual([true, 'deny']);
  expect(await problems(store)).toEqual([`document ${id} of it may not be used: meta-robots`]);
});

test('a no that was heard since and not applied is found, and a repair applies it', async () => {
  const { store, run } = await build({ module: '@gristmill/select', export: 'selectStage' });
  expect(await problems(store)).toEqual([]);
  const { id } = await explainDocument(store, 'https://a.example/p');
  const text = 'User-agent: *\nContent-Usage: train-ai=n';
  const fetchedAt = '2099-01-01T00:00:00.000Z';
  const robots = { kind: 'robots', url: 'https://a.example/robots.txt', fetchedAt, text } as const;
  await addHostReadings(store, [{ origin: 'https://a.example', agent: 'gristmill', files: [robots] }]);
  expect(await problems(store)).toEqual([`document ${id} of it may not be used: aipref`]);
  const { steps } = await corpusStatus(store);
  expect(steps[0]).toMatchObject({ state: 'stale', why: '1 hosts were asked again what may be used' });
  await removeDamaged(store);
  await run();
  expect(await problems(store)).toEqual([]);
  const { outcome } = await explainDocument(store, 'https://a.example/p');
  expect(outcome.reason).toBe('consent-aipref');
});
