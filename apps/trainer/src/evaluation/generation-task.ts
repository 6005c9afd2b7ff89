// Tasks that are answered by writing: what a model writes after each prompt is compared with references by a metric.

import { readObjects } from '../json-objects.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { writeText } from '../generation/write-text.ts';
import { chooseMetric, type MetricOptions } from '../metric/measure.ts';
import type { MetricResult, Segment } from '../metric/segment.ts';
import type { TextTokenizer } from '../text-tokenizer.ts';
import type { LengthCheck } from '../too-long.ts';
import { findInterval, type BootstrapOptions } from './bootstrap.ts';
import type { FindSteps } from './evaluate-task.ts';

/** Those that `metric` has, by the names that a task may have. */
export const generationTasks = ['bleu', 'chrf', 'ter', 'rouge-l', 'exact-match'] as const;

export interface GenerationTaskOptions extends BootstrapOptions, MetricOptions {
  readonly length: LengthCheck;
  readonly findSteps?: FindSteps;
  readonly keepSeen?: boolean;
  readonly maxTokens: number;
  /** Where an answer ends, beside the end of the text. Default: a line's end for a decoder. */
  readonly stops?: readonly string[];
  readonly beams?: number;
}

export interface WrittenItem extends Segment {
  readonly trainedSteps?: readonly number[];
}

export interface GenerationResult extends MetricResult {
  readonly task: string;
  readonly items: number;
  readonly intervals: Readonly<Record<string, readonly [number, number] | undefined>>;
  readonly excluded: number;
  readonly tooLong: number;
}

const example = '{"id":"1","prompt":"…","ref":"…"}';

/**
 * Items {id?, prompt or source, ref or target}; ref is a text or a list of texts. The likeliest text is written.
 * @throws DataError `not-json-lines`, `nothing-to-evaluate`, `unknown-tokenizer`
 */
export async function evaluateWriting(
  model: LoadedModel,
  tokenizer: TextTokenizer,
  { task, data }: { readonly task: string; readonly data: string },
  options: GenerationTaskOptions,
): Promise<{ readonly result: GenerationResult; readonly written: readonly WrittenItem[] }> {
  const measure = chooseMetric(task, options);
  const { length, findSteps, keepSeen = false } = options;
  const stops = options.stops ?? (model.model.kind === 'encoder-decoder' ? [] : ['\n']);
  const drawing = { temperature: 0, topK: 0, topP: 1, seed: 0, ...options, stops };
  const written: WrittenItem[] = [];
  let excluded = 0;
  for await (const { object, number, refuse } of readObjects(data, example)) {
    const id = String(object.id ?? number);
    const [prompt, right] = [object.prompt ?? object.source, object.ref ?? object.target];
    const references: unknown = typeof right === 'string' ? [right] : right;
    if (typeof prompt !== 'string') throw refuse('a text prompt or source');
    if (!isTexts(references)) throw refuse('a text or a list of texts ref');
    const trainedSteps = findSteps?.([prompt, ...references]);
    if (trainedSteps && trainedSteps.length > 0 && !keepSeen) {
      excluded++;
      continue;
    }
    const tokens = tokenizer.encode(prompt);
    if (!length.accepts(id, tokens.length)) continue;
    let hypothesis = '';
    for await (const piece of writeText(model, tokenizer, tokens, drawing)) hypothesis += piece;
    written.push({
      id,
      hypothesis: hypothesis.trim(),
      references,
      ...(trainedSteps ? { trainedSteps } : {}),
    });
  }
  const measured = measure(written);
  const interval = findInterval(written, (items) => measure(items).score, options);
  const counts = { items: written.length, excluded, tooLong: length.count };
  return { result: { task, ...counts, ...measured, intervals: { score: interval } }, written };
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((text) => typeof text === 'string');
