// Whether a model fits its data too closely or not closely enough, told from how training and validation loss go.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '@gristmill/storage';

export interface Finding {
  readonly kind: 'overfitting' | 'underfitting';
  /** The evaluation at which it was found. */
  readonly step: number;
  readonly message: string;
}

/** findings.json: what is wrong with how the model fits its data, as its latest evaluation shows it. */
export interface Findings {
  readonly findings: readonly Finding[];
}

/** An evaluation, and the mean training loss of the steps since the one before. */
export interface Evaluated {
  readonly step: number;
  readonly validation: number;
  readonly training: number;
}

/** So many evaluations in a row must be worse, each than the one before. */
const rises = 3;
/** A loss that falls by less than this part of itself from one evaluation to the next stands still. */
const leastFall = 0.005;

/**
 * What is wrong with the fit, as the latest evaluation shows it.
 * @param isLast whether the run ends here
 */
export function judgeFit(evaluations: readonly Evaluated[], isLast: boolean): Finding | undefined {
  return findOverfitting(evaluations) ?? (isLast ? findUnderfitting(evaluations) : undefined);
}

function findOverfitting(evaluations: readonly Evaluated[]): Finding | undefined {
  const latest = evaluations.slice(-rises - 1);
  if (latest.length <= rises) return undefined;
  const isRising = latest.slice(1).every(({ validation }, i) => validation > latest[i].validation);
  const [first, last] = [latest[0], latest[rises]];
  if (!isRising || last.training >= first.training) return undefined;
  const best = bestOf(evaluations);
  const message =
    `overfitting: over the last ${rises} evaluations validation loss rose from ${show(first.validation)} to ${show(last.validation)} ` +
    `while training loss fell from ${show(first.training)} to ${show(last.training)}; the best was ${show(best.validation)} at step ${best.step}: ` +
    `more text, a smaller model or more dropout helps, and --set patience=${rises} ends a run there`;
  return { kind: 'overfitting', step: last.step, message };
}

function findUnderfitting(evaluations: readonly Evaluated[]): Finding | undefined {
  const [before, last] = evaluations.slice(-2);
  if (last === undefined) return undefined;
  const isFalling = (from: number, to: number) => to < from * (1 - leastFall);
  if (!isFalling(before.validation, last.validation) || !isFalling(before.training, last.training))
    return undefined;
  const message =
    `underfitting: training loss (${show(before.training)} to ${show(last.training)}) and validation loss ` +
    `(${show(before.validation)} to ${show(last.validation)}) were both still falling at the end: ` +
    'more steps (--set steps=…, the run goes on), a higher learning rate or a larger model helps';
  return { kind: 'underfitting', step: last.step, message };
}

const show = (loss: number) => loss.toFixed(3);

/** The first of the lowest validation losses; one that is no number is the worst. */
export function bestOf<T extends { readonly validation: number }>(evaluations: readonly T[]): T {
  const lossOf = ({ validation }: T) => (Number.isNaN(validation) ? Infinity : validation);
  return evaluations.reduce((best, one) => (lossOf(one) < lossOf(best) ? one : best));
}

/** How many evaluations there were after the best one. */
export function evaluationsSinceBest(evaluations: readonly Evaluated[]): number {
  return evaluations.length === 0 ? 0 : evaluations.length - 1 - evaluations.indexOf(bestOf(evaluations));
}

export interface FitLog {
  readonly evaluations: readonly Evaluated[];
  addStep(loss: number): void;
  addEvaluation(step: number, validation: number): void;
}

export function createFitLog(): FitLog {
  const evaluations: Evaluated[] = [];
  let [sum, count] = [0, 0];
  return {
    evaluations,
    addStep(loss) {
      if (!Number.isFinite(loss)) return;
      sum += loss;
      count++;
    },
    addEvaluation(step, validation) {
      evaluations.push({ step, validation, training: count > 0 ? sum / count : NaN });
      [sum, count] = [0, 0];
    },
  };
}

/** What loss.jsonl and validation.jsonl of a run have so far, to be carried on. */
export function readFitLog(run: Store): FitLog {
  const log = createFitLog();
  const steps = readLines(run, 'loss.jsonl');
  let at = 0;
  for (const { step, loss } of readLines(run, 'validation.jsonl')) {
    for (; at < steps.length && steps[at].step <= step; at++) log.addStep(steps[at].loss ?? NaN);
    log.addEvaluation(step, loss ?? NaN);
  }
  for (const { loss } of steps.slice(at)) log.addStep(loss ?? NaN);
  return log;
}

function readLines(run: Store, file: string): { readonly step: number; readonly loss: number | null }[] {
  const path = join(run.location, file);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as { step: number; loss: number | null });
}
