// A run that cannot be fooled, and comes back: what follows a fault, bit for bit.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readModel } from '@gristmill/models';
import { openDiskStore } from '@gristmill/storage';
import { checkpointsOf, linesOf, spoilStep } from './faults.ts';
import { makeFolder } from './shards.ts';
import { readCurve, trainSmall, weightsOf, type Line } from './small-run.ts';

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
