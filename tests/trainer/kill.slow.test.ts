// A real process, killed without warning at seeded moments, writes the same losses and weights in the end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { makeFolder, small, writeShards } from './shards.ts';

const program = fileURLToPath(new URL('../../apps/trainer/bin/gristmill-trainer.mjs', import.meta.url));
const shards = await writeShards();

/** A checkpoint is being written beside every step of the second, so a kill mostly falls into one. */
const runs = {
  'AdamW, a checkpoint every seven steps': { optimizer: 'adamw', checkpointInterval: 7 },
  'Muon, a checkpoint every step': { optimizer: 'muon', checkpointInterval: 1, keepCheckpoints: 1 },
};

function writeConfig(changes: object): string {
  const config = join(makeFolder('config'), 'settings.json');
  writeFileSync(config, JSON.stringify({ ...small, steps: 120, evalInterval: 30, ...changes }));
  return config;
}

function start(config: string, run: string, threads: number) {
  const args = ['train', '--shards', shards, '--model', 'nanogpt-char-cpu', '--config', config];
  return spawn(process.execPath, [program, ...args, '--run', run, '--threads', String(threads)], {
    stdio: 'ignore',
  });
}

/** Kills the process as soon as its log has so many lines; false when it ended before. */
async function killAtStep(config: string, run: string, threads: number, lines: number): Promise<boolean> {
  const child = start(config, run, threads);
  const ended = once(child, 'exit');
  const log = join(run, 'loss.jsonl');
  while (child.exitCode === null) {
    if (existsSync(log) && readFileSync(log, 'utf8').split('\n').length > lines) break;
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 2))]);
  }
  const killed = child.kill('SIGKILL');
  await ended;
  return killed;
}

const curveOf = (run: string) =>
  readFileSync(join(run, 'loss.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { step, loss, gradNorm } = JSON.parse(line) as Record<string, number>;
      return { step, loss, gradNorm };
    });

test.each(Object.entries(runs))(
  'a run killed ten times (%s) ends like one that was left alone',
  async (_, changes) => {
    const config = writeConfig(changes);
    const [whole, killed] = [join(makeFolder('whole'), 'run'), join(makeFolder('killed'), 'run')];
    await once(start(config, whole, 1), 'exit');
    const random = createRandom(20);
    let kills = 0;
    for (let n = 0; n < 10; n++) {
      const at = 1 + Math.floor(random() * 12 * (n + 1));
      if (await killAtStep(config, killed, 1 + (n % 2), Math.min(at, 119))) kills++;
    }
    expect(kills).toBeGreaterThan(5);
    await once(start(config, killed, 2), 'exit');
    expect(curveOf(killed)).toEqual(curveOf(whole));
    const weights = (run: string) => readFileSync(join(run, 'model/model.safetensors'));
    expect(weights(killed).equals(weights(whole))).toBe(true);
  },
);
