// nanoGPT's CPU configuration on tiny Shakespeare: its characters, batches drawn from the first nine tenths, and a run.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createRandom } from '@gristmill/core';
import { createModel, presets } from '@gristmill/models';
import { openCpuExecutor } from '@gristmill/tensor';
import {
  createOptimizer,
  createScorer,
  createTrainingStep,
  learningRateAt,
  resolveSettings,
  type ScoredWindow,
} from '@gristmill/trainer';

const input = fileURLToPath(new URL('../../../shared/data/tinyshakespeare/input.txt', import.meta.url));
export const hasText = existsSync(input);

const preset = presets['nanogpt-char-cpu'];
export const { settings } = resolveSettings(preset.training);
export const rates = Array.from({ length: settings.steps }, (_, i) => learningRateAt(i + 1, settings));
const { sequenceLength: length, microBatchSize: batch, steps } = settings;

export interface Characters {
  readonly vocabSize: number;
  readonly training: Int32Array;
  readonly heldOut: Int32Array;
}

export function readCharacters(): Characters {
  const text = readFileSync(input, 'utf8');
  const alphabet = [...new Set(text)].sort();
  const numbers = new Map(alphabet.map((letter, i) => [letter, i]));
  const tokens = Int32Array.from(text, (letter) => numbers.get(letter) as number);
  const cut = Math.floor(tokens.length * 0.9);
  return { vocabSize: alphabet.length, training: tokens.subarray(0, cut), heldOut: tokens.subarray(cut) };
}

export const modelOf = (vocabSize: number) => createModel({ ...preset.model, vocabSize, eosTokenId: 0 });

/** Where rows begin, of each batch of the training and of 200 batches of the validation: [steps + 200, batch]. */
export function drawStarts({ training, heldOut }: Characters, seed: number): Int32Array {
  const random = createRandom(seed);
  const from = (all: Int32Array) => Math.floor(random() * (all.length - length - 1));
  return Int32Array.from({ length: (steps + 200) * batch }, (_, i) =>
    from(i < steps * batch ? training : heldOut),
  );
}

const windowsAt = (all: Int32Array, starts: Int32Array): ScoredWindow[] =>
  Array.from(starts, (from) => ({
    tokens: all.slice(from, from + length),
    targets: all.slice(from + 1, from + length + 1),
  }));

/** The loss of each step, and that of the validation after the last. */
export async function trainNanoGpt(
  characters: Characters,
  starts: Int32Array,
  seed: number,
): Promise<{ losses: number[]; validationLoss: number }> {
  const model = modelOf(characters.vocabSize);
  const executor = openCpuExecutor({ threads: 2 });
  const optimizer = createOptimizer(settings);
  const step = await createTrainingStep({
    executor,
    model,
    shape: settings,
    optimizer,
    seed,
    clip: settings.clip,
  });
  const losses: number[] = [];
  for (let n = 1; n <= steps; n++) {
    const rows = windowsAt(characters.training, starts.subarray((n - 1) * batch, n * batch));
    const join = (of: (row: ScoredWindow) => Int32Array) =>
      Int32Array.from(rows.flatMap((row) => [...of(row)]));
    const samples = { tokens: join((row) => row.tokens), targets: join((row) => row.targets) };
    losses.push((await step.run({ step: n, updates: n - 1, learningRate: rates[n - 1], samples }))!.loss);
  }
  const scorer = createScorer({ executor, model, parameters: () => step.parameters() });
  const rows = await scorer.score(windowsAt(characters.heldOut, starts.subarray(steps * batch)));
  const total = rows.reduce((sum, row) => sum + row.reduce((all, loss) => all + loss, 0), 0);
  await executor.close();
  return { losses, validationLoss: total / (rows.length * length) };
}
