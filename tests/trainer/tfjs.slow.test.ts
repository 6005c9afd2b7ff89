// Every architecture trains on TensorFlow.js to the losses of `cpu`, and no tensor is left behind.
import { afterAll, expect, test } from 'vitest';
import { loadTfjs, openCpuExecutor, openPlainTfjs, type Executor } from '@gristmill/tensor';
import { takeSteps, trainings } from './every-architecture.ts';

const tf = await loadTfjs();
const cpu = openCpuExecutor({ threads: 1 });
const opened = new Map<string, Executor>();
const open = async (backend: 'wasm' | 'cpu') => {
  const executor = opened.get(backend) ?? (await openPlainTfjs(backend));
  opened.set(backend, executor);
  return executor;
};
afterAll(() => Promise.all([cpu, ...opened.values()].map((executor) => executor.close())));

test.each(Object.entries(trainings))('%s on tfjs', async (name, training) => {
  const steps = name === 'GPT-2' ? 4 : 2;
  const expected = await takeSteps(cpu, training, steps);
  // Plain JavaScript is slow, and says nothing that wasm does not: one family is enough.
  for (const backend of name === 'GPT-2' ? (['wasm', 'cpu'] as const) : (['wasm'] as const)) {
    const counts: number[] = [];
    const got = await takeSteps(await open(backend), training, steps, {
      onStep: () => counts.push(tf.memory().numTensors),
    });
    got.forEach(({ loss, gradNorm }, i) => {
      expect(Math.abs(loss - expected[i].loss), `${backend} loss ${i}`).toBeLessThan(1e-4);
      expect(Math.abs(gradNorm / expected[i].gradNorm - 1), `${backend} norm ${i}`).toBeLessThan(1e-3);
    });
    expect(new Set(counts).size, 'tensors after each step').toBe(1);
  }
});
