import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Finding, RunWatcher } from '@gristmill/trainer';
import { makeFolder } from './shards.ts';
import { readCurve, trainSmall, weightsOf } from './small-run.ts';

const json = <T>(run: string, file: string) => JSON.parse(readFileSync(join(run, file), 'utf8')) as T;
const logged = (run: string, file: string) =>
  readFileSync(join(run, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number; loss: number });

/** Learns one batch by heart. */
const overfit = {
  learningRate: 2e-2,
  minLearningRate: 2e-2,
  dropout: 0,
  weightDecay: 0,
  evalInterval: 10,
  evalTokens: 500,
};
test('a run that learns by heart is told to overfit, ends by patience, and keeps the model of its best step', async () => {
  const run = makeFolder('overfit');
  const findings: (Finding | undefined)[] = [];
  const report = await trainSmall(
    run,
    { ...overfit, steps: 400, patience: 4, keepCheckpoints: 1 },
    { batch: (from) => from.batch(1), onFinding: (finding) => findings.push(finding) },
  );
  const validation = logged(run, 'validation.jsonl');
  const best = validation.reduce((least, one) => (one.loss < least.loss ? one : least));
  expect(report).toMatchObject({ finished: true, bestStep: best.step, step: best.step + 4 * 10 });
  expect(findings[0]).toMatchObject({ kind: 'overfitting' });
  expect(json<{ findings: Finding[] }>(run, 'findings.json').findings[0].message).toContain(
    `at step ${best.step}`,
  );
  const name = (step: number) => `step-${String(step).padStart(8, '0')}`;
  expect(readdirSync(join(run, 'checkpoints'))).toEqual([name(best.step), name(report.step)]);
  const kept = readFileSync(join(run, 'checkpoints', name(best.step), 'model.safetensors'));
  expect(weightsOf(run).equals(kept)).toBe(true);
  expect(readdirSync(join(run, 'model'))).not.toContain('optimizer.safetensors');
  // The same again does nothing more; with more patience it goes on.
  expect(await trainSmall(run, { ...overfit, steps: 400, patience: 4 })).toMatchObject({ step: report.step });
  const longer = await trainSmall(
    run,
    { ...overfit, steps: 400, patience: 6 },
    { batch: (from) => from.batch(1) },
  );
  expect(longer.step).toBe(report.step + 20);
});

test('a run that ends too soon is told to underfit', async () => {
  const run = makeFolder('underfit');
  await trainSmall(run, { steps: 20, evalInterval: 10 });
  expect(json<{ findings: Finding[] }>(run, 'findings.json').findings).toMatchObject([
    { kind: 'underfitting', step: 20 },
  ]);
});

test('who watches changes no bit of a run', async () => {
  const alone = makeFolder('alone');
  await trainSmall(alone);
  const run = makeFolder('watched');
  const seen: Record<string, number[]> = {};
  const note = (kind: string, step: number) => (seen[kind] ??= []).push(step);
  const watcher: Omit<RunWatcher, 'onStep'> = {
    onGradients: ({ step, all }) => all.count > 0 && note('gradients', step),
    onValidation: (step) => note('validation', step),
  };
  await trainSmall(run, { histogramInterval: 15 }, watcher);
  expect(seen).toEqual({ gradients: [1, 15, 30, 40], validation: [20, 40] });
  expect(readCurve(run)).toEqual(readCurve(alone));
  expect(weightsOf(run).equals(weightsOf(alone))).toBe(true);
  expect(existsSync(join(run, 'samples.jsonl'))).toBe(false); // the shards have no tokenizer
});
