// Training, tokens a CPU-second: nanoGPT's CPU configuration (4 layers, 4 heads, 128 wide, 12 sequences of 64 characters
// a step, AdamW), or with --model gpt2-124m GPT-2 (one sequence of 1,024, 50,257 tokens). With --peers the same model is
// trained by tfjs-core on its WebAssembly backend (nanoGPT's only) and, where --peer-python names an interpreter that
// has it, by PyTorch, eager, on as many threads: its turns alternate with ours, and medians are compared. --executor names
// another one than cpu; the CPU time of its processes counts.
import { existsSync, readFileSync } from 'node:fs';
import { createRandom } from '@gristmill/core';
import { createModel, presets, type ModelConfig } from '@gristmill/models';
import { createOptimizer, createTrainingStep, openExecutor, resolveSettings } from '@gristmill/trainer';
import {
  peakMemoryMb,
  time,
  type BenchOptions,
  type BenchReport,
  type PeerReport,
  type Timing,
} from './bench.ts';
import { createTfjsStep, tfjsVersion } from './train-peer.ts';
import { startPyTorch } from './train-pytorch.ts';

/** Steps of a turn, turns, steps before the first; by model. */
const runs: Readonly<Record<string, { steps: number; rounds: number; warmup: number; vocabSize: number }>> = {
  'nanogpt-char-cpu': { steps: 40, rounds: 5, warmup: 20, vocabSize: 65 },
  'gpt2-124m': { steps: 1, rounds: 3, warmup: 1, vocabSize: 50_257 },
};

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const name = options.extra.model ?? 'nanogpt-char-cpu';
  const setting = runs[name];
  if (!setting) throw new Error(`--model is one of ${Object.keys(runs).join(', ')}`);
  const steps = Number(options.extra.steps ?? setting.steps);
  const rounds = Number(options.extra.rounds ?? setting.rounds);
  const ours = await createOurs(name, setting.vocabSize, options);
  await ours.train(setting.warmup);
  const python = options.peers ? options.extra['peer-python'] : undefined;
  const pytorch = python
    ? await startPyTorch(python, { ...ours.shape, threads: options.threads })
    : undefined;
  await pytorch?.take(setting.warmup);
  const turns = { ours: [] as Timing[], pytorch: [] as Timing[] };
  let pytorchPeakMb = 0;
  for (let round = 0; round < rounds; round++) {
    turns.ours.push(await timeWithChildren(() => ours.train(steps)));
    const turn = await pytorch?.take(steps);
    if (turn) turns.pytorch.push(turn);
    pytorchPeakMb = turn?.peakMemoryMb ?? 0;
  }
  const tokens = steps * ours.stepTokens;
  const perCpuSecond = (timings: readonly Timing[]) =>
    Math.round(tokens / median(timings.map((t) => t.cpuSeconds)));
  const tokensPerCpuSecond = perCpuSecond(turns.ours);
  const peers: PeerReport[] = [];
  if (pytorch) {
    await pytorch.close();
    const theirs = perCpuSecond(turns.pytorch);
    peers.push({
      name: 'PyTorch, eager',
      version: pytorch.version,
      mbPerSecond: tokens / 1e6 / median(turns.pytorch.map((t) => t.seconds)),
      tokensPerCpuSecond: theirs,
      peakMemoryMb: Math.round(pytorchPeakMb),
      rounds: turns.pytorch.map((t) => Math.round(tokens / t.cpuSeconds)),
      ratio: tokensPerCpuSecond / theirs,
    } as PeerReport);
  }
  if (options.peers && name === 'nanogpt-char-cpu')
    peers.push(await benchTfjs(ours.drawBatch, tokensPerCpuSecond));
  await ours.close();
  const seconds = median(turns.ours.map((t) => t.seconds));
  return {
    name: 'train',
    model: name,
    input: options.input ?? 'seeded tokens',
    documents: steps * ours.shape.batch,
    megabytes: tokens / 1e6,
    mbPerSecond: tokens / 1e6 / seconds,
    documentsPerSecond: (steps * ours.shape.batch) / seconds,
    tokensPerSecond: Math.round(tokens / seconds),
    tokensPerCpuSecond,
    rounds: turns.ours.map((t) => Math.round(tokens / t.cpuSeconds)),
    cpuSeconds: median(turns.ours.map((t) => t.cpuSeconds)),
    peakMemoryMb: ours.peakMemoryMb(),
    threads: options.threads,
    peers,
  };
}

