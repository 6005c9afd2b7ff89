// Training steps of GPT-2 on XLA against the cpu executor: the same losses and norms, and how fast. It needs koffi and nothing else from npm; --no-cpu leaves the comparison out, then the printed losses can be
// compared with those of another machine. By hand, on the machine that has the device:
//   node tests/gpu/training-step.ts --plugin PATH [--preset nanogpt-char-cpu] [--batch 12] [--length 64] [--steps 20]
import { parseArgs } from 'node:util';
import { createRandom } from '@gristmill/core';
import { createModel, presets } from '@gristmill/models';
import { openCpuExecutor, openXlaExecutor, type Executor } from '@gristmill/tensor';
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
    'no-cpu': { type: 'boolean', default: false },
  },
});
if (!values.plugin) throw new Error('give --plugin, the path of a PJRT plugin');
const [batch, length, steps, vocabSize] = [values.batch, values.length, values.steps, values.vocabulary].map(
  Number,
);
const model = createModel({ ...presets[values.preset].model, vocabSize, eosTokenId: 0 });
const { settings } = resolveSettings({ microBatchSize: batch, sequenceLength: length });
const learningRate = 1e-3;
const open = (executor: Executor) =>
  createTrainingStep({
    executor,
    model,
    shape: settings,
    optimizer: createOptimizer(settings),
    seed: settings.seed,
    clip: settings.clip,
  });

const xla = await openXlaExecutor({ plugin: values.plugin });
const begun = performance.now();
const step = await open(xla);
console.log(`compiled in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
const cpu = values['no-cpu'] ? undefined : openCpuExecutor();
const other = cpu && (await open(cpu));

const random = createRandom(1);
let worst = 0;
let spent = 0;
for (let n = 1; n <= steps; n++) {
  const tokens = Int32Array.from({ length: batch * length }, () => Math.floor(random() ** 3 * vocabSize));
  const targets = tokens.map((token) => (token * 7 + 3) % vocabSize);
  const input = { step: n, updates: n - 1, learningRate, samples: { tokens, targets } };
  const start = performance.now();
  const { loss, gradNorm } = (await step.run(input))!;
  if (n > 1) spent += performance.now() - start;
  const reference = await other?.run(input);
  if (reference) worst = Math.max(worst, Math.abs(reference.loss - loss));
  console.log(
    `step ${n} loss ${loss.toFixed(6)} norm ${gradNorm.toFixed(4)}${reference ? ` cpu ${reference.loss.toFixed(6)}` : ''}`,
  );
  if (!(loss > 0 && gradNorm > 0))
    throw new Error('a loss or a norm of zero: a kernel failed without saying so');
}
console.log(
  JSON.stringify({ worst, tokensPerSecond: Math.round(((steps - 1) * batch * length) / (spent / 1000)) }),
);
await cpu?.close();
await xla.close();
if (worst > Number(values.tolerance)) throw new Error(`losses differ by ${worst}`);
