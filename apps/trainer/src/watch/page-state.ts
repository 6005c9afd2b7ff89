// What the live page knows of a run: at first from the run's logs, then from what it is told. What is new since the last
// look is sent to those who look already; who comes later gets all of it.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LossLine } from '../training-run.ts';
import type { Histogram } from './event-record.ts';
import type { Finding, Findings } from './fit.ts';
import { createHistory, type HistoryPoint } from './history.ts';
import type { RunWatcher, WrittenSample } from './run-watcher.ts';

/** What does not change while a run trains. */
export interface RunFacts {
  readonly name: string;
  readonly steps: number;
  readonly parameters: number;
  readonly executor: string;
  readonly sources: readonly { readonly name: string; readonly tokens: number; readonly epochs: number }[];
}

/** Counts of a histogram, and by parameter the norm of its gradient. */
interface GradientPicture {
  readonly step: number;
  readonly counts: readonly number[];
  readonly norms: readonly (readonly [name: string, norm: number])[];
}

interface News {
  /** Columns: loss, learning rate, gradient norm, tokens a second. */
  readonly points: HistoryPoint[];
  readonly validation: (readonly [step: number, loss: number])[];
  readonly samples: WrittenSample[];
  readonly gradients: GradientPicture[];
  /** Undefined: as before; null: none any more. */
  finding?: Finding | null;
  last?: LossLine;
  /** The step to which the run went back. */
  rewind?: number;
}

export interface PageState {
  readonly watcher: RunWatcher;
  /** Steps done. */
  readonly step: number;
  history(): News & { readonly facts: RunFacts };
  /** Undefined when there is nothing new. */
  takeNews(): News | undefined;
}

const [mostSamples, mostGradients] = [20, 120];

const nothing = (): News => ({ points: [], validation: [], samples: [], gradients: [] });

/** @param done steps after which the logs of the run end: what is behind them is cut off before it goes on */
export function createPageState(facts: RunFacts, folder: string, done: number): PageState {
  const series = createHistory(4);
  const known = nothing();
  let news = nothing();
  let isNew = false;
  const tell = (change: (to: News) => void) => {
    for (const to of [known, news]) change(to);
    while (known.samples.length > mostSamples) known.samples.shift();
    while (known.gradients.length > mostGradients) known.gradients.shift();
    isNew = true;
  };
  const onStep = (line: LossLine) => {
    const point = series.add(line.step, [line.loss, line.learningRate, line.gradNorm, line.tokensPerSecond]);
    known.last = news.last = line;
    if (point) news.points.push(point);
    isNew = true;
  };
  const watcher: RunWatcher = {
    onStep,
    onValidation: (step, loss) => tell(({ validation }) => validation.push([step, loss])),
    onSample: (sample) => tell(({ samples }) => samples.push(sample)),
    onGradients: ({ step, all, parameters }) => {
      const norms = Object.entries(parameters).map(([name, one]) => [name, normOf(one)] as const);
      tell(({ gradients }) => gradients.push({ step, counts: Array.from(all.counts), norms }));
    },
    onFinding: (finding) => tell((to) => (to.finding = finding ?? null)),
    onRewind(step) {
      series.cut(step);
      cutAfter(known.samples, ({ step: at }) => at > step);
      cutAfter(known.gradients, ({ step: at }) => at > step);
      cutAfter(known.validation, ([at]) => at > step);
      news = { ...nothing(), rewind: step };
      isNew = true;
    },
  };
  readLines<LossLine>(folder, 'loss.jsonl', done).forEach(onStep);
  for (const { step, loss } of readLines<LossLine>(folder, 'validation.jsonl', done))
    watcher.onValidation?.(step, loss);
  readLines<WrittenSample>(folder, 'samples.jsonl', done).forEach((sample) => watcher.onSample?.(sample));
  known.finding = readFinding(folder, done);
  news = nothing();
  return {
    watcher,
    get step() {
      return known.last?.step ?? 0;
    },
    history: () => ({ ...known, points: [...series.points()], facts }),
    takeNews() {
      if (!isNew) return undefined;
      const taken = news;
      news = nothing();
      isNew = false;
      return taken;
    },
  };
}

const normOf = ({ sumSquares }: Histogram) => Math.sqrt(sumSquares);

function cutAfter<T>(list: T[], isAfter: (item: T) => boolean): void {
  const kept = list.filter((item) => !isAfter(item));
  list.splice(0, list.length, ...kept);
}

function readFinding(folder: string, done: number): Finding | undefined {
  const path = join(folder, 'findings.json');
  if (!existsSync(path)) return undefined;
  const { findings } = JSON.parse(readFileSync(path, 'utf8')) as Findings;
  return findings.find(({ step }) => step <= done);
}

function readLines<T extends { step: number }>(folder: string, file: string, done: number): T[] {
  const path = join(folder, file);
  if (!existsSync(path)) return [];
  // A line without its end is cut.
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as T).filter(({ step }) => step <= done);
}
