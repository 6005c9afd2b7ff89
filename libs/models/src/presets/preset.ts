// What a preset is: a published model and how it was trained. Models are written as their config.json, so that what a
// paper says and what Hugging Face reads can be compared key by key.

import { readModelConfig, type ModelSizes } from '../architectures.ts';

export type ModelPreset = ModelSizes;

export interface Preset {
  /** Without the vocabulary, which is the shards'. */
  readonly model: ModelPreset;
  /** The published vocabulary, for counts. */
  readonly vocabSize: number;
  /** Fields of the model without heads that only its pre-training has. */
  readonly bare?: Readonly<Record<string, string>>;
  readonly paper: string;
  /** Of the published training: data, and what the settings do not say. */
  readonly recipe: string;
  /** Settings of the run that differ from the defaults, by their names in setting-schema.ts of the trainer. */
  readonly training: Readonly<Record<string, TrainingValue>>;
}

/** A training that begins with prepared shards: the file of --config. */
export interface TrainingRecipe {
  /** A preset's name, or a config.json. */
  readonly model?: string;
  /** A model directory whose weights it begins with. */
  readonly initFrom?: string;
  /** Of the run, its data and its model, by the names of `gristmill-trainer train --help`. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export type TrainingValue = number | string | boolean | Readonly<Record<string, number>>;

export type PresetParts = Omit<Preset, 'model' | 'vocabSize'> & {
  readonly config: Readonly<Record<string, unknown>>;
};

/** Tokens that begin and end texts are those of the shards' tokenizer. */
export function definePreset({ config, ...rest }: PresetParts): Preset {
  const { vocabSize, eosTokenId: _, ...sizes } = readModelConfig(config, 'a preset');
  const own = ['bosTokenId', 'otherEnds'];
  const model = Object.fromEntries(Object.entries(sizes).filter(([name]) => !own.includes(name)));
  return { model: model as unknown as ModelPreset, vocabSize, ...rest };
}

/** Sequences of a step, one at a time: what the largest models leave room for. */
export const sequences = (count: number) => ({ microBatchSize: 1, gradAccumSteps: count });

/** AdamW as GPT-3 was trained with it, and most since. */
export const adam95 = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 } as const;

/** Steps of a training of so many tokens. */
export const stepsOf = (tokens: number, stepTokens: number) => Math.round(tokens / stepTokens);
