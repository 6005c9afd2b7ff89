// What a training run is told: defaults, then the preset's values, then the config file's, then --set. Wrong names and
// values are refused before any work.

import {
  DataError,
  isValue,
  spellType,
  suggestName,
  type Json,
  type OptionSchema,
  type OptionSpec,
} from '@gristmill/core';
import { createAdamW, createMuon, modelSchema, type Optimizer } from '@gristmill/models';
import { checkDataSetting, dataSettingNames, isDataSetting, type DataSettings } from './data-settings.ts';
import { schemasByOptimizer, settingSchema, type RunSettings } from './setting-schema.ts';

/** Settings that may change when a run is resumed: they touch no number that a sound run computes. */
export const freeSettings: readonly string[] = [
  'nonFinite',
  'spike',
  'evalInterval',
  'evalTokens',
  'patience',
  'sampleInterval',
  'samplePrompt',
  'histogramInterval',
  'checkpointInterval',
  'keepCheckpoints',
];

export interface ResolvedSettings {
  readonly settings: RunSettings;
  /** Fields of the model's configuration. */
  readonly model: Readonly<Record<string, number>>;
  readonly data: DataSettings;
}

/** Later sources win. @throws DataError `unknown-setting`, `wrong-setting` */
export function resolveSettings(...sources: readonly Readonly<Record<string, unknown>>[]): ResolvedSettings {
  const given: Record<string, unknown> = {};
  const model: Record<string, number> = {};
  const data: Record<string, unknown> = {};
  for (const [name, value] of sources.flatMap((source) => Object.entries(source))) {
    if (Object.hasOwn(modelSchema, name)) model[name] = checkSetting(modelSchema, name, value) as number;
    else if (isDataSetting(name)) data[name] = checkDataSetting(name, value);
    else if (Object.hasOwn(settingSchema, name)) given[name] = checkSetting(settingSchema, name, value);
    else throw unknownSetting(name);
  }
  return { settings: chooseSettings(given), model, data };
}

/** The settings that the optimiser chosen has, with defaults for those not given. */
function chooseSettings(given: Readonly<Record<string, unknown>>): RunSettings {
  const optimizer = (given.optimizer ?? settingSchema.optimizer.default) as RunSettings['optimizer'];
  const schema = schemasByOptimizer[optimizer];
  const foreign = Object.keys(given).find((name) => !Object.hasOwn(schema, name));
  if (foreign !== undefined)
    throw new DataError(
      'wrong-setting',
      `${foreign} is no setting of the optimizer ${optimizer}`,
      `leave it out, or choose another: --set optimizer=${settingSchema.optimizer.values.join('|')}`,
    );
  const values = Object.entries(schema).map(([name, spec]) => [name, given[name] ?? spec.default]);
  return Object.fromEntries(values) as RunSettings;
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
  const given = (typeof value === 'string' ? readText(spec, value) : value) as Json;
  if (isValue(spec, given)) return given;
  throw new DataError('wrong-setting', `${name} cannot be ${String(value)}`, `it is ${spellType(spec)}`);
}

function readText({ type }: OptionSpec, text: string): Json {
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return type === 'string' || type === 'boolean' || text.trim() === '' ? text : Number(text);
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

export function createOptimizer(settings: RunSettings): Optimizer {
  const { beta1, beta2, epsilon, weightDecay } = settings;
  const adamw = { beta1, beta2, epsilon, weightDecay };
  if (settings.optimizer === 'adamw') return createAdamW(adamw);
  const { muonMomentum: momentum, muonRateFactor: rateFactor } = settings;
  return createMuon({ momentum, weightDecay, rateFactor, rest: adamw });
}

/** Tokens of a step. */
export function tokensOfStep({ microBatchSize, gradAccumSteps, sequenceLength }: RunSettings): number {
  return microBatchSize * gradAccumSteps * sequenceLength;
}

/** Warm-up in a straight line to learningRate, then half a cosine down to minLearningRate at the last step (from 1). */
export function learningRateAt(
  step: number,
  settings: Pick<RunSettings, 'learningRate' | 'minLearningRate' | 'warmupSteps' | 'steps'>,
): number {
  const { learningRate, minLearningRate, warmupSteps, steps } = settings;
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, steps - warmupSteps));
  return minLearningRate + 0.5 * (learningRate - minLearningRate) * (1 + Math.cos(Math.PI * progress));
}
