// TensorFlow's own library under the executor: the add-on is built against the wheel `tensorflow-cpu` (where it was not
// built before), passes the contract, trains the demo's model to the losses of `cpu`, and is faster than stock TensorFlow.js.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { createModel, presets, type ModelConfig } from '@gristmill/models';
import { openCpuExecutor, type Executor } from '@gristmill/tensor';
import { createOptimizer, createTrainingStep, resolveSettings } from '@gristmill/trainer';
import { findTfjsNode, openTfjsNode } from '../../apps/trainer/src/tfjs-node.ts';
import { createTfjsStep } from '../bench/train-peer.ts';
import { testExecutor } from '../tensor/executor-contract.ts';

const name = '@tensorflow/tfjs-node';
const say = (text: string) => process.stdout.write(`${text}\n`);

function tryBuilding(): string | undefined {
  if (findTfjsNode(name)?.isBuilt) return undefined;
  const script = fileURLToPath(new URL('../../scripts/build-tfjs-node.mjs', import.meta.url));
  try {
    execFileSync(process.execPath, [script], { stdio: 'inherit' });
    return undefined;
  } catch {
    return 'the add-on cannot be built here';
  }
}

const skipped = tryBuilding();
const suffix = skipped ? ` (skipped: ${skipped})` : '';
const opened: Executor[] = [];
const open = async () => {
  const executor = await openTfjsNode(name, 1);
  opened.push(executor);
  return executor;
};
afterAll(() => Promise.all(opened.map((executor) => executor.close())));

testExecutor({ name: 'tfjs:node', open, skipped });

async function openStep(executor: Executor, preset: string, vocabSize: number) {
  const { model, training } = presets[preset];
  const { settings } = resolveSettings({ ...training });
  const step = await createTrainingStep({
    executor,
    model: createModel({ ...model, vocabSize, eosTokenId: 0 } as ModelConfig),
    shape: settings,
    optimizer: createOptimizer(settings),
    seed: 1,
    clip: settings.clip,
  });
  return { step, settings };
}

test.skipIf(skipped)(
  `the demo's model learns what it learns on cpu, and no tensor is left behind${suffix}`,
  async () => {
    const [node, cpu] = [await open(), openCpuExecutor({ threads: 1 })];
    opened.push(cpu);
    const [there, here] = [await openStep(node, 'demo', 4096), await openStep(cpu, 'demo', 4096)];
    const { microBatchSize, gradAccumSteps, sequenceLength } = here.settings;
    const random = createRandom(3);
    const draw = () => Math.floor(random() ** 3 * 500);
    const counts = new Set<number>();
    const losses: number[] = [];
    for (let n = 1; n <= 15; n++) {
      const tokens = Int32Array.from({ length: microBatchSize * gradAccumSteps * sequenceLength }, draw);
      const samples = { tokens, targets: tokens.map((token) => (token * 7 + 3) % 4096) };
      const input = { step: n, updates: n - 1, learningRate: 0.01, samples };
      const [got, expected] = [(await there.step.run(input))!, (await here.step.run(input))!];
      expect(Math.abs(got.loss - expected.loss), `step ${n}`).toBeLessThan(1e-3);
      counts.add(numTensors());
      losses.push(got.loss);
    }
    say(`losses of the demo's model on tfjs:node: ${losses[0].toFixed(4)} to ${losses.at(-1)!.toFixed(4)}`);
    expect(losses.at(-1)!).toBeLessThan(losses[0] - 0.5);
    expect(counts.size).toBe(1);
  },
);

/** Of the instance of TensorFlow.js that the package brings. */
function numTensors(): number {
  const engine = (globalThis as unknown as { _tfengine: { memory(): { numTensors: number } } })._tfengine;
  return engine.memory().numTensors;
}

test.skipIf(skipped)(
  `four times as fast as stock TensorFlow.js on WebAssembly, a CPU second${suffix}`,
  async () => {
    const { step } = await openStep(await open(), 'nanogpt-char-cpu', 65);
    const tokens = Int32Array.from({ length: 768 }, (_, i) => (i * 7919) % 65);
    const targets = tokens.map((token) => (token * 3 + 1) % 65);
    let n = 0;
    const ours = await measure(async () => {
      await step.run({ step: ++n, updates: n - 1, learningRate: 1e-3, samples: { tokens, targets } });
    }, 10);
    const stock = await createTfjsStep(65);
    const theirs = await measure(async () => void (await stock(tokens, targets)), 4);
    say(
      `tokens a CPU second: tfjs:node ${ours}, stock tfjs-wasm ${theirs}, ratio ${(ours / theirs).toFixed(2)}`,
    );
    expect(ours / theirs).toBeGreaterThanOrEqual(4);
  },
);

/** Tokens a CPU second, the best of three turns. */
async function measure(work: () => Promise<void>, steps: number): Promise<number> {
  await work();
  let best = 0;
  for (let turn = 0; turn < 3; turn++) {
    const before = process.cpuUsage();
    for (let i = 0; i < steps; i++) await work();
    const { user, system } = process.cpuUsage(before);
    best = Math.max(best, (768 * steps) / ((user + system) / 1e6));
  }
  return Math.round(best);
}
