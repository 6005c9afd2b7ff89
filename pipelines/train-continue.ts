// Second pre-training: a LLaMA or BLOOM directory (or any other) goes on with new text. The rate rises again to a fifth of
// what such models were trained with and falls to a tenth of that (Ibrahim et al. 2024), on shards that were packed with
// the model's own tokenizer.json. What is learned of the new text, and what is forgotten of a kept old one, is printed.
//
//   node pipelines/train-continue.ts --model DIR --shards NEW [--kept OLD] --run RUN [--set steps=200 …]

import { parseArgs } from 'node:util';
import { exitCode, writeError } from '@gristmill/core';
import type { TrainingRecipe } from '@gristmill/models';
import { runProgram } from './demo/programs.ts';

export const settings = {
  steps: 1000,
  warmupSteps: 50,
  learningRate: 6e-5,
  minLearningRate: 6e-6,
  weightDecay: 0.1,
  clip: 1,
} satisfies TrainingRecipe['settings'];

interface Losses {
  /** Nats a token of the validation split. */
  readonly before: number;
  readonly after: number;
}

/** The last line of standard output: losses on new text, and on the kept old one. */
export interface Continuation {
  readonly steps: number;
  readonly new: Losses;
  readonly kept?: Losses;
}

interface Request {
  readonly model: string;
  readonly shards: string;
  readonly kept?: string;
  readonly run: string;
  readonly set: readonly string[];
}

async function evaluate(model: string, shards: string): Promise<number> {
  const args = ['evaluate', '--model', model, '--task', 'perplexity', '--shards', shards];
  return (JSON.parse(await runProgram('gristmill-trainer', args)) as { loss: number }).loss;
}

async function continueTraining({ model, shards, kept, run, set }: Request): Promise<Continuation> {
  const sets = kept === undefined ? [shards] : [shards, kept];
  const before: number[] = [];
  for (const one of sets) before.push(await evaluate(model, one));
  const values = [...Object.entries(settings).map(([name, value]) => `${name}=${value}`), ...set];
  await runProgram('gristmill-trainer', [
    'train',
    '--init-from',
    model,
    '--shards',
    shards,
    '--run',
    run,
    '--set',
    ...values,
  ]);
  const after: number[] = [];
  for (const one of sets) after.push(await evaluate(run, one));
  const lossesOf = (i: number): Losses => ({ before: before[i], after: after[i] });
  const steps = Number(values.findLast((value) => value.startsWith('steps='))!.slice(6));
  return { steps, new: lossesOf(0), ...(kept === undefined ? {} : { kept: lossesOf(1) }) };
}

function readRequest(): Request {
  const text = { type: 'string' } as const;
  const options = {
    model: text,
    shards: text,
    kept: text,
    run: text,
    set: { ...text, multiple: true },
  } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const { model, shards, run, kept, set = [] } = values;
  if (model === undefined || shards === undefined || run === undefined)
    throw new TypeError('write --model DIR --shards NEW --run RUN');
  return { model, shards, run, kept, set: [...set, ...positionals] };
}

if (import.meta.main) {
  try {
    const result = await continueTraining(readRequest());
    const say = (name: string, { before, after }: Losses) =>
      process.stderr.write(`loss on ${name}: ${before.toFixed(4)} before, ${after.toFixed(4)} after\n`);
    say('the new text', result.new);
    if (result.kept) say('the kept old text', result.kept);
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } catch (error) {
    writeError(error);
    process.exitCode = exitCode.failed;
  }
}
