// A training run from its first step, or from its newest checkpoint, to its last: the loop and what it writes.
// Everything that shapes the weights is a function of the step number, so a run that was killed goes on bit by bit.

import {
  averagesOf,
  listCheckpoints,
  restoreCheckpoint,
  takeFinishedModel,
  writeFinishedModel,
} from './checkpoint.ts';
import { createBatchScorer, type BatchScorer } from './batch-scorer.ts';
import { appendLine, cutLog, readLastLosses, readLastStep } from './run-folder.ts';
import { runStep } from './run-step.ts';
import type { SampleSource, Samples } from './sample-source.ts';
import { save, savedModel, saveNow } from './saving.ts';
import { createOptimizer } from './optimizer-schema.ts';
import { tokensUntil } from './step-size.ts';
import { readSkippedSteps, recordSkippedSteps } from './skipped-steps.ts';
import { spikeWindow } from './step-verdict.ts';
import type { Loop, LossLine, TrainOptions, TrainReport } from './training-run.ts';
import { createTrainingStep } from './training-step.ts';
import {
  createObserved,
  findBestStep,
  isBestSoFar,
  isPatienceOver,
  observeEvaluation,
  observeStart,
  observeStep,
} from './watch/observe.ts';
import { unlessAborted } from './unless-aborted.ts';

export async function train(options: TrainOptions): Promise<TrainReport> {
  const { executor, model, settings, run, objective } = options;
  const restored = await restoreCheckpoint(run, options.onDamaged);
  const step = await createTrainingStep({
    executor,
    model,
    shape: settings,
    objective,
    optimizer: createOptimizer(settings),
    seed: settings.seed,
    clip: settings.clip,
    values: (restored ?? options.initial)?.values(),
    compiled: options.compiled,
  });
  const scorer = createBatchScorer({ executor, model, objective, parameters: () => step.parameters() });
  const skips = await readSkippedSteps(run);
  const observed = await createObserved(options);
  const loop: Loop = { step, scorer, at: 0, updates: 0, losses: [], skips, rewinds: 0, observed };
  await goOnFrom(options, loop, restored);
  // An evaluation that a signal broke off after the step was saved is made up for.
  if (loop.at > 0 && readLastStep(run, 'validation.jsonl') !== loop.at) await validateAt(options, loop);
  return runSteps(options, loop);
}

/** Sets the loop, and what the run has logged, to a checkpoint. */
async function goOnFrom(
  { run }: TrainOptions,
  loop: Loop,
  restored: { readonly step: number; readonly updates: number } | undefined,
): Promise<void> {
  loop.at = restored?.step ?? 0;
  loop.updates = restored?.updates ?? 0;
  for (const file of ['loss.jsonl', 'validation.jsonl']) await cutLog(run, file, loop.at);
  loop.losses = readLastLosses(run, spikeWindow);
  await observeStart(run, loop);
}

async function runSteps(options: TrainOptions, loop: Loop): Promise<TrainReport> {
  const { settings, source, run } = options;
  const { steps, checkpointInterval } = settings;
  const report = (finished: boolean) => ({ step: loop.at, finished, validationLoss: loop.validationLoss });
  let next = loop.at < steps ? source.batch(loop.at + 1) : undefined;
  while (loop.at < steps && !isPatienceOver(options, loop)) {
    const line = await unlessStopped(options, () => runStep(options, loop, next as Promise<Samples>));
    if (line === undefined) {
      await next?.catch(() => {});
      await saveNow(options, loop);
      return report(false);
    }
    if (line === 'rewind') await rewind(options, loop);
    else finishStep(options, loop, line);
    next = loop.at < steps ? source.batch(loop.at + 1) : undefined;
    if (line === 'rewind') continue;
    await validateAt(options, loop);
    await observeStep(options, loop);
    const isDue = checkpointInterval > 0 && loop.at % checkpointInterval === 0;
    if (isDue || isBestSoFar(options, loop)) loop.saving = save(options, loop);
  }
  await saveNow(options, loop);
  const saved = savedModel(options);
  if (settings.emaDecay > 0)
    await writeFinishedModel(run, { saved, values: averagesOf(loop.step) }, 'model-ema');
  const bestStep = loop.at < steps ? findBestStep(loop.observed) : undefined;
  if (bestStep !== undefined && listCheckpoints(run).includes(bestStep)) {
    takeFinishedModel(run, bestStep);
    return { ...report(true), bestStep };
  }
  await writeFinishedModel(run, { saved, values: loop.step });
  return report(true);
}

function finishStep({ run, onStep }: TrainOptions, loop: Loop, line: LossLine): void {
  loop.at = line.step;
  if (line.skipped === undefined) loop.updates++;
  if (Number.isFinite(line.loss)) loop.losses = [...loop.losses, line.loss].slice(-spikeWindow);
  loop.observed.fit.addStep(line.loss);
  appendLine(run, 'loss.jsonl', line);
  onStep?.(line);
}

/** Goes back to the newest checkpoint; the step that was not sound is passed by from now on. */
async function rewind(options: TrainOptions, loop: Loop): Promise<void> {
  const bad = loop.at + 1;
  loop.skips = await recordSkippedSteps(options.run, { from: bad, to: bad, why: 'rewind' });
  const restored = await restoreCheckpoint(options.run, options.onDamaged);
  await loop.step.load((restored ?? options.initial)?.values());
  await goOnFrom(options, loop, restored);
  options.onRewind?.(loop.at);
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

async function validateAt(options: TrainOptions, loop: Loop): Promise<void> {
  const { settings, source, run, signal, onValidation } = options;
  const { evalInterval, evalTokens, steps } = settings;
  if (signal?.aborted || evalInterval === 0) return;
  if (loop.at % evalInterval !== 0 && loop.at !== steps) return;
  const loss = await unlessAborted(validate(loop.scorer, source, evalTokens), signal);
  if (loss === undefined) return;
  loop.validationLoss = loss;
  appendLine(run, 'validation.jsonl', { step: loop.at, loss, tokens: tokensUntil(settings, loop.at) });
  onValidation?.(loop.at, loss);
  await observeEvaluation(options, loop, loss);
}

/** Rows that are scored together: the results of fewer are gathered before the next are read. */
const rowsAtOnce = 64;

/** Mean loss over the first tokens of the validation split; undefined when there is none. */
async function validate(
  scorer: BatchScorer,
  source: SampleSource,
  evalTokens: number,
): Promise<number | undefined> {
  let [total, targets] = [0, 0];
  let rows: Samples[] = [];
  const scoreAll = async () => {
    total += await scorer.sumLosses(rows);
    rows = [];
  };
  let tokens = 0;
  for await (const row of source.validation()) {
    if (tokens >= evalTokens) break;
    rows.push(row);
    tokens += row.targets.length;
    targets += row.targets.filter((target) => target >= 0).length;
    if (rows.length === rowsAtOnce) await scoreAll();
  }
  await scoreAll();
  return targets === 0 ? undefined : total / targets;
}
