// Training steps of GPT-2 on XLA: how fast, and, against the cpu executor, the same losses and norms. It needs koffi and
// nothing else from npm. --no-cpu leaves the comparison out; the printed losses can be compared with another machine's.
// By hand, on the machine that has the device (run.sh does):
//   node tests/gpu/training-step.ts --plugin PATH [--preset gpt2-124m] [--batch 12] [--length 64] [--steps 20]
//     [--precision bf16] [--devices 2] [--remat block] [--peak-tflops 989]
import { parseArgs } from 'node:util';
import { createRandom } from '@gristmill/core';
import { buildAccumulateProgram, createModel, presets } from '@gristmill/models';
import { costOfProgram, openCpuExecutor, openXlaExecutor, type Executor } from '@gristmill/tensor';
import { createOptimizer, createTrainingStep, resolveSettings } from '@gristmill/trainer';

const { values } = parseArgs({
  options: {
    plugin: { type: 'string' },
    preset: { type: 'string', default: 'nanogpt-char-cpu' },
    batch: { type: 'string', default: '12' },
    length: { type: 'string', default: '64' },
    steps: { type: 'string', default: '20' },
    vocabulary: { type: 'string', default: '65' },
    tolerance: { type: 'string', default: '1e-3' },
    precision: { type: 'string', default: 'f32' },
    remat: { type: 'string', default: 'none' },
    devices: { type: 'string', default: '1' },
    /** Of the device in bf16, dense; H100 and H200. */
    'peak-tflops': { type: 'string', default: '989' },
    'no-cpu': { type: 'boolean', default: false },
  },
});
if (!values.plugin) throw new Error('give --plugin, the path of a PJRT plugin');
const [batch, length, steps, vocabSize] = [values.batch, values.length, values.steps, values.vocabulary].map(
  Number,
);
const model = createModel({ ...presets[values.preset].model, vocabSize, eosTokenId: 0 });
const { settings } = resolveSettings({
  ...{ microBatchSize: batch, sequenceLength: length },
  ...{ precision: values.precision, remat: values.remat },
});
const learningRate = 1e-3;
const open = (executor: Executor) =>
  createTrainingStep({
    executor,
    model,
    shape: { ...settings, precision: executor.name === 'cpu' ? 'f32' : settings.precision },
    optimizer: createOptimizer(settings),
    seed: settings.seed,
    clip: settings.clip,
  });

const begun = performance.now();
const xla = await openXlaExecutor({ plugin: values.plugin, devices: Number(values.devices) });
const step = await open(xla);
const compileSeconds = (performance.now() - begun) / 1000;
console.log(`compiled in ${compileSeconds.toFixed(1)} s`);
const cpu = values['no-cpu'] ? undefined : openCpuExecutor();
const other = cpu && (await open(cpu));

const random = createRandom(1);
const mostToken = Math.min(vocabSize, 50_257);
/** As PyTorch's generator in pytorch.py draws them, but for the numbers. */
function drawBatch() {
  const tokens = Int32Array.from({ length: batch * length }, () => Math.floor(random() ** 3 * mostToken));
  return { tokens, targets: tokens.map((token) => (token * 7 + 3) % mostToken) };
}

let worst = 0;
let first = 0;
const times: number[] = [];
let waited = 0;
const losses: number[] = [];
for (let n = 1; n <= steps; n++) {
  const asked = performance.now();
  const samples = drawBatch();
  const start = performance.now();
  waited += start - asked;
  const input = { step: n, updates: n - 1, learningRate, samples };
  const { loss, gradNorm } = (await step.run(input))!;
  times.push(performance.now() - start);
  if (n === 1) first = (performance.now() - begun) / 1000;
  losses.push(Number(loss.toFixed(4)));
  const reference = await other?.run(input);
  if (reference) worst = Math.max(worst, Math.abs(reference.loss - loss));
  console.log(
    `step ${n} loss ${loss.toFixed(6)} norm ${gradNorm.toFixed(4)}${reference ? ` cpu ${reference.loss.toFixed(6)}` : ''}`,
  );
  if (!(loss > 0 && gradNorm > 0))
    throw new Error('a loss or a norm of zero: a kernel failed without saying so');
}
const counted = times.slice(Math.min(5, times.length - 1));
const perSecond = (batch * length * counted.length) / (counted.reduce((sum, ms) => sum + ms, 0) / 1000);
const { flops } = costOfProgram(buildAccumulateProgram(model, { batch, length }).program);
console.log(
  JSON.stringify({
    ...(cpu ? { worst } : {}),
    tokensPerSecond: Math.round(perSecond),
    mfu: Number(
      (((flops / (batch * length)) * perSecond) / (Number(values['peak-tflops']) * 1e12)).toPrecision(3),
    ),
    compileSeconds: Number(compileSeconds.toFixed(1)),
    secondsToFirstStep: Number(first.toFixed(1)),
    inputWaitMs: Number((waited / steps).toFixed(2)),
    memoryMb: Math.round(step.memory.total / 2 ** 20),
    losses,
  }),
);
await cpu?.close();
await xla.close();
if (worst > Number(values.tolerance)) throw new Error(`losses differ by ${worst}`);
