import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { stepsThatSaw } from '@gristmill/corpus';
import { openLoader, parseIndex, traceStep, writeTokenShards } from '@gristmill/shards';
import { openDiskStore } from '@gristmill/storage';
import { findLeftOut, prepareRun, resolveSettings } from '@gristmill/trainer';
import { randomDocuments } from '../shards/token-fixture.ts';
import { keepProgram } from '../kept-program.ts';
import { makeFolder, small, vocabSize } from './shards.ts';
import { readCurve, trainSmall, weightsOf, type Line } from './small-run.ts';

const program = keepProgram('trainer');
afterAll(() => program.close());
// micro-batches of 4: 4 × 8, 8 × 8, 8 × 16, 16 × 32 tokens
const ramps = {
  batchRamp: { 1: 4, 4: 8, 10: 16 },
  lengthRamp: { 1: 8, 6: 16, 10: 32 },
};

test('steps grow as the tables say, and a run that was stopped within a ramp goes on to the same bits', async () => {
  const changes = { ...ramps, steps: 12, evalInterval: 4, checkpointInterval: 0 };
  const [whole, stopped] = [makeFolder('whole'), makeFolder('stopped')];
  await trainSmall(whole, changes);
  const tokens = (readCurve(whole) as (Line & { tokens: number })[]).map((line) => line.tokens);
  const steps = tokens.map((count, i) => count - (tokens[i - 1] ?? 0));
  expect(steps).toEqual([32, 32, 32, 64, 64, 128, 128, 128, 128, 512, 512, 512]);
  await trainSmall(stopped, changes, { stopAfter: 5 });
  await trainSmall(stopped, changes, { stopAfter: 10 });
  await trainSmall(stopped, changes);
  expect(readCurve(stopped)).toEqual(readCurve(whole));
  expect(weightsOf(stopped).equals(weightsOf(whole))).toBe(true);
});

test('a run keeps its ramps, and what its steps saw can be told without the shards', async () => {
  const corpus = makeFolder('ramp');
  const shards = join(corpus, 'tokens/k');
  const documents = randomDocuments({ documents: 120, maxTokens: 60, vocabSize });
  await writeTokenShards(shards, documents, { vocabSize, endOfText: 0, shardBytes: 800, key: 'k' });
  const config = join(makeFolder('config'), 'settings.json');
  writeFileSync(config, JSON.stringify({ ...small, ...ramps, steps: 11, evalInterval: 0 }));
  const run = join(makeFolder('run'), 'run');
  const request = { shards, model: 'nanogpt-char-cpu', config, run, set: [], repin: false };
  const args = ['--shards', shards, '--model', request.model, '--config', config, '--run', run];
  expect((await program.run(['train', ...args])).code).toBe(0);

  const { settings, loader } = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as {
    settings: object;
    loader: Parameters<typeof openLoader>[0];
  };
  expect(settings).toMatchObject(ramps);
  const index = parseIndex(readFileSync(join(run, 'index.json'), 'utf8'));
  const opened = await openLoader({ ...loader, shards, index });
  const seen: Set<string>[] = [];
  for (let step = 0; step < 11; step++) {
    const rows = await traceStep(opened, step);
    seen.push(new Set(rows.flatMap((row) => row!.documents.map(({ id }) => id))));
  }
  await opened.close();
  rmSync(shards, { recursive: true });
  expect((await findLeftOut(run)).documents).toEqual(new Set(seen.flatMap((ids) => [...ids])));
  const [corpusStore, runStore] = [corpus, run].map((root) => openDiskStore({ root }));
  for (const { id } of documents.slice(0, 40)) {
    const expected = seen.flatMap((ids, i) => (ids.has(id) ? [i + 1] : []));
    expect((await stepsThatSaw(corpusStore, runStore, id)).steps).toEqual(expected);
  }
  await writeTokenShards(shards, documents, { vocabSize, endOfText: 0, shardBytes: 800, key: 'k' });
  await expect(prepareRun({ ...request, set: ['batchRamp={"1":4}'] })).rejects.toMatchObject({
    code: 'run-differs',
    message: expect.stringContaining('batchRamp {"1":4,"4":8,"10":16}, now {"1":4}') as string,
  });
  await expect(prepareRun({ ...request, model: undefined, config: undefined })).resolves.toBeDefined();
});

test.each([
  [{ batchRamp: { 1: 6 } }],
  [{ batchRamp: { 0: 4 } }],
  [{ batchRamp: { first: 4 } }],
  [{ batchRamp: '8' }],
  [{ lengthRamp: { 1: 1000 } }],
  [{ lengthRamp: { 1: 2.5 } }],
])('the ramp %j is refused', (wrong) => {
  expect(() => resolveSettings(wrong)).toThrow(expect.objectContaining({ code: 'wrong-setting' }) as Error);
});
