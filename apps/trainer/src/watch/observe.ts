// What a run tells of itself beside its losses: samples, histograms of gradients, and whether it fits its data. None of it
// touches a number that is trained.

import { readJson, type Store } from '@gristmill/storage';
import { appendLine, cutLog } from '../run-folder.ts';
import type { Loop, TrainOptions } from '../training-run.ts';
import type { GradientSums } from '../training-step.ts';
import {
  bestOf,
  createFitLog,
  evaluationsSinceBest,
  judgeFit,
  readFitLog,
  type Finding,
  type Findings,
  type FitLog,
} from './fit.ts';
import { createGradientCounter, type GradientCounter } from './gradient-histograms.ts';
import type { WrittenSample } from './run-watcher.ts';
import { seesPrompt } from '../run-objective.ts';
import { createSampleWriter, type SampleWriter } from './samples.ts';

export interface Observed {
  fit: FitLog;
  finding?: Finding;
  readonly samples?: SampleWriter;
  readonly gradients?: GradientCounter;
}

export async function createObserved(options: TrainOptions): Promise<Observed> {
  const { executor, model, objective, settings, source, onGradients } = options;
  const { sampleInterval, samplePrompt: prompt, histogramInterval, seed } = settings;
  const { tokenizer } = source;
  const writes = sampleInterval > 0 && tokenizer !== undefined && model.kind !== 'encoder';
  const asked = { executor, model, prompt, seed };
  const counts = histogramInterval > 0 && onGradients !== undefined;
  return {
    fit: createFitLog(),
    samples: writes
      ? await createSampleWriter({ ...asked, tokenizer, seesPrompt: seesPrompt(model, objective) })
      : undefined,
    gradients: counts ? await createGradientCounter(executor, model) : undefined,
  };
}

/** Sets what is observed to the step from which the run goes on; its logs end there. */
export async function observeStart(run: Store, { at, observed }: Loop): Promise<void> {
  if (await run.stat('samples.jsonl')) await cutLog(run, 'samples.jsonl', at);
  observed.fit = readFitLog(run);
  const [finding] = (await readJson<Findings>(run, 'findings.json'))?.findings ?? [];
  observed.finding = finding !== undefined && finding.step <= at ? finding : undefined;
}

/** Writes a sample where one is due. */
export async function observeStep(options: TrainOptions, { at, observed, step }: Loop): Promise<void> {
  const { settings, run, signal, onSample } = options;
  const { sampleInterval, steps, samplePrompt: prompt } = settings;
  const isDue = at === steps || at % sampleInterval === 0;
  if (observed.samples === undefined || !isDue || signal?.aborted) return;
  const text = await observed.samples.write(step.parameters(), signal);
  if (text === undefined) return;
  const sample: WrittenSample = { step: at, prompt, text };
  appendLine(run, 'samples.jsonl', sample);
  onSample?.(sample);
}

/** Counts the gradients of the step that is being taken, where that is due. */
export async function observeGradients(
  { settings: { histogramInterval, steps }, onGradients }: TrainOptions,
  { at, observed }: Loop,
  { sums, targets }: { readonly sums: GradientSums; readonly targets: number },
): Promise<void> {
  const step = at + 1;
  const isDue = step === 1 || step === steps || step % histogramInterval === 0;
  if (observed.gradients && isDue) onGradients?.(await observed.gradients.count(step, sums, targets));
}

/** Keeps an evaluation in mind, and says what it shows of the fit. */
export async function observeEvaluation(options: TrainOptions, loop: Loop, loss: number): Promise<void> {
  const { run, settings, onFinding } = options;
  const { observed, at } = loop;
  observed.fit.addEvaluation(at, loss);
  const isLast = at >= settings.steps || isPatienceOver(options, loop);
  const before = observed.finding;
  const finding = judgeFit(observed.fit.evaluations, isLast) ?? keepOverfitting(observed);
  if (finding === undefined && before === undefined) return;
  observed.finding = finding;
  await run.replace('findings.json', `${JSON.stringify({ findings: finding ? [finding] : [] })}\n`);
  if (finding?.kind !== before?.kind || isLast) onFinding?.(finding);
}

/** What overfits does so until an evaluation is better than all before. */
function keepOverfitting({ fit, finding }: Observed): Finding | undefined {
  const isBetter = evaluationsSinceBest(fit.evaluations) === 0;
  return finding?.kind === 'overfitting' && !isBetter ? finding : undefined;
}

/** Whether there were as many evaluations without a better one as the run has patience for. */
export function isPatienceOver({ settings: { patience } }: TrainOptions, { observed }: Loop): boolean {
  return patience > 0 && evaluationsSinceBest(observed.fit.evaluations) >= patience;
}

/** The step of the lowest validation loss; undefined where nothing was evaluated. */
export function findBestStep({ fit: { evaluations } }: Observed): number | undefined {
  return evaluations.length === 0 ? undefined : bestOf(evaluations).step;
}

/** Whether this step's model is the best one, and to be kept. */
export function isBestSoFar({ settings }: TrainOptions, { at, observed }: Loop): boolean {
  const isKept = settings.checkpointInterval > 0 || settings.patience > 0;
  return isKept && findBestStep(observed) === at;
}
