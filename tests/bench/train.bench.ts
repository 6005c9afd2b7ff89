// Training: nanoGPT's CPU configuration (4 layers, 4 heads, 128 wide, 12 sequences of 64 characters a step, AdamW),
// tokens a CPU-second. With --peers the same model is trained by tfjs-core on its WebAssembly backend.
import { readFileSync } from 'node:fs';
import { createRandom } from '@gristmill/core';
import { createModel, presets } from '@gristmill/models';
import { openCpuExecutor } from '@gristmill/tensor';
import { createOptimizer, createTrainingStep, resolveSettings } from '@gristmill/trainer';
import {
  peakMemoryMb,
  time,
  type BenchOptions,
  type BenchReport,
  type PeerReport,
  type Timing,
} from './bench.ts';
import { createTfjsStep, tfjsVersion } from './train-peer.ts';

const vocabSize = 65;
const preset = presets['nanogpt-char-cpu'];
const stepTokens = 12 * 64;

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const steps = Number(options.extra.steps ?? 100);
  const characters = readCharacters(options.input);
  const ours = await timeSteps(await createOurStep(options.threads), characters, steps);
  const tokensPerCpuSecond = Math.round((steps * stepTokens) / ours.cpuSeconds);
  const tokensPerSecond = Math.round((steps * stepTokens) / ours.seconds);
  const peers = options.peers ? [await benchTfjs(characters, tokensPerCpuSecond)] : [];
  const megabytes = (steps * stepTokens) / 1e6; // a character is a byte
  return {
    name: 'train',
    input: options.input ?? 'seeded characters',
    documents: steps * 12,
    megabytes,
    mbPerSecond: megabytes / ours.seconds,
    documentsPerSecond: (steps * 12) / ours.seconds,
    tokensPerSecond,
    tokensPerCpuSecond,
    cpuSeconds: ours.cpuSeconds,
    peakMemoryMb: peakMemoryMb(),
    threads: options.threads,
    peers,
  };
}

/** Trains on [12, 64] tokens and the 64 after each. */
export type Step = (tokens: Int32Array, targets: Int32Array) => unknown;

async function createOurStep(threads: number): Promise<Step> {
  const { settings } = resolveSettings(preset.training);
  const step = await createTrainingStep({
    executor: openCpuExecutor({ threads }),
    model: createModel({ ...preset.model, vocabSize, eosTokenId: 0 }),
    shape: settings,
    optimizer: createOptimizer(settings),
    seed: 1,
    clip: settings.clip,
  });
  let n = 0;
  return (tokens, targets) =>
    step.run({ step: ++n, updates: n - 1, learningRate: 1e-3, samples: { tokens, targets } });
}

async function timeSteps(step: Step, characters: Int32Array, steps: number): Promise<Timing> {
  const random = createRandom(1);
  const runSome = async (count: number) => {
    for (let n = 0; n < count; n++) {
      const tokens = new Int32Array(stepTokens);
      const targets = new Int32Array(stepTokens);
      for (let row = 0; row < 12; row++) {
        const from = Math.floor(random() * (characters.length - 65));
        tokens.set(characters.subarray(from, from + 64), row * 64);
        targets.set(characters.subarray(from + 1, from + 65), row * 64);
      }
      await step(tokens, targets);
    }
  };
  await runSome(Math.min(20, steps)); // until V8 has optimised the kernels
  return time(() => runSome(steps), 1);
}

async function benchTfjs(characters: Int32Array, ours: number): Promise<PeerReport> {
  const steps = 5;
  const { cpuSeconds, seconds } = await timeSteps(await createTfjsStep(vocabSize), characters, steps);
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

/** The 65 commonest characters of a text, numbered; seeded numbers without one. */
function readCharacters(input: string | undefined): Int32Array {
  const random = createRandom(2);
  if (input === undefined)
    return Int32Array.from({ length: 100_000 }, () => Math.floor(random() * vocabSize));
  const text = readFileSync(input, 'utf8').slice(0, 1_000_000);
  const numbers = new Map<string, number>();
  for (const letter of text)
    if (numbers.size < vocabSize && !numbers.has(letter)) numbers.set(letter, numbers.size);
  return Int32Array.from([...text], (letter) => numbers.get(letter) ?? 0);
}
