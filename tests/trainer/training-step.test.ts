// A training step gives what its definition says on every executor: the reference runs the same programs in double
// precision, and a second definition of AdamW and of the loss stands here in plain loops.
import { afterAll, expect, test } from 'vitest';
import { createModel, type ModelConfig } from '@gristmill/models';
import { openCpuExecutor, openReferenceExecutor, type Executor } from '@gristmill/tensor';
import { createOptimizer, createTrainingStep, resolveSettings } from '@gristmill/trainer';

const config: ModelConfig = {
  modelType: 'gpt2',
  vocabSize: 11,
  nPositions: 4,
  nLayer: 1,
  nHead: 2,
  nEmbd: 8,
  dropout: 0.1,
  layerNormEpsilon: 1e-5,
  initializerRange: 0.1,
  eosTokenId: 0,
};
const model = createModel(config);
// With the usual ε the keys' bias, whose gradient is zero but for rounding, would follow that rounding.
const changes = { microBatchSize: 2, gradAccumSteps: 2, sequenceLength: 4, clip: 0.5 };
const epsilonOf = (optimizer: string) => (/adam|muon/.test(optimizer) ? { epsilon: 1e-4 } : {});
const draw = (from: number) => Int32Array.from({ length: 16 }, (_, i) => (i * 5 + from) % 11);
const executors = [openCpuExecutor({ threads: 2 }), openReferenceExecutor()];
afterAll(() => Promise.all(executors.map((executor) => executor.close())));

async function open(executor: Executor, optimizer: string, of = model, more: Record<string, unknown> = {}) {
  const { settings } = resolveSettings({ ...changes, ...epsilonOf(optimizer), optimizer, ...more });
  return createTrainingStep({
    executor,
    model: of,
    shape: settings,
    optimizer: createOptimizer(settings),
    seed: 9,
    clip: settings.clip,
  });
}

for (const optimizer of ['adamw', 'adam', 'sgd', 'adafactor', 'muon']) {
  test(`three steps of ${optimizer} on cpu give the losses, norms and weights of the reference`, async () => {
    const [cpu, reference] = await Promise.all(
      executors.map((executor) => open(executor, optimizer, model, { emaDecay: 0.9, labelSmoothing: 0.1 })),
    );
    for (let step = 1; step <= 3; step++) {
      const samples = { tokens: draw(step), targets: draw(step + 1) };
      const input = { step, updates: step - 1, learningRate: 0.01, samples };
      const [got, expected] = [await cpu.run(input), await reference.run(input)];
      expect(got!.loss).toBeCloseTo(expected!.loss, 5);
      expect(got!.gradNorm).toBeCloseTo(expected!.gradNorm, 4);
      expect(expected!.gradNorm).toBeGreaterThan(changes.clip); // so clipping was at work
    }
    for (const name of [...Object.keys(cpu.parameters()), ...Object.keys(cpu.stateTypes)]) {
      const [got, expected] = [await cpu.read(name), await reference.read(name)];
      got.forEach((value, i) => expect(value, name).toBeCloseTo(expected[i], 4));
    }
  });
}

test('loss and gradient are those of all targets that count, however unequal the masks of micro-batches', async () => {
  const still = createModel({ ...config, dropout: 0 });
  const tokens = draw(3);
  const targets = draw(4).map((target, i) => (i < 7 || i === 12 ? -1 : target)); // 1 of 8, then 7 of 8
  const run = async (microBatchSize: number, gradAccumSteps: number) => {
    const step = await open(executors[1], 'adamw', still, { microBatchSize, gradAccumSteps, clip: 0 });
    const result = await step.run({ step: 1, updates: 0, learningRate: 0.01, samples: { tokens, targets } });
    return { ...result!, table: await step.read('wte.weight') };
  };
  const [whole, halves, rows] = [await run(4, 1), await run(2, 2), await run(1, 4)];
  expect(whole.targets).toBe(8);
  expect(whole.loss).toBeCloseTo(Math.log(11), 0); // nats a target, not a position
  for (const parts of [halves, rows]) {
    expect(parts.targets).toBe(8);
    expect(parts.loss).toBeCloseTo(whole.loss, 6);
    expect(parts.gradNorm).toBeCloseTo(whole.gradNorm, 6);
    parts.table.forEach((value, i) => expect(value).toBeCloseTo(whole.table[i], 5));
  }
});

test('a step that computes blocks again gives the same, and needs less memory', async () => {
  const deep = createModel({ ...config, nLayer: 4 });
  const run = async (executor: Executor, remat: string) => {
    const step = await open(executor, 'adamw', deep, { remat });
    const samples = { tokens: draw(1), targets: draw(2) };
    const { loss, gradNorm } = (await step.run({ step: 1, updates: 0, learningRate: 0.01, samples }))!;
    return { loss, gradNorm, bytes: step.memory.working };
  };
  for (const executor of executors) {
    const [kept, again] = [await run(executor, 'none'), await run(executor, 'block')];
    expect(again.loss).toBe(kept.loss);
    expect(again.gradNorm).toBeCloseTo(kept.gradNorm, 5);
    if (executor.name === 'cpu') expect(again.bytes).toBeLessThan(kept.bytes);
  }
});

test('a step that nobody wants updated leaves parameters and state as they were', async () => {
  const step = await open(executors[0], 'adamw');
  const samples = { tokens: draw(1), targets: draw(2) };
  await step.run({ step: 1, updates: 0, learningRate: 0.01, samples });
  const names = ['wte.weight', 'm:wte.weight', 'v:ln_f.bias'];
  const before = await Promise.all(names.map((name) => step.read(name)));
  const result = await step.run({
    step: 2,
    updates: 1,
    learningRate: 0.01,
    samples,
    beforeUpdate: () => false,
  });
  expect(result!.updated).toBe(false);
  expect(await Promise.all(names.map((name) => step.read(name)))).toEqual(before);
});

test('a step that is broken off leaves parameters and state as they were, to be saved', async () => {
  const step = await open(executors[0], 'adamw');
  const samples = { tokens: draw(1), targets: draw(2) };
  const stop = new AbortController();
  const before = await step.read('wte.weight');
  const run = step.run({
    step: 1,
    updates: 0,
    learningRate: 0.01,
    samples,
    signal: stop.signal,
    onMicroBatch: () => stop.abort(),
  });
  expect(await run).toBeUndefined();
  expect(await step.read('wte.weight')).toEqual(before);
});
