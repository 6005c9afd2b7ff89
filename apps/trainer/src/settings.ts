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
import { modelSchema } from '@gristmill/models';
import { checkDataSetting, dataSettingNames, isDataSetting, type DataSettings } from './data-settings.ts';
import { optimizerSchemas } from './optimizer-schema.ts';
import { scheduleSchemas } from './schedule-schema.ts';
import { checkRamps } from './step-size.ts';
import { schemaOf, settingSchema, type Choices, type RunSettings } from './setting-schema.ts';

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

/**
 * Later sources win; one that chooses another optimiser or schedule forgets what earlier ones said to the former.
 * @throws DataError `unknown-setting`, `wrong-setting`
 */
export function resolveSettings(...sources: readonly Readonly<Record<string, unknown>>[]): ResolvedSettings {
  let given: Record<string, unknown> = {};
  const model: Record<string, number> = {};
  const data: Record<string, unknown> = {};
  for (const source of sources) {
    const own: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(source)) {
      if (Object.hasOwn(modelSchema, name)) model[name] = checkSetting(modelSchema, name, value) as number;
      else if (isDataSetting(name)) data[name] = checkDataSetting(name, value);
      else if (Object.hasOwn(settingSchema, name)) own[name] = checkSetting(settingSchema, name, value);
      else throw unknownSetting(name);
    }
    given = { ...forgetFormer(given, choicesOf({ ...given, ...own })), ...own };
  }
  return { settings: fillIn(given), model, data };
}

function choicesOf(given: Readonly<Record<string, unknown>>): Choices {
  const { optimizer, schedule } = settingSchema;
  return { optimizer: optimizer.default, schedule: schedule.default, ...given };
}

/** Leaves out what only the former choices have. */
function forgetFormer(given: Readonly<Record<string, unknown>>, choices: Choices): Record<string, unknown> {
  const [before, now] = [schemaOf(choicesOf(given)), schemaOf(choices)];
  const kept = Object.entries(given).filter(
    ([name]) => Object.hasOwn(now, name) || !Object.hasOwn(before, name),
  );
  return Object.fromEntries(kept);
}

/** The settings that there are under what was chosen, with defaults for those not given. */
function fillIn(given: Readonly<Record<string, unknown>>): RunSettings {
  const choices = choicesOf(given);
  const schema = schemaOf(choices);
  const foreign = Object.keys(given).find((name) => !Object.hasOwn(schema, name));
  if (foreign !== undefined) throw foreignSetting(foreign, choices);
  const values = Object.entries(schema).map(([name, spec]) => [name, given[name] ?? spec.default]);
  const settings = Object.fromEntries(values) as RunSettings;
  checkRamps(settings);
  return settings;
}

function foreignSetting(name: string, choices: Choices): DataError {
  const kind = Object.values(scheduleSchemas).some((one) => Object.hasOwn(one, name))
    ? 'schedule'
    : 'optimizer';
  const owners = Object.entries(kind === 'schedule' ? scheduleSchemas : optimizerSchemas)
    .filter(([, schema]) => Object.hasOwn(schema, name))
    .map(([owner]) => owner);
  return new DataError(
    'wrong-setting',
    `${name} is no setting of the ${kind} ${choices[kind]}`,
    `leave it out, or choose one that has it: --set ${kind}=${owners.join('|')}`,
  );
}

function unknownSetting(name: string): DataError {
  const names = [...Object.keys(settingSchema), ...Object.keys(modelSchema), ...dataSettingNames];
  return new DataError(
    'unknown-setting',
    `there is no setting ${name}`,
    suggestName(name, names, `settings: ${names.join(', ')}`),
  );
}

/** @param value a number or a truth value may come as text, as --set gives it */
function checkSetting(schema: OptionSchema, name: string, value: unknown): Json {
  const spec = schema[name];
  const given = (typeof value === 'string' ? readText(spec, value) : value) as Json;
  if (isValue(spec, given)) return given;
  throw new DataError('wrong-setting', `${name} cannot be ${String(value)}`, `it is ${spellType(spec)}`);
}

function readText({ type }: OptionSpec, text: string): Json {
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  if (type === 'object') return parseObject(text);
  return type === 'string' || type === 'boolean' || text.trim() === '' ? text : Number(text);
}

/** Text that is no JSON stays text, which is no object. */
function parseObject(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
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
