// What the trainer says, writes and serves while it trains, by the command that people type.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeFolder } from './shards.ts';
import { textRun, writeTextShards } from './text-shards.ts';

const program = fileURLToPath(new URL('../../apps/trainer/bin/gristmill-trainer.mjs', import.meta.url));
const shards = await writeTextShards();
const config = join(makeFolder('config'), 'settings.json');
writeFileSync(config, JSON.stringify(textRun));
const argumentsOf = (run: string, ...more: string[]) => [
  program,
  ...['train', '--shards', shards, '--model', 'nanogpt-char-cpu', '--config', config, '--run', run, ...more],
];
const lines = (run: string, file: string) =>
  readFileSync(join(run, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('a run says on plain lines how it goes and where its model lies, and writes what it saw', () => {
  const run = join(makeFolder('watch'), 'run');
  const { stderr, status } = spawnSync(process.execPath, argumentsOf(run), { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(/^step 1\/60 loss \d\.\d{3} \d+ tokens\/s, MFU \d+\.\d %, \d+m? ?\d*s left$/m);
  expect(stderr).toMatch(/^sample after step 20: the miller/m);
  expect(stderr).toContain(
    `the model lies in ${join(run, 'model')}; try it:\n  gristmill-trainer generate --model`,
  );
  const mfu = lines(run, 'loss.jsonl').map((line) => line.mfu as number);
  expect(mfu.every((share) => share > 0 && share < 2)).toBe(true);
  const samples = lines(run, 'samples.jsonl');
  expect(samples.map(({ step }) => step)).toEqual([20, 40, 60]);
  expect(samples.every(({ prompt, text }) => prompt === 'the miller' && (text as string).length > 10)).toBe(
    true,
  );
  expect(new Set(samples.map(({ text }) => text)).size).toBeGreaterThan(1);
  expect(readdirSync(join(run, 'tensorboard'))).toEqual(['events.out.tfevents.0000000001.gristmill']);
  // The command that it names works.
  const command = /gristmill-trainer (generate .+) --prompt "(.+)"/.exec(stderr)!;
  const generate = [program, ...command[1].split(' '), '--prompt', command[2], '--max-tokens', '5'];
  expect(spawnSync(process.execPath, generate, { encoding: 'utf8' })).toMatchObject({ status: 0 });
});

test('--watch serves the run while it trains, with the documents of its last batch', async () => {
  const run = join(makeFolder('watch'), 'run');
  const child = spawn(
    process.execPath,
    argumentsOf(run, '--watch', '0', '--no-tensorboard', '--set', 'steps=100000'),
  );
  try {
    let stderr = '';
    const address = await new Promise<string>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
        const found = /watch it at (http:\S+)/.exec(stderr);
        if (found && /step 10\//.test(stderr)) resolve(found[1]);
      });
      child.once('close', () => reject(new Error(stderr)));
    });
    const answer = await fetch(`${address}documents`);
    const { step, documents } = (await answer.json()) as { step: number; documents: object[] };
    expect(step).toBeGreaterThan(5);
    expect(documents[0]).toMatchObject({
      id: expect.any(String) as string,
      source: expect.stringMatching(/^(books|web)$/) as string,
      language: 'eng_Latn',
    });
    expect(readdirSync(run)).not.toContain('tensorboard');
  } finally {
    child.kill('SIGTERM');
  }
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(75);
});

test('a --watch that is no port is refused', () => {
  const run = join(makeFolder('watch'), 'run');
  mkdirSync(run);
  const { stderr, status } = spawnSync(process.execPath, argumentsOf(run, '--watch', 'abc'), {
    encoding: 'utf8',
  });
  expect(status).toBe(2);
  expect(stderr).toContain('code: wrong-option');
});
