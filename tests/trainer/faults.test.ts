// A run that cannot be fooled: losses that are no numbers, tokens beyond the vocabulary, damaged checkpoints, full disks.
import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readModel } from '@gristmill/models';
import { openDiskStore } from '@gristmill/storage';
import { openCpuExecutor, type Executor } from '@gristmill/tensor';
import { judgeStep } from '@gristmill/trainer';
import { makeFolder } from './shards.ts';
import { readCurve, trainSmall, weightsOf, type Line } from './small-run.ts';

/** An executor on which the loss of the n-th step (from 1) comes out as another, once. */
function spoilStep(n: number, loss = NaN): Executor {
  const executor = openCpuExecutor();
  let measured = 0;
  return {
    ...executor,
    async run(executable, inputs) {
      const outputs = await executor.run(executable, inputs);
      if (!('gradNorm' in outputs) || ++measured !== n) return outputs;
      return { ...outputs, loss: await executor.upload({ shape: [], dtype: 'f32' }, [loss]) };
    },
  };
}

const checkpointsOf = (run: string) => readdirSync(join(run, 'checkpoints')).sort();
const linesOf = (run: string, file: string) =>
  readFileSync(join(run, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number; loss: number | null; skipped?: string });

test('a loss that is no number ends the run, names the documents of its batch, and keeps what was good', async () => {
  const run = makeFolder('nan');
  const ends = trainSmall(run, {}, { executor: spoilStep(17) });
  await expect(ends).rejects.toMatchObject({
    code: 'loss-not-finite',
    message: expect.stringMatching(/^step 17 has a loss of NaN/) as string,
    hint: expect.stringMatching(/documents [0-9a-f]{32}, /) as string,
  });
  expect(checkpointsOf(run)).toEqual(['step-00000010']);
  expect(linesOf(run, 'loss.jsonl')).toHaveLength(16);
  const whole = makeFolder('whole');
  await trainSmall(whole);
  await trainSmall(run); // goes on from step 10
  expect(weightsOf(run).equals(weightsOf(whole))).toBe(true);
});

test('a learning rate beyond all measure ends the run and leaves no weights that are no numbers', async () => {
  const run = makeFolder('wild');
  const ends = trainSmall(run, { learningRate: 1e30, clip: 0, warmupSteps: 20, checkpointInterval: 1 });
  await expect(ends).rejects.toMatchObject({
    code: expect.stringMatching(/^(loss|weights)-not-finite$/) as string,
  });
  expect(existsSync(join(run, 'model'))).toBe(false);
  for (const name of checkpointsOf(run).filter((entry) => !entry.includes('.'))) {
    const { weights } = await readModel(join(run, 'checkpoints', name));
    for (const data of weights.values()) expect(data.every(Number.isFinite)).toBe(true);
  }
});

test('under skip the step leaves moments and count of updates alone, like a step that was to be passed by', async () => {
  const [skipped, passed] = [makeFolder('skip'), makeFolder('pass')];
  const troubles: string[] = [];
  await trainSmall(
    skipped,
    { nonFinite: 'skip' },
    { executor: spoilStep(17), onTrouble: (message) => troubles.push(message) },
  );
  expect(troubles).toEqual([expect.stringMatching(/^step 17 has a loss of NaN .*: skip; its batch held/)]);
  writeFileSync(join(passed, 'skips.jsonl'), '{"from":17,"to":17,"why":"asked"}\n');
  await trainSmall(passed);
  expect(weightsOf(skipped).equals(weightsOf(passed))).toBe(true);
  expect(linesOf(skipped, 'loss.jsonl')[16]).toMatchObject({ step: 17, loss: null, skipped: 'not finite' });
  expect(linesOf(passed, 'loss.jsonl')[16]).toMatchObject({ step: 17, loss: null, skipped: 'asked' });
  const whole = makeFolder('whole');
  await trainSmall(whole);
  expect(weightsOf(skipped).equals(weightsOf(whole))).toBe(false);
});

test('under rewind the run goes back, passes the step by, and is resumed to the same bits', async () => {
  const [rewound, passed] = [makeFolder('rewind'), makeFolder('pass')];
  await trainSmall(rewound, { nonFinite: 'rewind' }, { executor: spoilStep(17), stopAfter: 25 });
  expect(readFileSync(join(rewound, 'skips.jsonl'), 'utf8')).toBe('{"from":17,"to":17,"why":"rewind"}\n');
  await trainSmall(rewound);
  writeFileSync(join(passed, 'skips.jsonl'), '{"from":17,"to":17,"why":"rewind"}\n');
  await trainSmall(passed);
  expect(readCurve(rewound)).toEqual(readCurve(passed));
  expect((readCurve(rewound) as Line[]).map(({ step }) => step)).toEqual(
    Array.from({ length: 40 }, (_, i) => i + 1),
  );
  expect(weightsOf(rewound).equals(weightsOf(passed))).toBe(true);
});

