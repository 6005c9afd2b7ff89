// Whole trainings on XLA: every architecture learns what it learns on `cpu`; 500 steps in bf16 stay near those in f32; a
// run begun on one executor goes on on the other, and the losses are those of either alone within 1e-3.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { findPlugins, openCpuExecutor, openXlaExecutor, type Executor } from '@gristmill/tensor';
import { takeSteps, trainings } from './every-architecture.ts';
import { makeFolder, writeShards } from './shards.ts';

const program = fileURLToPath(new URL('../../apps/trainer/bin/gristmill-trainer.mjs', import.meta.url));
const shards = await writeShards();
const why = findPlugins().length > 0 ? '' : ' (skipped: no PJRT plugin is installed)';
const settings = [
  'nLayer=2',
  'nEmbd=32',
  'dropout=0.1',
  'microBatchSize=2',
  'gradAccumSteps=2',
  'evalInterval=3',
];

function train(run: string, executor: string, ...more: string[]): void {
  const args = [
    'train',
    '--shards',
    shards,
    '--model',
    'nanogpt-char-cpu',
    '--run',
    run,
    '--executor',
    executor,
  ];
  const { status, stderr } = spawnSync(process.execPath, [program, ...args, '--set', ...settings, ...more], {
    encoding: 'utf8',
  });
  expect(stderr).not.toContain('code:');
  expect(status).toBe(0);
}

const lossesOf = (run: string, file: string) =>
  readFileSync(join(run, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { loss: number }).loss);

test.skipIf(why !== '')(`cpu and xla go on with each other's runs, to the same losses${why}`, () => {
  const [whole, there, back] = ['whole', 'there', 'back'].map((name) => join(makeFolder(name), 'run'));
  // Warm-up is longer than the run, so that more steps do not change the learning rates before.
  train(whole, 'cpu', 'steps=12');
  train(there, 'cpu', 'steps=6');
  train(there, 'xla', 'steps=12');
  train(back, 'xla', 'steps=6');
  train(back, 'cpu', 'steps=12');
  for (const file of ['loss.jsonl', 'validation.jsonl']) {
    const expected = lossesOf(whole, file);
    for (const run of [there, back]) {
      const losses = lossesOf(run, file);
      expect(losses).toHaveLength(expected.length);
      losses.forEach((loss, i) => expect(Math.abs(loss - expected[i]), `${file} ${i}`).toBeLessThan(1e-3));
    }
  }
});

const plugin = findPlugins().at(0)?.path;
const executors =
  plugin === undefined ? undefined : ([await openXlaExecutor({ plugin }), openCpuExecutor()] as const);
afterAll(() => Promise.all((executors ?? []).map((executor: Executor) => executor.close())));

test.skipIf(!executors).each(Object.entries(trainings))(
  `%s learns on xla what it learns on cpu${why}`,
  async (_, training) => {
    const [got, expected] = await Promise.all(executors!.map((executor) => takeSteps(executor, training, 3)));
    got.forEach(({ loss, gradNorm }, i) => {
      expect(Math.abs(loss - expected[i].loss), `loss ${i}`).toBeLessThan(1e-4);
      expect(Math.abs(gradNorm / expected[i].gradNorm - 1), `norm ${i}`).toBeLessThan(1e-3);
    });
  },
);

test.skipIf(!executors)(`500 steps in bf16 stay within .02 of those in f32${why}`, async () => {
  const training = trainings.LLaMA;
  const f32 = await takeSteps(executors![0], training, 500);
  const bf16 = await takeSteps(executors![0], training, 500, { settings: { precision: 'bf16' } });
  const mean = (taken: typeof f32, from: number) =>
    taken.slice(from, from + 10).reduce((sum, { loss }) => sum + loss, 0) / 10;
  for (let from = 0; from < 500; from += 10)
    expect(Math.abs(mean(bf16, from) - mean(f32, from)), `steps from ${from}`).toBeLessThan(0.02);
});
