// What a training run is told: defaults, then the preset's values, then the config file's, then --set. The names are
// those that --set takes. Wrong names and values are refused before any work.

import { DataError, isValue, spellType, suggestName, type Json, type OptionSchema } from '@gristmill/core';
import type { AdamWOptions, ModelConfig, MuonOptions } from '@gristmill/models';
import { checkDataSetting, dataSettingNames, isDataSetting, type DataSettings } from './data-settings.ts';

export interface OptimizerSettings extends AdamWOptions {
  readonly name: 'adamw' | 'muon';
  /** Greatest global norm of the gradient; 0: no clipping. */
  readonly clip: number;
  /** For the matrices inside blocks when name is muon; the rest goes to AdamW. */
  readonly muon: MuonOptions;
}

/** Defaults: nanoGPT's and GPT-3's where they agree. Lengths in tokens, rates per step. */
export const settingSchema = {
  sequenceLength: count(1024, 'Tokens of a sequence.'),
  microBatchSize: count(4, 'Sequences of a micro-batch, which one thread takes at a time.'),
  gradAccumSteps: count(1, 'Micro-batches a step; their number, not that of the threads, shapes the result.'),
  steps: count(1000, 'Steps of the optimizer.'),
  warmupSteps: {
    type: 'integer',
    default: 100,
    least: 0,
    description: 'Steps in which the learning rate rises.',
  },
  learningRate: rate(6e-4, 'The highest.'),
  minLearningRate: rate(6e-5, 'At the last step, reached along half a cosine.'),
  optimizer: {
    type: 'string',
    values: ['adamw', 'muon'],
    default: 'adamw',
    description: 'AdamW, or Muon for the matrices inside blocks and AdamW for the rest.',
  },
  beta1: rate(0.9, "AdamW's decay of the mean of gradients."),
  beta2: rate(0.95, "AdamW's decay of the mean of their squares."),
  epsilon: rate(1e-8, "AdamW's."),
  weightDecay: rate(0.1, 'Of matrices.'),
  clip: rate(1, 'Greatest global norm of the gradient; 0: no clipping.'),
  muonMomentum: rate(0.95, "Muon's."),
  muonRateFactor: rate(5, "Learning rate of Muon's matrices relative to learningRate."),
  seed: {
    type: 'integer',
    default: 1337,
    least: 0,
    description: 'Of weights, dropout and the order of samples.',
  },
  evalInterval: { type: 'integer', default: 250, least: 0, description: 'Steps between evaluations.' },
  evalTokens: {
    type: 'integer',
    default: 65536,
    least: 0,
    description: 'Tokens of the validation split that an evaluation takes; 0: no evaluation.',
  },
  checkpointInterval: { type: 'integer', default: 250, least: 0, description: 'Steps between checkpoints.' },
  keepCheckpoints: count(2, 'The latest so many.'),
} as const satisfies OptionSchema;

function count<const D extends number>(value: D, description: string) {
  return { type: 'integer', default: value as number, least: 1, description } as const;
}

function rate(value: number, description: string) {
  return { type: 'number', default: value, least: 0, description } as const;
}

/** Fields of the model that a run may set, whatever its preset or file says. */
export const modelSchema = {
  nPositions: { type: 'integer', least: 1, description: 'Longest sequence of the model, in tokens.' },
  nLayer: { type: 'integer', least: 1, description: 'Blocks.' },
  nHead: { type: 'integer', least: 1, description: 'Heads of attention in a block; divides nEmbd.' },
  nEmbd: { type: 'integer', least: 1, description: 'Width.' },
  dropout: { type: 'number', least: 0, description: 'Share of activations that training drops.' },
  initializerRange: { type: 'number', least: 0, description: 'Standard deviation of the first weights.' },
} as const satisfies OptionSchema;

export const defaultSettings = Object.fromEntries(
  Object.entries(settingSchema).map(([name, spec]) => [name, spec.default]),
) as RunSettings;