test('a spike is a loss six deviations above the last 128, after the first 512 steps', () => {
  const before = Array.from({ length: 200 }, (_, i) => 2 + (i % 2 ? 0.1 : -0.1)); // deviation .1
  const settings = { nonFinite: 'stop', spike: 'skip' } as const;
  const judge = (loss: number, step = 600, losses = before) =>
    judgeStep({ loss, gradNorm: 1 }, { step, before: losses }, settings);
  expect(judge(2.59)).toBeUndefined();
  expect(judge(2.61)).toMatchObject({ trouble: 'spike', action: 'skip' });
  expect(judge(0)).toBeUndefined();
  expect(judge(2.61, 512)).toBeUndefined();
  expect(judge(2.61, 600, before.slice(0, 127))).toBeUndefined();
  expect(judge(Infinity, 1, [])).toMatchObject({ trouble: 'not finite', action: 'stop' });
  expect(judgeStep({ loss: 1, gradNorm: NaN }, { step: 1, before: [] }, settings)).toBeDefined();
});

test.each(['report', 'skip'])(
  'a spike after 512 steps is told with its documents under %s',
  async (spike) => {
    const run = makeFolder('spike');
    const tiny = { nLayer: 1, nHead: 1, nEmbd: 8, sequenceLength: 8, microBatchSize: 2, gradAccumSteps: 1 };
    const quick = { ...tiny, steps: 516, evalInterval: 0, checkpointInterval: 0, spike };
    const troubles: string[] = [];
    const onTrouble = (message: string) => troubles.push(message);
    await trainSmall(run, quick, { executor: spoilStep(514, 50), onTrouble });
    const outcome = spike === 'report' ? 'trained on' : 'skip';
    expect(troubles).toEqual([
      expect.stringMatching(
        new RegExp(
          `^the loss of step 514 is 50\\.000, .* deviations .*: ${outcome}; its batch held documents? [0-9a-f]{32}`,
        ),
      ),
    ]);
    const line = linesOf(run, 'loss.jsonl')[513];
    expect(line).toMatchObject({ step: 514, loss: 50 });
    expect(line.skipped).toBe(spike === 'report' ? undefined : 'spike');
  },
);

test('a token beyond the vocabulary is an error with the documents of its batch', async () => {
  const run = makeFolder('beyond');
  const batch = async (
    source: { batch(step: number): Promise<{ tokens: Int32Array; targets: Int32Array }> },
    step: number,
  ) => {
    const samples = await source.batch(step);
    if (step === 3) samples.tokens[5] = 28;
    return samples;
  };
  await expect(trainSmall(run, {}, { batch })).rejects.toMatchObject({
    code: 'token-beyond-vocabulary',
    message: 'step 3 has a token 28, and the model a vocabulary of 28',
    hint: expect.stringMatching(/[0-9a-f]{32}/) as string,
  });
});

for (const file of ['model.safetensors', 'optimizer.safetensors', 'state.json'])
  test(`a checkpoint with a damaged ${file} is named, and the one before is taken`, async () => {
    const [run, whole] = [makeFolder('damaged'), makeFolder('whole')];
    await trainSmall(whole);
    await trainSmall(run, {}, { stopAfter: 23 }); // checkpoints 20 and 23
    const path = join(run, 'checkpoints/step-00000023', file);
    const bytes = readFileSync(path);
    bytes[file === 'state.json' ? 0 : bytes.length >> 1] ^= 255;
    writeFileSync(path, bytes);
    const named: string[] = [];
    await trainSmall(run, {}, { onDamaged: (error) => named.push(error.message) });
    expect(named).toEqual([expect.stringContaining(`checkpoints/step-00000023/${file}`)]);
    expect(readCurve(run)).toEqual(readCurve(whole));
    expect(weightsOf(run).equals(weightsOf(whole))).toBe(true);
    expect(checkpointsOf(run)).toContain('step-00000023.damaged');
  });

test('a run of which every checkpoint is damaged is refused', async () => {
  const run = makeFolder('damaged');
  await trainSmall(run, { steps: 10 });
  writeFileSync(join(run, 'checkpoints/step-00000010/model.safetensors'), 'nothing');
  await expect(trainSmall(run)).rejects.toMatchObject({ code: 'checkpoint-damaged' });
});

test('a checkpoint that cannot be written leaves the one before, also with one that is kept', async () => {
  const run = makeFolder('no-room');
  const store = openDiskStore({ root: run });
  const full = {
    ...store,
    writer: (path: string) =>
      path.includes('step-00000020') && path.endsWith('optimizer.safetensors')
        ? Promise.reject(new Error('ENOSPC'))
        : store.writer(path),
  };
  await expect(trainSmall(run, { keepCheckpoints: 1 }, { run: full })).rejects.toThrow('ENOSPC');
  expect(checkpointsOf(run).filter((name) => !name.endsWith('.partial'))).toEqual(['step-00000010']);
  const whole = makeFolder('whole');
  await trainSmall(whole);
  await trainSmall(run, { keepCheckpoints: 1 });
  expect(weightsOf(run).equals(weightsOf(whole))).toBe(true);
});

test('a kill between the two renames of a checkpoint costs nothing', async () => {
  const run = makeFolder('renames');
  await trainSmall(run, {}, { stopAfter: 20 });
  const at = (name: string) => join(run, 'checkpoints', name);
  const [newest] = checkpointsOf(run).slice(-1);
  renameSync(at(newest), at(`${newest}.partial`)); // whole, not yet in its place
  renameSync(at('step-00000010'), at('step-00000010.old')); // out of its place
  await trainSmall(run, {}, { stopAfter: 21 });
  expect((readCurve(run) as Line[]).at(-1)!.step).toBe(21);
  expect(checkpointsOf(run)).toEqual(['step-00000020', 'step-00000021']);
});
