// Learns a classifier (quality, toxicity, genre) from texts that the recipe names for each label: files beside it, or
// sources of the corpus itself (books against pages).

import { DataError, type Json, type JsonObject } from '@gristmill/core';
import type { TrainingStage } from '@gristmill/corpus';
import { encodeClassifier, trainClassifier, type Example } from '@gristmill/detect';
import { checkNames } from '../stage-options.ts';
import { parseTextChoice, readTrainingTexts, textInputsOf, type TextChoice } from './training-texts.ts';

/** @example { name: 'quality', labels: { positive: { files: ['good.jsonl'] }, negative: { sources: ['web'] } } } */
export interface ClassifierTrainingOptions extends JsonObject {
  /** Of the pinned classifier: `quality`. */
  readonly name: string;
  /** Label → {files?, sources?}. */
  readonly labels: Json;
  /** Documents of the corpus for each label. Default 20,000. */
  readonly documents?: number;
  readonly epochs?: number;
  readonly wordNgrams?: number;
  readonly seed?: number;
}

const names = ['name', 'labels', 'documents', 'epochs', 'wordNgrams', 'seed'];

export const classifierTraining: TrainingStage<ClassifierTrainingOptions> = {
  name: 'train-classifier',
  version: 1,
  artefact: ({ name }) => name,
  check(options) {
    checkNames(options, 'train-classifier', names);
    if (typeof options.name !== 'string')
      throw new DataError(
        'bad-option',
        'train-classifier has no name',
        'name the classifier: {name: "quality"}',
      );
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