/** With the CPU time of this process' children; a peer among them rests meanwhile. */
async function timeWithChildren(work: () => unknown): Promise<Timing> {
  const before = childSeconds();
  const timing = await time(work, 1);
  return { ...timing, cpuSeconds: timing.cpuSeconds + childSeconds() - before };
}

function childSeconds(): number {
  const list = `/proc/self/task/${process.pid}/children`;
  const children = existsSync(list) ? readFileSync(list, 'utf8').trim().split(' ') : [];
  return children
    .filter((pid) => pid !== '')
    .map((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' '))
    .reduce((sum, fields) => sum + (Number(fields[11]) + Number(fields[12])) / 100, 0);
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Trains on a batch of tokens and the one after each. */
export type Step = (tokens: Int32Array, targets: Int32Array) => unknown;

async function createOurs(name: string, vocabSize: number, { threads, input, extra }: BenchOptions) {
  const preset = presets[name];
  const { settings } = resolveSettings({ ...preset.training, gradAccumSteps: 1 });
  const config = { ...preset.model, vocabSize, eosTokenId: 0 } as ModelConfig;
  const executor = await openExecutor({ name: extra.executor ?? 'cpu', threads });
  const step = await createTrainingStep({
    executor,
    model: createModel(config),
    shape: settings,
    optimizer: createOptimizer(settings),
    seed: 1,
    clip: settings.clip,
  });
  const { microBatchSize: batch, sequenceLength: length } = settings;
  const drawBatch = createBatches(readTokens(input, vocabSize), batch, length);
  let n = 0;
  const { nLayer, nHead, nEmbd } = config as unknown as Record<'nLayer' | 'nHead' | 'nEmbd', number>;
  return {
    shape: { nLayer, nHead, nEmbd, length, batch, vocabSize },
    stepTokens: batch * length,
    drawBatch,
    peakMemoryMb,
    close: () => executor.close(),
    async train(steps: number) {
      for (let i = 0; i < steps; i++)
        await step.run({ step: ++n, updates: n - 1, learningRate: 1e-3, samples: drawBatch() });
    },
  };
}

type Batches = () => { readonly tokens: Int32Array; readonly targets: Int32Array };

function createBatches(all: Int32Array, batch: number, length: number): Batches {
  const random = createRandom(1);
  return () => {
    const tokens = new Int32Array(batch * length);
    const targets = new Int32Array(batch * length);
    for (let row = 0; row < batch; row++) {
      const from = Math.floor(random() * (all.length - length - 1));
      tokens.set(all.subarray(from, from + length), row * length);
      targets.set(all.subarray(from + 1, from + length + 1), row * length);
    }
    return { tokens, targets };
  };
}

async function benchTfjs(drawBatch: Batches, ours: number): Promise<PeerReport> {
  const [steps, stepTokens] = [5, 12 * 64];
  const step = await createTfjsStep(runs['nanogpt-char-cpu'].vocabSize);
  const runSome = async () => {
    for (let n = 0; n < steps; n++) {
      const { tokens, targets } = drawBatch();
      await step(tokens, targets);
    }
  };
  await runSome();
  const { cpuSeconds, seconds } = await time(runSome, 1);
  const tokensPerCpuSecond = Math.round((steps * stepTokens) / cpuSeconds);
  const report = {
    name: '@tensorflow/tfjs-core with tfjs-backend-wasm',
    version: tfjsVersion,
    mbPerSecond: (steps * stepTokens) / 1e6 / seconds,
    tokensPerCpuSecond,
    ratio: ours / tokensPerCpuSecond,
  };
  return report;
}

/** The commonest characters of a text, numbered; seeded numbers without one. */
function readTokens(input: string | undefined, vocabSize: number): Int32Array {
  const random = createRandom(2);
  if (input === undefined)
    return Int32Array.from({ length: 100_000 }, () => Math.floor(random() * vocabSize));
  const text = readFileSync(input, 'utf8').slice(0, 1_000_000);
  const numbers = new Map<string, number>();
  for (const letter of text)
    if (numbers.size < vocabSize && !numbers.has(letter)) numbers.set(letter, numbers.size);
  return Int32Array.from([...text], (letter) => numbers.get(letter) ?? 0);
}
