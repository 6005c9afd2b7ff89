// A run begun on one executor goes on on the other, and the losses are those of either alone within 1e-3.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { findPlugins } from '@gristmill/tensor';
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
