import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stepsThatSaw } from '@gristmill/corpus';
import { openLoader, parseIndex, traceStep, writeTokenShards } from '@gristmill/shards';
import { openDiskStore } from '@gristmill/storage';
import { prepareRun, resolveSettings } from '@gristmill/trainer';
import { randomDocuments } from '../shards/token-fixture.ts';
import { keepProgram } from '../kept-program.ts';
import { trainHere } from './run-here.ts';
import { makeFolder, small, vocabSize } from './shards.ts';

const program = keepProgram('trainer');
afterAll(() => program.close());
const runProgram = (...words: string[]) => program.run(words);

const mixture = {
  components: [
    { name: 'books', match: { source: 'books' }, weight: 1 },
    { name: 'good', match: { language: ['en', 'de'], minQuality: 50 }, epochs: 2 },
  ],
  temperature: 2,
  curriculum: [{ fromStep: 3, weights: { books: 3, good: 1 } }],
};
const settings = { ...small, steps: 6, checkpointInterval: 2, evalInterval: 0, packing: 'best-fit', mixture };

async function writeFolder(folder: string, seed: number) {
  const documents = randomDocuments({ documents: 120, maxTokens: 60, seed, vocabSize });
  await writeTokenShards(folder, documents, { vocabSize, endOfText: 0, seed, shardBytes: 800, key: 'k' });
  return documents;
}

interface Seen {
  readonly steps: number[];
  readonly tokens: number;
}

/** Brute force: document → the steps, from 1, whose rows name it, and its tokens in them. */
async function readStepsOf(shards: string, run: string): Promise<(id: string) => Seen> {
  const { loader } = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as { loader: object };
  const index = parseIndex(readFileSync(join(run, 'index.json'), 'utf8'));
  const opened = await openLoader({
    ...(loader as { sequenceLength: 32; globalBatchSize: 8 }),
    shards,
    index,
  });
  const seen: { id: string; step: number; tokens: number }[] = [];
  for (let step = 0; step < 6; step++)
    for (const row of await traceStep(opened, step))
      for (const { id, start, end } of row?.documents ?? [])
        seen.push({ id, step: step + 1, tokens: end - start });
  await opened.close();
  return (id) => {
    const own = seen.filter((one) => one.id === id);
    return {
      steps: [...new Set(own.map(({ step }) => step))],
      tokens: own.reduce((sum, { tokens }) => sum + tokens, 0),
    };
  };
}

describe('a run over a mixture', () => {
  test('prints its token counts before it begins, and its steps can be told without the shards', async () => {
    const corpus = makeFolder('mixture');
    const shards = join(corpus, 'tokens/k');
    const documents = await writeFolder(shards, 1);
    const config = join(makeFolder('config'), 'settings.json');
    writeFileSync(config, JSON.stringify(settings));
    const run = join(makeFolder('run'), 'run');
    const common = ['--shards', shards, '--model', 'nanogpt-char-cpu', '--config', config, '--run', run];
    const plan = JSON.parse((await runProgram('train', ...common, '--dry-run')).stdout) as {
      components: { name: string; rows: number; tokens: number }[];
    };
    expect(plan.components.map(({ name }) => name)).toEqual(['books', 'good']);
    expect(plan.components.reduce((sum, { rows }) => sum + rows, 0)).toBe(6 * 8);
    const trained = await runProgram('train', ...common);
    expect(trained.stderr).toContain(`books: ${plan.components[0].rows} rows`);
    expect(trained.code).toBe(0);

    const ids = documents.filter(({ split }) => split === 'train').map(({ id }) => id);
    const expected = ids.map(await readStepsOf(shards, run));
    expect(expected.some(({ steps }) => steps.length > 1)).toBe(true);
    rmSync(shards, { recursive: true });
    const [corpusStore, runStore] = [corpus, run].map((root) => openDiskStore({ root }));
    for (const [i, id] of ids.entries()) {
      const { steps, tokens } = await stepsThatSaw(corpusStore, runStore, id);
      expect({ steps, tokens }).toEqual(expected[i]);
    }

    const others = await writeFolder(shards, 2);
    const request = { shards, model: 'nanogpt-char-cpu', config, run, set: [], repin: false };
    await expect(prepareRun(request)).rejects.toMatchObject({ code: 'shards-rewritten' });
    await trainHere({ ...request, repin: true });
    for (const [i, id] of ids.entries()) {
      expect((await stepsThatSaw(corpusStore, runStore, id)).steps).toEqual(expected[i].steps);
    }
    expect((await stepsThatSaw(corpusStore, runStore, others[0].id)).steps).toEqual([]);
    expect(existsSync(join(run, 'samples.json'))).toBe(true);
    expect(readdirSync(join(run, 'heads')).length).toBeGreaterThan(4);
  });

  test('with another mixture is another run', async () => {
    const shards = join(makeFolder('other'), 'tokens');
    await writeFolder(shards, 1);
    const config = join(makeFolder('config'), 'settings.json');
    writeFileSync(config, JSON.stringify({ ...settings, steps: 1 }));
    const run = join(makeFolder('run'), 'run');
    const request = { shards, model: 'nanogpt-char-cpu', config, run, set: [], repin: false };
    await trainHere(request);
    await expect(prepareRun({ ...request, set: ['packing=concat'] })).rejects.toMatchObject({
      code: 'run-differs',
      message: expect.stringContaining('packing "best-fit", now "concat"') as string,
    });
  });
});

test.each([
  [{ packing: 'tight' }],
  [{ onDamaged: 'ignore' }],
  [{ mixture: 'books' }],
  [{ mixture: { components: [] } }],
  [{ mixture: { components: [{ weight: 1 }] } }],
  [{ mixture: { components: [{ name: 'a', wheight: 1 }] } }],
  [{ mixture: { components: [{ name: 'a', match: { sauce: 'b' } }] } }],
  [{ mixture: { components: [{ name: 'a', weight: -1 }] } }],
  [{ mixture: { components: [{ name: 'a' }, { name: 'a' }] } }],
  [{ mixture: { components: [{ name: 'a' }], temperature: 0 } }],
  [{ mixture: { components: [{ name: 'a' }], curriculum: [{ weights: { a: 1 } }] } }],
])('the data setting %j is refused', (wrong) => {
  expect(() => resolveSettings(wrong)).toThrow(expect.objectContaining({ code: 'wrong-setting' }) as Error);
});
