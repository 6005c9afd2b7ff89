// What is measured over judged items, by task.

import type { ScoredRequest } from './request.ts';
import type { LikelihoodTask, TaskItem } from './task.ts';

export interface JudgedItem {
  readonly id: string;
  readonly gold: number;
  /** The likeliest candidate: as it is, for each byte of it, for each token. */
  readonly predicted: number;
  readonly predictedPerByte: number;
  readonly predictedPerToken: number;
  readonly logLikelihoods: readonly number[];
  /** Of the right candidate. */
  readonly greedy: boolean;
  readonly loss: number;
  readonly tokens: number;
  readonly bytes: number;
  /** Steps that trained on a document in which the item stands; absent where nobody looked. */
  readonly trainedSteps?: readonly number[];
}

export function judgeItem({ id, gold, candidates }: TaskItem, scored: readonly ScoredRequest[]): JudgedItem {
  const logLikelihoods = scored.map(({ logLikelihood }) => logLikelihood);
  const bytes = candidates.map((text) => Buffer.byteLength(text));
  return {
    id,
    gold,
    predicted: findGreatest(logLikelihoods),
    predictedPerByte: findGreatest(logLikelihoods.map((value, i) => value / Math.max(1, bytes[i]))),
    predictedPerToken: findGreatest(scored.map((one) => one.logLikelihood / Math.max(1, one.tokens))),
    logLikelihoods,
    greedy: scored[gold].greedy,
    loss: -logLikelihoods[gold],
    tokens: scored[gold].tokens,
    bytes: bytes[gold],
  };
}

/** The first of the greatest. */
const findGreatest = (values: readonly number[]) => values.indexOf(Math.max(...values));

type Measure = (items: readonly JudgedItem[]) => number;

const share = (isMet: (item: JudgedItem) => boolean): Measure => {
  return (items) => items.filter(isMet).length / items.length;
};

const accuracy = share(({ predicted, gold }) => predicted === gold);

/** The first is `accuracy`. */
export const measuresOf: Readonly<Record<LikelihoodTask, Readonly<Record<string, Measure>>>> = {
  choice: {
    accuracy,
    accuracyPerByte: share(({ predictedPerByte, gold }) => predictedPerByte === gold),
    accuracyPerToken: share(({ predictedPerToken, gold }) => predictedPerToken === gold),
  },
  lambada: {
    accuracy: share(({ greedy }) => greedy),
    wordPerplexity: (items) => Math.exp(items.reduce((sum, { loss }) => sum + loss, 0) / items.length),
  },
  blimp: { accuracy },
  classify: { accuracy, macroF1: measureMacroF1 },
};

/** The mean of F₁ over the classes that are right or predicted anywhere. */
export function measureMacroF1(items: readonly Pick<JudgedItem, 'gold' | 'predicted'>[]): number {
  const counts = new Map<number, { both: number; gold: number; predicted: number }>();
  const of = (label: number) => {
    const found = counts.get(label) ?? { both: 0, gold: 0, predicted: 0 };
    counts.set(label, found);
    return found;
  };
  for (const { gold, predicted } of items) {
    of(gold).gold++;
    of(predicted).predicted++;
    if (gold === predicted) of(gold).both++;
  }
  const scores = [...counts.values()].map(({ both, gold, predicted }) => (2 * both) / (gold + predicted));
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}
