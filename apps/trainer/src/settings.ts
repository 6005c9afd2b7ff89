// What a training run is told: defaults, then the preset's values, then the config file's, then --set. The names are
// those that --set takes. Wrong names and values are refused before any work.

import { DataError } from '@gristmill/core';
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
export const defaultSettings = {
  sequenceLength: 1024,
  /** Sequences of a micro-batch, which one thread takes at a time. */
  microBatchSize: 4,
  /** Micro-batches a step; their number, not that of the threads, shapes the result. */
  gradAccumSteps: 1,
  steps: 1000,
  warmupSteps: 100,
  learningRate: 6e-4,
  minLearningRate: 6e-5,
  /** adamw, or muon for the matrices inside blocks and adamw for the rest. */
  optimizer: 'adamw',
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
  clip: 1,
  muonMomentum: 0.95,
  /** Learning rate of Muon's matrices relative to learningRate. */
  muonRateFactor: 5,
  seed: 1337,
  evalInterval: 250,
  /** Tokens of the validation split that an evaluation during training takes; 0: no evaluation. */
  evalTokens: 65536,
  checkpointInterval: 250,
  keepCheckpoints: 2,
};

export type RunSettings = typeof defaultSettings;

/** Fields of the model that a run may set. */
const modelFields = ['nPositions', 'nLayer', 'nHead', 'nEmbd', 'dropout', 'initializerRange'] as const;
type ModelField = (typeof modelFields)[number];
export type ModelChanges = Partial<Record<ModelField, number>>;

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
    if ((modelFields as readonly string[]).includes(name)) model[name] = checkNumber(name, value);
    else if (isDataSetting(name)) data[name] = checkDataSetting(name, value);
    else if (Object.hasOwn(defaultSettings, name)) settings[name] = checkSetting(name, value);
    else throw unknownSetting(name);
  }
  return { settings: settings as RunSettings, model, data };
}

function unknownSetting(name: string): DataError {
  return new DataError(
    'unknown-setting',
    `there is no setting ${name}`,
    `settings: ${[...Object.keys(defaultSettings), ...modelFields, ...dataSettingNames].join(', ')}`,
  );
}

function checkSetting(name: string, value: unknown): unknown {
  if (name !== 'optimizer') return checkNumber(name, value);
  if (value === 'adamw' || value === 'muon') return value;
  throw new DataError('wrong-setting', `optimizer cannot be ${String(value)}`, 'it is adamw or muon');
}

const fractions = new Set(
  'learningRate minLearningRate beta1 beta2 epsilon weightDecay clip muonMomentum muonRateFactor dropout initializerRange'.split(
    ' ',
  ),
);
const positive = new Set(
  'sequenceLength microBatchSize gradAccumSteps steps keepCheckpoints nPositions nLayer nHead nEmbd'.split(
    ' ',
  ),
);

function checkNumber(name: string, value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  const fits =
    typeof number === 'number' &&
    Number.isFinite(number) &&
    number >= (positive.has(name) ? 1 : 0) &&
    (fractions.has(name) || Number.isSafeInteger(number));
  if (fits) return number;
  const kind = fractions.has(name)
    ? 'a number of at least 0'
    : `an integer of at least ${positive.has(name) ? 1 : 0}`;
  throw new DataError('wrong-setting', `${name} cannot be ${String(value)}`, `it is ${kind}`);
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
