// A training run from its first step, or from its newest checkpoint, to its last: the loop and what it writes.
// Everything that shapes the weights is a function of the step number, so a run that was killed goes on bit by bit.

import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@gristmill/core';
import { writeModel, type LanguageModel } from '@gristmill/models';
import type { Store } from '@gristmill/storage';
import type { Executor } from '@gristmill/tensor';
import { listCheckpoints, restoreCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { cutLog } from './run-folder.ts';
import type { SampleSource, Samples } from './sample-source.ts';
import { createScorer, type ScoredWindow, type Scorer } from './scorer.ts';
import type { RunSettings } from './setting-schema.ts';
import { createOptimizer, learningRateAt, tokensOfStep } from './settings.ts';
import { createTrainingStep, type TrainingStep } from './training-step.ts';

/** A line of loss.jsonl. */
export interface LossLine {
  readonly step: number;
  /** Nats a token. */
  readonly loss: number;
  readonly learningRate: number;
  /** Before clipping. */
  readonly gradNorm: number;
  /** Trained on so far. */
  readonly tokens: number;
  readonly tokensPerSecond: number;
  readonly inputWaitMs: number;
}

export interface TrainOptions {
  readonly executor: Executor;
  readonly model: LanguageModel;
  readonly settings: RunSettings;
  readonly source: SampleSource;
  readonly run: Store;
  /** Ends the run within a micro-batch; a checkpoint of the last whole step is written. */
  readonly signal?: AbortSignal;
  /** Called after each micro-batch of a step with how many of them are done. */
  readonly onMicroBatch?: (step: number, done: number) => void;
  readonly onStep?: (line: LossLine) => void;
  readonly onValidation?: (step: number, loss: number) => void;
  /** Called for a checkpoint that cannot be used; the one before is taken. */
  readonly onDamaged?: (error: DataError) => void;
}

export interface TrainReport {
  readonly step: number;
  readonly finished: boolean;
  readonly validationLoss?: number;
}

/** State of a run between steps. */
interface Loop {
  readonly step: TrainingStep;
  readonly scorer: Scorer;
  /** Steps done. */
  at: number;
  /** Updates done. */
  updates: number;
  validationLoss?: number;
  /** A checkpoint that is being written beside the next step. */
  saving?: Promise<void>;
}

export async function train(options: TrainOptions): Promise<TrainReport> {
  const { executor, model, settings, run } = options;
  const restored = await restoreCheckpoint(run, options.onDamaged);
  const step = await createTrainingStep({
    executor,
    model,
    shape: settings,
    optimizer: createOptimizer(settings),
    seed: settings.seed,
    clip: settings.clip,
    values: restored?.values(),
  });
  const scorer = createScorer({ executor, model, parameters: () => step.parameters() });
  const loop: Loop = { step, scorer, at: restored?.step ?? 0, updates: restored?.updates ?? 0 };
  for (const file of ['loss.jsonl', 'validation.jsonl']) await cutLog(run, file, loop.at);
  return runSteps(options, loop);
}

async function runSteps(options: TrainOptions, loop: Loop): Promise<TrainReport> {
  const { settings, source, run, signal } = options;
  const { steps, checkpointInterval } = settings;
  const report = (finished: boolean) => ({ step: loop.at, finished, validationLoss: loop.validationLoss });
  let next = loop.at < steps ? source.batch(loop.at + 1) : undefined;
  while (loop.at < steps) {
    const line = await unlessStopped(options, () => runStep(options, loop, next as Promise<Samples>));
    if (line === undefined) {
      await next?.catch(() => {});
      await saveNow(options, loop);
      return report(false);
    }
    loop.at = line.step;
    next = loop.at < steps ? source.batch(loop.at + 1) : undefined;
    appendLine(run, 'loss.jsonl', line);
    options.onStep?.(line);
    if (signal?.aborted !== true) await validateAt(options, loop);
    if (checkpointInterval > 0 && loop.at % checkpointInterval === 0) loop.saving = save(options, loop);
  }
  await saveNow(options, loop);
  await writeModel(join(run.location, 'model'), savedModel(options), (name) => loop.step.read(name));
  return report(true);
}

/** Undefined when the signal broke off the step, or the wait for its samples. */
async function unlessStopped<T>({ signal }: TrainOptions, work: () => Promise<T>): Promise<T | undefined> {
  if (signal?.aborted) return undefined;
  try {
    return await work();
  } catch (error) {
    if ((error as Error).name === 'AbortError' && signal?.aborted) return undefined;
    throw error;
  }
}

async function runStep(
  { settings, signal, onMicroBatch }: TrainOptions,
  loop: Loop,
  wanted: Promise<Samples>,
): Promise<LossLine | undefined> {
  const start = performance.now();
  const samples = await wanted;
  const inputWaitMs = performance.now() - start;
  const at = loop.at + 1;
  const learningRate = learningRateAt(at, settings);
  const result = await loop.step.run({
    step: at,
    updates: loop.updates,
    learningRate,
    samples,
    signal,
    onMicroBatch: (done) => onMicroBatch?.(at, done),
    // A checkpoint is written while the next step adds up its gradients: parameters stand still until here.
    beforeUpdate: async () => {
      await settleSaving(loop);
      return true;
    },
  });
  if (result === undefined) return undefined;
  loop.updates++;
  return {
    step: at,
    loss: result.loss,
    learningRate,
    gradNorm: result.gradNorm,
    tokens: at * tokensOfStep(settings),
    tokensPerSecond: Math.round(tokensOfStep(settings) / ((performance.now() - start) / 1000)),
    inputWaitMs: Math.round(inputWaitMs * 1000) / 1000,
  };
}

async function validateAt({ settings, source, run, onValidation }: TrainOptions, loop: Loop): Promise<void> {
  const { evalInterval, steps } = settings;
  if (evalInterval === 0 || (loop.at % evalInterval !== 0 && loop.at !== steps)) return;
  const loss = await validate(loop.scorer, source, settings.evalTokens);
  if (loss === undefined) return;
  loop.validationLoss = loss;
  appendLine(run, 'validation.jsonl', { step: loop.at, loss, tokens: loop.at * tokensOfStep(settings) });
  onValidation?.(loop.at, loss);
}

const windowsAtOnce = 64;

/** Mean loss over the first tokens of the validation split; undefined when there is none. */
async function validate(
  scorer: Scorer,
  source: SampleSource,
  evalTokens: number,
): Promise<number | undefined> {
  let [total, tokens] = [0, 0];
  let windows: ScoredWindow[] = [];
  const scoreAll = async () => {
    for (const losses of await scorer.score(windows)) total += losses.reduce((sum, loss) => sum + loss, 0);
    windows = [];
  };
  for await (const sequence of source.validation()) {
    if (tokens >= evalTokens) break;
    windows.push(sequence);
    tokens += sequence.targets.filter((target) => target >= 0).length;
    if (windows.length === windowsAtOnce) await scoreAll();
  }
  await scoreAll();
  return tokens === 0 ? undefined : total / tokens;
}

function appendLine(run: Store, file: string, line: object): void {
  try {
    appendFileSync(join(run.location, file), `${JSON.stringify(line)}\n`);
  } catch (cause) {
    throw new DataError(
      'write-failed',
      `${file} of the run cannot be written`,
      'make room on the disk; the run goes on from its newest checkpoint',
      { cause },
    );
  }
}

function save(options: TrainOptions, { step, at, updates }: Loop): Promise<void> {
  const { run, source, settings } = options;
  const saving = writeCheckpoint(run, at, {
    saved: savedModel(options),
    values: step,
    index: source.digest,
    updates,
    keep: settings.keepCheckpoints,
  });
  saving.catch(() => {}); // looked at before the parameters change
  return saving;
}

async function settleSaving(loop: Loop): Promise<void> {
  await loop.saving;
  loop.saving = undefined;
}

/** Makes sure that there is a checkpoint of the last step. */
async function saveNow(options: TrainOptions, loop: Loop): Promise<void> {
  await settleSaving(loop);
  if (loop.at > 0 && listCheckpoints(options.run).at(-1) !== loop.at) await save(options, loop);
}

const savedModel = ({ model, source }: TrainOptions) => ({ model, tokenizer: source.tokenizer });
