// Learns a classifier (quality, toxicity, genre) from texts that the recipe names for each label: files beside it, or
// sources of the corpus itself (books against pages).

import {
  checkOptions,
  DataError,
  type Json,
  type JsonObject,
  type OptionSchema,
  type OptionsOf,
} from '@gristmill/core';
import type { TrainingStage } from '@gristmill/corpus';
import { encodeClassifier, trainClassifier, type Example } from '@gristmill/detect';
import { parseTextChoice, readTrainingTexts, textInputsOf, type TextChoice } from './training-texts.ts';

const classifierOptions = {
  name: { type: 'string', required: true, description: 'Of the pinned classifier: "quality".' },
  labels: {
    type: 'object',
    required: true,
    description:
      'Label → texts to learn from: {positive: {files: ["good.jsonl"]}, negative: {sources: ["web"]}}.',
  },
  documents: {
    type: 'integer',
    default: 20_000,
    least: 1,
    description: 'Documents of the corpus for each label, at most.',
  },
  epochs: { type: 'integer', otherwise: '5', least: 1, description: 'Walks over the examples.' },
  wordNgrams: { type: 'integer', otherwise: '2', least: 1, description: 'Words of the longest feature.' },
  seed: { type: 'integer', otherwise: '1', least: 0, description: 'Of the order of examples.' },
} as const satisfies OptionSchema;

/** @example { name: 'quality', labels: { positive: { files: ['good.jsonl'] }, negative: { sources: ['web'] } } } */
export type ClassifierTrainingOptions = OptionsOf<typeof classifierOptions> & { readonly name: string };

export const classifierTraining: TrainingStage<ClassifierTrainingOptions> = {
  name: 'train-classifier',
  version: 1,
  description: 'Learns a classifier from texts that the recipe names for each label, and pins it.',
  options: classifierOptions,
  artefact: ({ name }) => name,
  check(options) {
    checkOptions(classifierOptions, options, { name: 'train-classifier' });
    choicesOf(options);
  },
  inputs: (options) => textInputsOf([...choicesOf(options).values()]),
  files: (options) => [...choicesOf(options).values()].flatMap(({ files }) => files),
  async train(task) {
    const { documents = 20_000, epochs, wordNgrams, seed } = task.options;
    const examples: Example[] = [];
    for (const [label, choice] of choicesOf(task.options)) {
      const texts = await readTrainingTexts(task, choice, documents);
      for (const text of texts) examples.push({ text, label });
    }
    const settings = Object.entries({ epochs, wordNgrams, seed }).filter(([, value]) => value !== undefined);
    return encodeClassifier(trainClassifier(examples, Object.fromEntries(settings)));
  },
};

function choicesOf({ labels }: ClassifierTrainingOptions): Map<string, TextChoice> {
  const entries = Object.entries((labels ?? {}) as JsonObject).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length < 2)
    throw new DataError(
      'too-few-labels',
      'train-classifier needs texts for two labels',
      'give labels: {positive: {files: […]}, negative: {sources: […]}}',
    );
  return new Map(
    entries.map(([label, choice]) => [label, parseTextChoice(choice as Json, `labels.${label}`)]),
  );
}
