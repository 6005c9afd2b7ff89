// Who looks at a run that `train` trains, and what it says when the run is done.

import { basename, join, resolve } from 'node:path';
import { DataError } from '@gristmill/core';
import { countParameters } from '@gristmill/models';
import type { Executor } from '@gristmill/tensor';
import type { PreparedRun } from '../prepare-run.ts';
import { createTrainingProgress } from '../progress.ts';
import type { SampleSource } from '../sample-source.ts';
import { createOptimizer } from '../optimizer-schema.ts';
import { sizeOfStep } from '../step-size.ts';
import type { TrainReport } from '../training-run.ts';
import { createEventFile } from '../watch/event-file.ts';
import { openLivePage } from '../watch/live-page.ts';
import { combineWatchers, type RunWatcher } from '../watch/run-watcher.ts';
import { countStepFlops, measurePeak } from '../watch/utilization.ts';
import { readNumber } from './options.ts';

export interface WatchFlags {
  /** A port, or true: one that is free. */
  readonly watch?: string | true;
  readonly tensorboard: boolean;
}

/** @throws DataError `port-taken`, `wrong-option` */
export async function openWatchers(
  flags: WatchFlags,
  prepared: PreparedRun,
  source: SampleSource,
  executor: Executor,
): Promise<Required<RunWatcher>> {
  const { settings, store, done } = prepared;
  const { steps } = settings;
  const microBatches = (step: number) => sizeOfStep(settings, step).gradAccumSteps;
  const watchers: RunWatcher[] = [createTrainingProgress({ steps, done, microBatches })];
  if (flags.tensorboard) watchers.push(createEventFile(join(store.location, 'tensorboard')));
  if (flags.watch !== undefined) watchers.push(await openPage(flags.watch, prepared, source, executor));
  return combineWatchers(watchers);
}

const usualPort = 8390;

async function openPage(
  port: string | true,
  { settings, store, model, done }: PreparedRun,
  source: SampleSource,
  executor: Executor,
): Promise<RunWatcher> {
  const options = {
    folder: store.location,
    done,
    documents: (step: number) => source.describeDocuments(step),
    facts: {
      name: basename(resolve(store.location)),
      steps: settings.steps,
      parameters: countParameters(model),
      executor: executor.name,
      sources: source.forecast.map(({ name, tokens, epochs }) => ({ name, tokens, epochs })),
    },
  };
  const isAsked = typeof port === 'string';
  const wanted = isAsked ? readNumber('--watch', port, { least: 0, most: 65535, whole: true }) : usualPort;
  const page = await openLivePage({ ...options, port: wanted }).catch((error: unknown) => {
    if (isAsked || !(error instanceof DataError)) throw error;
    return openLivePage({ ...options, port: 0 });
  });
  process.stderr.write(`watch it at ${page.address}\n`);
  return page;
}

/** Seconds that a step would take at the machine's peak, which is measured. */
export async function findLeastStepSeconds(
  { model, settings, objective }: PreparedRun,
  executor: Executor,
): Promise<number> {
  return (
    countStepFlops(model, createOptimizer(settings), settings, objective) / (await measurePeak(executor))
  );
}

/** How it ended, where the model lies, and how to try it. */
export function tellOutcome(
  { step, bestStep, validationLoss }: TrainReport,
  { store, index, settings }: PreparedRun,
): void {
  const model = join(store.location, 'model');
  if (bestStep !== undefined)
    process.stderr.write(
      `ended after step ${step}: ${settings.patience} evaluations without a better one than that of step ${bestStep}, whose model is kept\n`,
    );
  const loss = validationLoss === undefined ? '' : `, validation loss ${validationLoss.toFixed(4)}`;
  process.stderr.write(`${step} steps done${loss}; the model lies in ${model}; try it:\n`);
  process.stderr.write(
    index.tokenizer.file
      ? `  gristmill-trainer generate --model ${model} --prompt "Once upon a time"\n`
      : `  gristmill-trainer evaluate --model ${model} --task perplexity --shards DIR\n`,
  );
}
