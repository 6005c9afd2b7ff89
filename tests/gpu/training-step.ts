// A whole training step of GPT-2 as one XLA executable against the cpu executor: the same losses, norms and weights, and
// how fast. It needs koffi and nothing else from npm; --no-cpu leaves the comparison out, then the printed losses can be
// compared with those of another machine. By hand, on the machine that has the device:
//   node tests/gpu/training-step.ts --plugin PATH [--preset nanogpt-char-cpu] [--batch 12] [--length 64] [--steps 20]
import { parseArgs } from 'node:util';
import { createRandom } from '@gristmill/core';
import { buildStepProgram, findArchitecture, initialise, presets } from '@gristmill/models';
import { openXlaEngine, type Type, type XlaBuffer } from '@gristmill/tensor';

const { values } = parseArgs({
  options: {
    plugin: { type: 'string' },
    preset: { type: 'string', default: 'nanogpt-char-cpu' },
    batch: { type: 'string', default: '12' },
    length: { type: 'string', default: '64' },
    steps: { type: 'string', default: '20' },
    vocabulary: { type: 'string', default: '65' },
    tolerance: { type: 'string', default: '1e-3' },
    'no-cpu': { type: 'boolean', default: false },
  },
});
if (!values.plugin) throw new Error('give --plugin, the path of a PJRT plugin');
const [batch, length, steps, vocabSize] = [values.batch, values.length, values.steps, values.vocabulary].map(
  Number,
);
const config = { ...presets[values.preset].model, vocabSize, eosTokenId: 0 };
const optimizer = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };
const [clip, seed] = [1, 1337];
const specs = findArchitecture(config).parameters(config);
const learningRate = 1e-3;

const engine = await openXlaEngine(
  values.plugin,
  values.plugin.includes('cpu') ? { cpu_device_count: 1 } : {},
);
const program = buildStepProgram(config, { batch, length, microBatches: 1 }, optimizer);
const stateNames = specs.flatMap(({ name }) => [name, `m:${name}`, `v:${name}`]);
const begun = performance.now();
const compiled = engine.compile(program, Object.fromEntries(stateNames.map((name) => [name, name])));
console.log(
  `compiled ${program.operations.length} operations in ${((performance.now() - begun) / 1000).toFixed(1)} s`,
);
const typeOf = (name: string): Type => program.inputs.find((input) => input.name === name)!.value;
let state: Record<string, XlaBuffer> = {};
specs.forEach((spec, i) => {
  const weights = initialise(spec, i, seed);
  state[spec.name] = engine.upload(weights, typeOf(spec.name));
  for (const moment of ['m', 'v'])
    state[`${moment}:${spec.name}`] = engine.upload(
      new Float32Array(weights.length),
      typeOf(`${moment}:${spec.name}`),
    );
});
const cpu = values['no-cpu'] ? undefined : await createCpuStep();

async function createCpuStep() {
  const { createTrainingStep, optimizerOf, resolveSettings } = await import('@gristmill/trainer');
  const { settings } = resolveSettings({
    microBatchSize: batch,
    sequenceLength: length,
    ...optimizer,
    clip,
    seed,
  });
  return createTrainingStep({ config, shape: settings, optimizer: optimizerOf(settings), seed, threads: 1 });
}

const random = createRandom(1);
let worst = 0;
let spent = 0;
for (let step = 1; step <= steps; step++) {
  const tokens = Int32Array.from({ length: batch * length }, () => Math.floor(random() ** 3 * vocabSize));
  const targets = tokens.map((token) => (token * 7 + 3) % vocabSize);
  const scalars = [learningRate, 1 - optimizer.beta1 ** step, 1 - optimizer.beta2 ** step, clip];
  const start = performance.now();
  const { norm, loss0, ...next } = compiled.run({
    ...state,
    tokens0: engine.upload(tokens, typeOf('tokens0')),
    targets0: engine.upload(targets, typeOf('targets0')),
    counter0: engine.upload([seed, step, 0], typeOf('counter0')),
    settings: engine.upload(scalars, typeOf('settings')),
  });
  state = next;
  const [loss, gradNorm] = [loss0.read()[0], norm.read()[0]];
  if (step > 1) spent += performance.now() - start;
  const reference = cpu?.run({ step, learningRate, samples: { tokens, targets } });
  if (reference) worst = Math.max(worst, Math.abs(reference.loss - loss));
  console.log(
    `step ${step} loss ${loss.toFixed(6)} norm ${gradNorm.toFixed(4)}${reference ? ` cpu ${reference.loss.toFixed(6)}` : ''}`,
  );
  if (!(loss > 0 && gradNorm > 0))
    throw new Error('a loss or a norm of zero: a kernel failed without saying so');
}
console.log(
  JSON.stringify({ worst, tokensPerSecond: Math.round(((steps - 1) * batch * length) / (spent / 1000)) }),
);
await cpu?.close();
engine.close();
if (worst > Number(values.tolerance)) throw new Error(`losses differ by ${worst}`);
