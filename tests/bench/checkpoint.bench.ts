// Saving beside training: how long the loop stands still for a checkpoint after every step, and how much memory saving
// takes, against the same run without it. GPT-2 of 124M parameters (1.5 GB a checkpoint), one sequence of 256 tokens a
// micro-batch; --accumulate N micro-batches a step, --steps N, --model NAME. Each run is a process of its own.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRandom } from '@gristmill/core';
import { createModel, presets, type ModelConfig } from '@gristmill/models';
import { openDiskStore } from '@gristmill/storage';
import { openCpuExecutor } from '@gristmill/tensor';
import { resolveSettings, train, type SampleSource } from '@gristmill/trainer';
import { peakMemoryMb, type BenchOptions, type BenchReport } from './bench.ts';

const vocabSize = 50_257;
const length = 256;

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMemoryMb: number;
  readonly stoodStillMs: readonly number[];
}

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { model = 'gpt2-124m', steps = '4', accumulate = '1', interval } = options.extra;
  const shape = { model, steps: Number(steps), accumulate: Number(accumulate), threads: options.threads };
  if (interval !== undefined) return runOnce(shape, Number(interval));
  const run = (every: string) => runInProcess({ ...shape, interval: every });
  const [without, saving] = [run('0'), run('1')];
  const tokens = shape.steps * shape.accumulate * length;
  return {
    name: 'checkpoint',
    input: 'seeded tokens',
    model,
    documents: shape.steps * shape.accumulate,
    megabytes: tokens / 1e6,
    mbPerSecond: tokens / 1e6 / saving.seconds,
    documentsPerSecond: (shape.steps * shape.accumulate) / saving.seconds,
    cpuSeconds: saving.cpuSeconds,
    cpuSecondsWithout: without.cpuSeconds,
    secondsWithout: without.seconds,
    seconds: saving.seconds,
    stoodStillMs: saving.stoodStillMs,
    peakMemoryMb: saving.peakMemoryMb,
    peakMemoryMbWithout: without.peakMemoryMb,
    threads: options.threads,
    peers: [],
  };
}

function runInProcess(shape: Readonly<Record<string, string | number>>): Measured {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const flags = Object.entries(shape).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, 'checkpoint', ...flags], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout.trim().split('\n').at(-1) as string) as Measured;
}

interface Shape {
  readonly model: string;
  readonly steps: number;
  readonly accumulate: number;
  readonly threads: number;
}

/** One run; what comes after its last step, a checkpoint in any case, is not measured. */
async function runOnce({ model, steps, accumulate, threads }: Shape, interval: number): Promise<never> {
  const { settings } = resolveSettings({
    ...presets[model].training,
    ...{ sequenceLength: length, microBatchSize: 1, gradAccumSteps: accumulate },
    ...{ steps, checkpointInterval: interval, keepCheckpoints: 1, evalInterval: 0, sampleInterval: 0 },
  });
  const config = { ...presets[model].model, vocabSize, eosTokenId: 0 } as ModelConfig;
  const folder = mkdtempSync(join(tmpdir(), 'gristmill-checkpoint-'));
  const stoodStillMs: number[] = [];
  let start = performance.now();
  let cpu = process.cpuUsage();
  await train({
    executor: openCpuExecutor({ threads }),
    model: createModel(config),
    settings,
    source: drawSamples(accumulate),
    run: openDiskStore({ root: folder }),
    onStep({ step, saveWaitMs }) {
      if (saveWaitMs !== undefined) stoodStillMs.push(Math.round(saveWaitMs));
      if (step === 1) [start, cpu] = [performance.now(), process.cpuUsage()]; // compiled and warm
      if (step < steps) return;
      const { user, system } = process.cpuUsage(cpu);
      const measured: Measured = {
        seconds: (performance.now() - start) / 1000,
        cpuSeconds: (user + system) / 1e6,
        peakMemoryMb: peakMemoryMb(),
        stoodStillMs,
      };
      process.stdout.write(`${JSON.stringify(measured)}\n`);
      rmSync(folder, { recursive: true });
      process.exit();
    },
  });
  throw new Error('the run ended before its last step');
}

function drawSamples(rows: number): SampleSource {
  const random = createRandom(1);
  const draw = () => Int32Array.from({ length: rows * length }, () => Math.floor(random() * vocabSize));
  return {
    vocabSize,
    endOfText: 0,
    digest: 'seeded',
    trainTokens: Infinity,
    validationTokens: 0,
    forecast: [],
    sampleCounts: {},
    damage: new Map(),
    batch: async () => Promise.resolve({ tokens: draw(), targets: draw() }),
    documents: async () => Promise.resolve([]),
    async *validation() {},
    async close() {},
  } as unknown as SampleSource;
}
