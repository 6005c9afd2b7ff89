// A training run from its first step, or from its newest checkpoint, to its last: the loop and what it writes.
// Everything that shapes the weights is a function of the step number, so a run that was killed goes on bit by bit.

import { appendFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@gristmill/core';
import { findArchitecture, readModel, writeModel, type Model, type ModelConfig } from '@gristmill/models';
import type { Store } from '@gristmill/storage';
import { linesUpTo, listCheckpoints, restoreOptimizer, writeCheckpoint } from './run-folder.ts';
import type { SampleSource, Samples } from './sample-source.ts';
import { createScorer, type ScoredWindow, type Scorer } from './scorer.ts';
import { learningRateAt, optimizerOf, type RunSettings } from './settings.ts';
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
  readonly config: ModelConfig;
  readonly settings: RunSettings;
  readonly source: SampleSource;
  readonly run: Store;
  readonly threads?: number;
  /** Looked at between steps. */
  readonly shouldStop?: () => boolean;
  readonly onStep?: (line: LossLine) => void;
  readonly onValidation?: (step: number, loss: number) => void;
}

export interface TrainReport {
  readonly step: number;
  readonly finished: boolean;
  readonly validationLoss?: number;
}

export async function train(options: TrainOptions): Promise<TrainReport> {
  const { config, settings, run } = options;
  const threads = options.threads ?? availableParallelism();
  const step = await createTrainingStep({
    config,
    shape: settings,
    optimizer: optimizerOf(settings),
    seed: settings.seed,
    threads,
  });
  const { engine, parameters } = step;
  const scorer = createScorer({ engine, config, parameters, threads });
  try {
    const begun = await resume(run, step);
    for (const file of ['loss.jsonl', 'validation.jsonl'])
      writeFileSync(join(run.location, file), linesUpTo(run, file, begun));
    return await runSteps(options, { step, scorer, begun });
  } finally {
    await scorer.close();
    await step.close();
  }
}

/** Loads the newest checkpoint; gives its step, 0 for none. */
async function resume(run: Store, step: TrainingStep): Promise<number> {
  const newest = listCheckpoints(run).at(-1);
  if (newest === undefined) return 0;
  const { weights } = await readModel(await restoreOptimizer(run, newest, step.optimizerState));
  for (const [name, data] of weights) step.parameters.get(name)?.data.set(data);
  return newest;
}

interface Loop {
  readonly step: TrainingStep;
  readonly scorer: Scorer;
  readonly begun: number;
}

async function runSteps(options: TrainOptions, { step, scorer, begun }: Loop): Promise<TrainReport> {
  const { settings, source, run } = options;
  const { steps, evalInterval, checkpointInterval } = settings;
  let validationLoss: number | undefined;
  const save = (at: number) => saveCheckpoint(options, step, at);
  let next = begun < steps ? source.batch(begun + 1) : undefined;
  for (let at = begun + 1; at <= steps; at++) {
    const line = await stepOrStop(options, () => runStep(options, step, at, next as Promise<Samples>));
    if (line === undefined) {
      await save(at - 1);
      return { step: at - 1, finished: false, validationLoss };
    }
    next = at < steps ? source.batch(at + 1) : undefined;
    appendLine(run, 'loss.jsonl', line);
    options.onStep?.(line);
    if (evalInterval > 0 && (at % evalInterval === 0 || at === steps)) {
      validationLoss = await validate(options, scorer);
      if (validationLoss !== undefined) logValidation(options, at, validationLoss);
    }
    const stop = options.shouldStop?.() ?? false;
    if (at === steps || stop || (checkpointInterval > 0 && at % checkpointInterval === 0)) await save(at);
    if (stop && at < steps) {
      await next?.catch(() => {});
      return { step: at, finished: false, validationLoss };
    }
    await new Promise(setImmediate); // lets signals in
  }
  await writeModel(join(run.location, 'model'), modelOf(options, step));
  return { step: steps, finished: true, validationLoss };
}

/** Undefined when the wait for the step's samples was broken off. */
async function stepOrStop(
  { shouldStop }: TrainOptions,
  run: () => Promise<LossLine>,
): Promise<LossLine | undefined> {
  try {
    return await run();
  } catch (error) {
    if ((error as Error).name === 'AbortError' && shouldStop?.() === true) return undefined;
    throw error;
  }
}

async function runStep(
  { settings }: TrainOptions,
  step: TrainingStep,
  at: number,
  wanted: Promise<Samples>,
): Promise<LossLine> {
  const start = performance.now();
  const samples = await wanted;
  const inputWaitMs = performance.now() - start;
  const learningRate = learningRateAt(at, settings);
  const { loss, gradNorm } = step.run({ step: at, learningRate, samples });
  const { microBatchSize, gradAccumSteps, sequenceLength } = settings;
  const stepTokens = microBatchSize * gradAccumSteps * sequenceLength;
  return {
    step: at,
    loss,
    learningRate,
    gradNorm,
    tokens: at * stepTokens,
    tokensPerSecond: Math.round(stepTokens / ((performance.now() - start) / 1000)),
    inputWaitMs: Math.round(inputWaitMs * 1000) / 1000,
  };
}

/** Mean loss over the first evalTokens of the validation split; undefined when there is none. */
async function validate({ settings, source }: TrainOptions, scorer: Scorer): Promise<number | undefined> {
  const windows: ScoredWindow[] = [];
  let tokens = 0;
  for await (const sequence of source.validation()) {
    if (tokens >= settings.evalTokens) break;
    windows.push(sequence);
    tokens += sequence.targets.filter((target) => target >= 0).length;
  }
  if (tokens === 0) return undefined;
  const losses = await scorer.score(windows);
  return losses.reduce((sum, row) => sum + row.reduce((total, loss) => total + loss, 0), 0) / tokens;
}

function logValidation({ run, settings, onValidation }: TrainOptions, step: number, loss: number): void {
  const tokens = step * settings.microBatchSize * settings.gradAccumSteps * settings.sequenceLength;
  appendLine(run, 'validation.jsonl', { step, loss, tokens });
  onValidation?.(step, loss);
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

async function saveCheckpoint(options: TrainOptions, step: TrainingStep, at: number): Promise<void> {
  const { run, source, settings } = options;
  await writeCheckpoint(run, at, {
    model: modelOf(options, step),
    optimizerState: step.optimizerState,
    index: source.digest,
    keep: settings.keepCheckpoints,
  });
}

function modelOf({ config, source }: TrainOptions, { parameters }: TrainingStep): Model {
  const weights = new Map(
    findArchitecture(config)
      .parameters(config)
      .map(({ name }) => [name, parameters.get(name)?.data as Float32Array]),
  );
  return { config, weights, tokenizer: source.tokenizer };
}