export type RunSettings = {
  -readonly [N in keyof typeof settingSchema]: (typeof settingSchema)[N]['type'] extends 'string'
    ? string
    : number;
};
export type ModelChanges = Partial<Record<keyof typeof modelSchema, number>>;

/** Settings that may change when a run is resumed: they touch no number that training computes. */
export const freeSettings: readonly string[] = [
  'evalInterval',
  'evalTokens',
  'checkpointInterval',
  'keepCheckpoints',
];

/** Later sources win. @throws DataError `unknown-setting`, `wrong-setting` */
export function resolveSettings(...sources: readonly Readonly<Record<string, unknown>>[]): {
  settings: RunSettings;
  model: ModelChanges;
  data: DataSettings;
} {
  const settings: Record<string, unknown> = { ...defaultSettings };
  const model: Record<string, number> = {};
  const data: Record<string, unknown> = {};
  for (const [name, value] of sources.flatMap((source) => Object.entries(source))) {
    if (Object.hasOwn(modelSchema, name)) model[name] = checkSetting(modelSchema, name, value) as number;
    else if (isDataSetting(name)) data[name] = checkDataSetting(name, value);
    else if (Object.hasOwn(defaultSettings, name)) settings[name] = checkSetting(settingSchema, name, value);
    else throw unknownSetting(name);
  }
  return { settings: settings as RunSettings, model, data };
}

function unknownSetting(name: string): DataError {
  const names = [...Object.keys(settingSchema), ...Object.keys(modelSchema), ...dataSettingNames];
  return new DataError(
    'unknown-setting',
    `there is no setting ${name}`,
    suggestName(name, names, `settings: ${names.join(', ')}`),
  );
}

/** @param value a number may come as text, as --set gives it */
function checkSetting(schema: OptionSchema, name: string, value: unknown): Json {
  const spec = schema[name];
  const isNumeric = spec.type !== 'string' && typeof value === 'string' && value.trim() !== '';
  const given = (isNumeric ? Number(value) : value) as Json;
  if (isValue(spec, given)) return given;
  throw new DataError('wrong-setting', `${name} cannot be ${String(value)}`, `it is ${spellType(spec)}`);
}

/** `name=value` pairs of --set. @throws DataError `wrong-setting` */
export function parseAssignments(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
      throw new DataError('wrong-setting', `--set ${pair} is no assignment`, 'write --set name=value');
    }),
  );
}

export function optimizerOf(settings: RunSettings): OptimizerSettings {
  const { beta1, beta2, epsilon, weightDecay, clip, muonMomentum, muonRateFactor } = settings;
  const muon = { momentum: muonMomentum, weightDecay, rateFactor: muonRateFactor };
  return {
    name: settings.optimizer as OptimizerSettings['name'],
    beta1,
    beta2,
    epsilon,
    weightDecay,
    clip,
    muon,
  };
}

/** Warm-up in a straight line to learningRate, then half a cosine down to minLearningRate at the last step (from 1). */
export function learningRateAt(step: number, settings: RunSettings): number {
  const { learningRate, minLearningRate, warmupSteps, steps } = settings;
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, steps - warmupSteps));
  return minLearningRate + 0.5 * (learningRate - minLearningRate) * (1 + Math.cos(Math.PI * progress));
}

/** @throws DataError `wrong-setting` when model and run do not go together */
export function checkModel(config: ModelConfig, settings: RunSettings): void {
  if (config.nEmbd % config.nHead !== 0)
    throw new DataError(
      'wrong-setting',
      `nHead ${config.nHead} does not divide nEmbd ${config.nEmbd}`,
      'choose another',
    );
  if (settings.sequenceLength > config.nPositions)
    throw new DataError(
      'wrong-setting',
      `sequenceLength ${settings.sequenceLength} is longer than the model's ${config.nPositions} positions`,
      'lower --set sequenceLength or raise --set nPositions',
    );
}
