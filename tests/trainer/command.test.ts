import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openLoader, parseIndex } from '@gristmill/shards';
import { prepareRun } from '@gristmill/trainer';
import { makeFolder, small, writeShards } from './shards.ts';

const program = fileURLToPath(new URL('../../apps/trainer/bin/gristmill-trainer.mjs', import.meta.url));
const runProgram = (...args: string[]) =>
  spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });

const shards = await writeShards(1, 60);
const config = join(makeFolder('config'), 'settings.json');
writeFileSync(config, JSON.stringify({ ...small, steps: 4, checkpointInterval: 2 }));
const common = ['--shards', shards, '--model', 'nanogpt-char-cpu', '--config', config];

test('a dry run says what would be trained and writes nothing', () => {
  const run = join(makeFolder('dry'), 'run');
  const { stdout, status } = runProgram('train', ...common, '--run', run, '--dry-run');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    stepTokens: 256,
    stepsDone: 0,
    settings: { steps: 4, beta2: 0.99 },
  });
  expect(() => readFileSync(run)).toThrow(/ENOENT/);
});

test('a run describes itself, so that lineage can be computed from its folder', async () => {
  const run = join(makeFolder('cli'), 'run');
  expect(runProgram('train', ...common, '--run', run).status).toBe(0);
  const description = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as {
    loader: object;
    index: string;
  };
  const index = parseIndex(readFileSync(join(run, 'index.json'), 'utf8'));
  const loader = await openLoader({
    shards,
    index,
    ...(description.loader as { sequenceLength: number; globalBatchSize: number }),
  });
  expect(loader.pin).toBe(description.index);
  expect(loader.rows(0)).toHaveLength(8);
});

test('other settings or other shards are refused for a run that has begun, unless it is pinned anew', async () => {
  const run = join(makeFolder('pins'), 'run');
  runProgram('train', ...common, '--run', run);
  const changed = runProgram('train', ...common, '--run', run, '--set', 'learningRate=1');
  expect(changed.status).toBe(2);
  expect(changed.stderr).toContain('code: run-differs');
  const others = ['--shards', await writeShards(2, 60), ...common.slice(2)];
  const rewritten = runProgram('train', ...others, '--run', run);
  expect(rewritten.stderr).toContain('code: shards-rewritten');
  expect(rewritten.status).toBe(2);
  expect(runProgram('train', ...others, '--run', run, '--repin').status).toBe(0);
  const record = JSON.parse(readFileSync(join(run, 'repins.jsonl'), 'utf8')) as Record<string, unknown>;
  expect(record).toMatchObject({ step: 4 });
});

test.each([
  [{ model: 'gpt5' }, 'unknown-model'],
  [{ set: ['nHead=5'] }, 'wrong-setting'],
  [{ set: ['sequenceLength=4000'] }, 'wrong-setting'],
  [{ shards: makeFolder('empty') }, 'tokens-missing'],
  [{ config: join(makeFolder('none'), 'none.json') }, 'file-unreadable'],
])('%o is refused before any work with the code %s', async (changes, code) => {
  const run = join(makeFolder('bad'), 'run');
  const request = { shards, model: 'nanogpt-char-cpu', config, run, set: [], repin: false, ...changes };
  await expect(prepareRun(request)).rejects.toMatchObject({ code });
  expect(existsSync(run)).toBe(false);
});

test('an error ends the program with one sentence, a hint, a code and exit code 2', () => {
  const { status, stderr } = runProgram('train', ...common, '--run', 'nowhere', '--executor', 'abacus');
  expect(status).toBe(2);
  expect(stderr).toMatch(/^[^\n]+\n {2}hint: [^\n]+\n {2}code: unknown-executor\n$/);
});

test('help shows the commands, and a command an example', () => {
  expect(runProgram('--help').stdout).toMatch(/train[^]+evaluate[^]+score[^]+generate[^]+import[^]+export/);
  expect(runProgram('train', '--help').stdout).toContain('Example:');
});
