// Runs of every objective are a function of the step, and what they trained answers and scores.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { trainHere } from './run-here.ts';
import { request } from './small-objectives.ts';
import { writeTextShards } from './text-shards.ts';

const readLines = (run: string, file: string) =>
  readFileSync(join(run, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number; loss: number });
const lossesOf = (run: string) => readLines(run, 'loss.jsonl').map(({ loss }) => loss);

for (const [model, settings, sampleLength] of [
  ['bert', { nextSentence: true }, 29],
  ['bert', { nextSentence: true, lengthRamp: '{"1":16,"3":32}' }, 26],
  ['roberta', { documentMask: true, objective: 'masked' }, 30],
  ['t5', {}, 34],
  ['marian', { objective: 'prefix' }, 31],
  ['gpt2', { objective: 'prefix', documentMask: true }, 32],
  ['gpt2', { documentMask: true }, 32],
] as const)
  test(`a ${model} trains with ${JSON.stringify(settings)}, and goes on from a checkpoint bit by bit`, async () => {
    const whole = request(model, settings);
    await trainHere(whole);
    const losses = lossesOf(whole.run);
    expect(losses.every((loss) => loss > 0.5 && loss < 9)).toBe(true);
    const validation = readLines(whole.run, 'validation.jsonl');
    expect(validation.map(({ step }) => step)).toEqual([2, 4]);
    expect(validation.every(({ loss }) => loss > 0.5 && loss < 9)).toBe(true);
    const { loader } = JSON.parse(readFileSync(join(whole.run, 'run.json'), 'utf8')) as {
      loader: { sequenceLength: number };
    };
    expect(loader.sequenceLength).toBe(sampleLength);
    const half = request(model, { ...settings, steps: 2 });
    await trainHere(half);
    await trainHere(request(model, settings, { run: half.run }));
    expect(lossesOf(half.run)).toEqual(losses);
  });

const program = fileURLToPath(new URL('../../apps/trainer/bin/gristmill-trainer.mjs', import.meta.url));
const runProgram = (args: string[], input = '') =>
  spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', input });

test('an encoder-decoder answers prompts and scores pairs; an encoder scores, and writes nothing', async () => {
  const text = await writeTextShards(40);
  const [t5, bert] = [request('t5', {}, { shards: text }), request('bert', {}, { shards: text })];
  await trainHere(t5);
  await trainHere(bert);
  const prompts = '{"id":"a","prompt":"miller grinds"}\n{"prompt":"corn"}\n';
  const options = ['--temperature', '0', '--max-tokens', '5', '--input', '-'];
  const answered = runProgram(['generate', '--model', t5.run, ...options], prompts);
  expect(answered.stderr).toBe('');
  const lines = answered.stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { id: 'a', text: expect.any(String) as string },
    { id: '2', text: expect.any(String) as string },
  ]);
  const refused = runProgram(['generate', '--model', bert.run, '--prompt', 'corn']);
  expect(refused.stderr).toMatch(/a bert tells hidden tokens and writes no text/);
  expect(refused.stderr).toMatch(/cannot-generate/);
  for (const run of [t5.run, bert.run]) {
    const measured = runProgram(['evaluate', '--model', run, '--task', 'perplexity', '--shards', text]);
    expect(measured.stderr).toBe('');
    const { perplexity } = JSON.parse(measured.stdout) as { perplexity: number };
    expect(perplexity).toBeGreaterThan(2);
    expect(perplexity).toBeLessThan(1000);
  }
  const bits = runProgram(['evaluate', '--model', bert.run, '--task', 'bits-per-byte', '--shards', text]);
  expect(bits.stderr).toMatch(/no bits per byte[^]*wrong-kind/);
  const items = '{"id":"1","text":"miller grinds","context":"corn"}\n';
  for (const run of [t5.run, bert.run]) {
    const scored = runProgram(['score', '--model', run, '-'], items);
    expect(scored.stderr).toBe('');
    expect((JSON.parse(scored.stdout) as { logLikelihood: number }).logLikelihood).toBeLessThan(-1);
  }
});
