// A signal inside a step ends the program soon, with a checkpoint of the last whole step, from which it goes on to the
// same bits. The micro-batches are so many that the step they are in would take minutes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeFolder, writeShards } from './shards.ts';

const program = fileURLToPath(new URL('../../apps/trainer/bin/gristmill-trainer.mjs', import.meta.url));
const shards = await writeShards();
const settings = ['nLayer=1', 'nEmbd=16', 'nHead=2', 'microBatchSize=1', 'warmupSteps=2', 'evalInterval=0'];

function start(run: string, ...more: string[]) {
  const args = ['train', '--shards', shards, '--model', 'nanogpt-char-cpu', '--run', run];
  const child = spawn(process.execPath, [program, ...args, '--set', ...settings, ...more], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  return { child, said: () => said };
}

const stepsOf = (run: string) =>
  existsSync(join(run, 'loss.jsonl'))
    ? readFileSync(join(run, 'loss.jsonl'), 'utf8').split('\n').length - 1
    : 0;

test('SIGTERM inside a step saves the last whole step and ends with 75', async () => {
  const [run, whole] = [join(makeFolder('stop'), 'run'), join(makeFolder('whole'), 'run')];
  const slow = ['gradAccumSteps=2000', 'steps=3', 'checkpointInterval=0'];
  const { child, said } = start(run, ...slow);
  const ended = once(child, 'exit') as Promise<[number, string | null]>;
  // Once the first step is logged, the second is under way.
  while (stepsOf(run) < 1 && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(75);
  expect(said()).toMatch(/stopped after step [12];/); // of three: within a step, not at the end of the run
  const saved = readdirSync(join(run, 'checkpoints'));
  expect(saved).toHaveLength(1);
  expect(stepsOf(run)).toBe(Number(saved[0].slice(5)));
  await once(start(run, ...slow).child, 'exit');
  await once(start(whole, ...slow).child, 'exit');
  const weights = (folder: string) => readFileSync(join(folder, 'model/model.safetensors'));
  expect(weights(run).equals(weights(whole))).toBe(true);
});

test('a second trainer in the folder is refused and told which process works there', async () => {
  const run = join(makeFolder('two'), 'run');
  const { child } = start(run, 'gradAccumSteps=2000', 'steps=50');
  const ended = once(child, 'exit');
  while (!existsSync(join(run, 'loss.jsonl')) && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const second = start(run, 'gradAccumSteps=2000', 'steps=50');
  const [code] = (await once(second.child, 'close')) as [number];
  expect(code).toBe(2);
  expect(second.said()).toMatch(/is being trained in by process \d+ on /);
  expect(second.said()).toContain('code: run-busy');
  child.kill('SIGTERM');
  await ended;
  // When it has gone, another one goes on.
  const third = start(run, 'gradAccumSteps=2000', 'steps=50');
  const gone = once(third.child, 'close');
  while (!third.said().includes('parameters') && third.child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 20));
  third.child.kill('SIGTERM');
  expect((await gone)[0]).toBe(75);
});
