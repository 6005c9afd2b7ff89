import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readModel } from '@gristmill/models';
import { openDiskStore } from '@gristmill/storage';
import { makeFolder, vocabSize } from './shards.ts';
import { readCurve, trainSmall, weightsOf, type Line } from './small-run.ts';

test('a run learns, logs every step and writes a model', async () => {
  const run = makeFolder('run');
  const report = await trainSmall(run);
  const curve = readCurve(run) as Line[];
  expect(curve.map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  expect(curve[0].loss).toBeGreaterThan(Math.log(vocabSize) - 0.2);
  expect(curve[39].loss).toBeLessThan(2.4);
  expect(report.validationLoss).toBeLessThan(2.4);
  expect(readdirSync(join(run, 'checkpoints'))).toEqual(['step-00000030', 'step-00000040']);
  expect((await readModel(join(run, 'model'))).model.toJson()).toMatchObject({ n_embd: 32 });
});

test('a line of the log has the fields that other programs rely on, and no others', async () => {
  const run = makeFolder('run');
  await trainSmall(run, { steps: 1 });
  const line = JSON.parse(readFileSync(join(run, 'loss.jsonl'), 'utf8')) as object;
  expect(Object.keys(line)).toEqual([
    'step',
    'loss',
    'learningRate',
    'gradNorm',
    'tokens',
    'tokensPerSecond',
    'inputWaitMs',
  ]);
});

for (const optimizer of ['adamw', 'muon']) {
  test(`losses and weights under ${optimizer} are the same bits for 1, 2 and 3 threads`, async () => {
    const runs = await Promise.all(
      [1, 2, 3].map(async (threads) => {
        const run = makeFolder(`threads-${threads}`);
        await trainSmall(run, { optimizer, steps: 12, gradAccumSteps: 3 }, { threads });
        return run;
      }),
    );
    for (const run of runs.slice(1)) {
      expect(readCurve(run)).toEqual(readCurve(runs[0]));
      expect(weightsOf(run).equals(weightsOf(runs[0]))).toBe(true);
    }
  });
}

test('a run that was stopped goes on to the same bits, also after losing lines or a half-written checkpoint', async () => {
  const whole = makeFolder('whole');
  await trainSmall(whole);
  const stopped = makeFolder('stopped');
  await trainSmall(stopped, {}, { stopAfter: 17 });
  expect((readCurve(stopped) as Line[]).at(-1)!.step).toBe(17);
  await trainSmall(stopped, {}, { stopAfter: 20 }); // before the evaluation that is due there
  await trainSmall(stopped, {}, { stopAfter: 23 });
  // As if killed while step 24 was logged and its checkpoint written: a cut line, a folder without state.json.
  writeFileSync(join(stopped, 'loss.jsonl'), '{"step":24,"lo', { flag: 'a' });
  await openDiskStore({ root: stopped }).replace('checkpoints/step-00000024/model.safetensors', 'half');
  await trainSmall(stopped);
  expect(readCurve(stopped)).toEqual(readCurve(whole));
  expect(weightsOf(stopped).equals(weightsOf(whole))).toBe(true);
  const validation = (run: string) => readFileSync(join(run, 'validation.jsonl'), 'utf8');
  expect(validation(stopped)).toBe(validation(whole));
});

test('a checkpoint is a model directory', async () => {
  const run = makeFolder('checkpoint');
  await trainSmall(run, { steps: 10 });
  const { weights } = await readModel(join(run, 'checkpoints/step-00000010'));
  expect(weights.get('wte.weight')).toEqual((await readModel(join(run, 'model'))).weights.get('wte.weight'));
  expect(existsSync(join(run, 'checkpoints/step-00000010/generation_config.json'))).toBe(true);
});
