// The metrics of generated text by name.

import { DataError, suggestName } from '@gristmill/core';
import { measureBleu } from './bleu.ts';
import { measureChrf } from './chrf.ts';
import { measureExactMatch } from './exact-match.ts';
import { measureRougeL } from './rouge-l.ts';
import type { MetricResult, Segment } from './segment.ts';
import { measureTer } from './ter.ts';
import { tokenizerNames, type TokenizerName } from './tokenizers.ts';

export interface MetricOptions {
  /** Of bleu, and of rouge-l. */
  readonly tokenize?: string;
  /** Of bleu, chrf and exact-match; ter and rouge-l always lower-case. */
  readonly lowercase?: boolean;
  /** Of chrf: 2 is chrF++. */
  readonly wordOrder?: number;
}

type Measure = (
  segments: readonly Segment[],
  options: MetricOptions & { tokenizer?: TokenizerName },
) => MetricResult;

const metrics: Readonly<Record<string, Measure>> = {
  bleu: measureBleu,
  chrf: measureChrf,
  ter: (segments) => measureTer(segments),
  'exact-match': (segments, { lowercase }) => measureExactMatch(segments, lowercase),
  'rouge-l': (segments, { tokenizer }) => measureRougeL(segments, tokenizer),
};

export const metricNames: readonly string[] = Object.keys(metrics);

/** @throws DataError `unknown-metric`, `unknown-tokenizer`; the function that is given back `nothing-to-evaluate` */
export function chooseMetric(
  metric: string,
  options: MetricOptions = {},
): (segments: readonly Segment[]) => MetricResult {
  const { tokenize } = options;
  if (!Object.hasOwn(metrics, metric)) throw unknown('metric', metric, metricNames);
  if (tokenize !== undefined && !tokenizerNames.includes(tokenize as TokenizerName))
    throw unknown('tokenizer', tokenize, tokenizerNames);
  const tokenizer = tokenize as TokenizerName | undefined;
  return (segments) => {
    if (segments.length > 0) return metrics[metric](segments, { ...options, tokenizer });
    throw new DataError(
      'nothing-to-evaluate',
      'there is no text to measure',
      'give a file that is not empty',
    );
  };
}

function unknown(kind: string, name: string, names: readonly string[]): DataError {
  const hint = suggestName(name, names, `${kind}s: ${names.join(', ')}`);
  return new DataError(`unknown-${kind}`, `there is no ${kind} ${name}`, hint);
}
