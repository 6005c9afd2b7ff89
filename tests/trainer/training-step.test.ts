// The step that the cpu executor runs in phases is the one program that the reference interprets.
import { expect, test } from 'vitest';
import { buildStepProgram, findArchitecture, initialise, type ModelConfig } from '@gristmill/models';
import { interpret } from '@gristmill/tensor';
import { createTrainingStep, optimizerOf, resolveSettings } from '@gristmill/trainer';

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
// With the usual ε the keys' bias, whose gradient is zero but for rounding, would follow that rounding.
const changes = { microBatchSize: 2, gradAccumSteps: 2, sequenceLength: 4, clip: 0.5, epsilon: 1e-4 };
const { settings } = resolveSettings(changes);
const draw = (from: number) => Int32Array.from({ length: 16 }, (_, i) => (i * 5 + from) % 11);

test('three steps on threads give the losses, norms and weights of the reference', async () => {
  const step = await createTrainingStep({
    config,
    shape: settings,
    optimizer: optimizerOf(settings),
    seed: 9,
    threads: 2,
  });
  const program = buildStepProgram(config, { batch: 2, length: 4, microBatches: 2 }, settings);
  const specs = findArchitecture(config).parameters(config);
  let state: Record<string, ArrayLike<number>> = {};
  specs.forEach((spec, i) => {
    const values = initialise(spec, i, 9);
    state[spec.name] = values;
    state[`m:${spec.name}`] = state[`v:${spec.name}`] = new Float32Array(values.length);
  });
  for (let n = 1; n <= 3; n++) {
    const [tokens, targets] = [draw(n), draw(n + 1)];
    const got = step.run({ step: n, learningRate: 0.01, samples: { tokens, targets } });
    const lane = (i: number) => ({
      [`tokens${i}`]: tokens.subarray(i * 8, i * 8 + 8),
      [`targets${i}`]: targets.subarray(i * 8, i * 8 + 8),
      [`counter${i}`]: [9, n, i],
    });
    const clip = [0.01, 1 - settings.beta1 ** n, 1 - settings.beta2 ** n, settings.clip];
    state = interpret(program, { ...state, ...lane(0), ...lane(1), settings: clip });
    expect(got.loss).toBeCloseTo((state.loss0[0] + state.loss1[0]) / 2, 5);
    expect(got.gradNorm).toBeCloseTo(state.norm[0], 4);
  }
  expect(state.norm[0]).toBeGreaterThan(settings.clip); // so clipping was at work
  for (const { name } of specs)
    step.parameters.get(name)?.data.forEach((value, i) => expect(value).toBeCloseTo(state[name][i], 4));
  await step.close();
});
