// A whole training step of GPT-2 as one XLA executable against the cpu executor: the same losses, norms and weights, and
// how fast. It needs koffi and nothing else from npm; --no-cpu leaves the comparison out, then the printed losses can be
// compared with those of another machine. By hand, on the machine that has the device:
//   node tests/gpu/training-step.ts --plugin PATH [--preset nanogpt-char-cpu] [--batch 12] [--length 64] [--steps 20]
import { parseArgs } from 'node:util';
import { createRandom } from '@gristmill/core';
import { buildStepProgram, findArchitecture, initialise, presets } from '@gristmill/models';
import { openXlaExecutor, type Tensor, type Type } from '@gristmill/tensor';

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

const executor = await openXlaExecutor({ plugin: values.plugin });
const program = buildStepProgram(config, { batch, length, microBatches: 1 }, optimizer);
const stateNames = specs.flatMap(({ name }) => [name, `m:${name}`, `v:${name}`]);
const begun = performance.now();
const donate = Object.fromEntries(stateNames.map((name) => [name, name]));
const executable = await executor.compile(program, { donate });
console.log(
  `compiled ${program.operations.length} operations in ${((performance.now() - begun) / 1000).toFixed(1)} s`,
);
const typeOf = (name: string): Type => program.inputs.find((input) => input.name === name)!.value;
let state: Record<string, Tensor> = {};
for (const [i, spec] of specs.entries()) {
  state[spec.name] = await executor.upload(typeOf(spec.name), initialise(spec, i, seed));
  for (const name of [`m:${spec.name}`, `v:${spec.name}`])
    state[name] = await executor.allocate(typeOf(name));
}
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
  const upload = (name: string, data: ArrayLike<number>) => executor.upload(typeOf(name), data);
  const given = {
    tokens0: await upload('tokens0', tokens),
    targets0: await upload('targets0', targets),
    counter0: await upload('counter0', [seed, step, 0]),
    settings: await upload('settings', scalars),
  };
  const { norm, loss0, ...next } = await executor.run(executable, { ...state, ...given });
  state = next;
  const [loss, gradNorm] = [(await executor.download(loss0))[0], (await executor.download(norm))[0]];
  executor.dispose(norm, loss0, ...Object.values(given));
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
await executor.close();
if (worst > Number(values.tolerance)) throw new Error(`losses differ by ${worst}`);
