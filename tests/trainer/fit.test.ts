import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDiskStore } from '@gristmill/storage';
import { evaluationsSinceBest, judgeFit, readFitLog } from '../../apps/trainer/src/watch/fit.ts';
import { makeFolder } from './shards.ts';

const evaluations = (validation: number[], training: number[]) =>
  validation.map((loss, i) => ({ step: 10 * (i + 1), validation: loss, training: training[i] }));

test('validation that rises over three evaluations while training falls is overfitting', () => {
  const finding = judgeFit(evaluations([3, 2.5, 2.6, 2.7, 2.8], [3, 2.4, 2.2, 2, 1.9]), false);
  expect(finding).toMatchObject({ kind: 'overfitting', step: 50 });
  expect(finding?.message).toContain('rose from 2.500 to 2.800 while training loss fell from 2.400 to 1.900');
  expect(finding?.message).toContain('the best was 2.500 at step 20');
});

test('a rise of two evaluations, one with a dip, or one that training shares, is none', () => {
  expect(judgeFit(evaluations([3, 2.5, 2.6, 2.7], [3, 2.4, 2.2, 2]), true)).toBeUndefined();
  expect(judgeFit(evaluations([2.5, 2.6, 2.55, 2.7], [3, 2.4, 2.2, 2]), true)).toBeUndefined();
  expect(judgeFit(evaluations([2.5, 2.6, 2.7, 2.8], [2, 2.1, 2.2, 2.3]), true)).toBeUndefined();
});

test('both losses still falling at the end is underfitting, and not before the end', () => {
  const falling = evaluations([3, 2.5, 2.2], [3, 2.4, 2.1]);
  expect(judgeFit(falling, true)).toMatchObject({ kind: 'underfitting', step: 30 });
  expect(judgeFit(falling, false)).toBeUndefined();
  expect(judgeFit(evaluations([3, 2.5, 2.499], [3, 2.4, 2.1]), true)).toBeUndefined();
  expect(judgeFit(evaluations([2.5], [2.5]), true)).toBeUndefined();
});

test('training loss is the mean of the steps since the evaluation before, also of a run that goes on', () => {
  const run = makeFolder('fit');
  const line = (step: number, loss: number | null) => `${JSON.stringify({ step, loss })}\n`;
  writeFileSync(join(run, 'loss.jsonl'), [4, 3, null, 2, 1].map((loss, i) => line(i + 1, loss)).join(''));
  writeFileSync(join(run, 'validation.jsonl'), line(2, 5) + line(4, 6));
  const log = readFitLog(openDiskStore({ root: run }));
  log.addStep(2);
  log.addEvaluation(6, 7);
  expect(log.evaluations).toEqual([
    { step: 2, validation: 5, training: 3.5 },
    { step: 4, validation: 6, training: 2 },
    { step: 6, validation: 7, training: 1.5 },
  ]);
  expect(evaluationsSinceBest(log.evaluations)).toBe(2);
  expect(evaluationsSinceBest(evaluations([NaN, 3, NaN], [1, 1, 1]))).toBe(1);
});
