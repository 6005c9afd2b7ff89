// How a run reads its shards: packing, mixture, and what to do about a damaged shard. These are pure functions of the
// pinned index at reading, so nothing on disk depends on them; run.json keeps them, and lineage follows from them.

import { DataError, hashJson, type Json, type OptionSchema } from '@gristmill/core';
import type { Objective } from '@gristmill/models';
import type { LoaderOptions, Mixture } from '@gristmill/shards';
import { loaderRamp, type SizeSettings } from './step-size.ts';

export type DataSettings = Pick<LoaderOptions, 'packing' | 'mixture' | 'onDamaged'>;

/** What openLoader of libs/shards needs, besides index.json, to name the samples of a step. */
export interface LoaderSettings extends DataSettings {
  readonly split: 'train';
  readonly sequenceLength: number;
  readonly globalBatchSize: number;
  readonly ramp?: LoaderOptions['ramp'];
  readonly seed: number;
}

/** How a run reads its shards. */
export const dataSchema = {
  packing: {
    type: 'string',
    values: ['concat', 'best-fit'],
    otherwise: 'concat',
    description:
      'Documents one after another across sequences, or each whole in the sequence where it fits best.',
  },
  mixture: {
    type: 'object',
    otherwise: 'all documents, by their size',
    description:
      'Weights of sources, languages, domains, topics or quality, with a temperature or a curriculum.',
    members: {
      components: { type: 'json', required: true, description: 'List of {name, match, weight, epochs}.' },
      temperature: { type: 'number', otherwise: 'none', description: 'Above 0; flattens the weights.' },
      curriculum: { type: 'json', otherwise: 'none', description: 'List of {fromStep, weights}.' },
    },
  },
  onDamaged: {
    type: 'string',
    values: ['fail', 'skip'],
    otherwise: 'fail',
    description: 'What to do about a damaged shard.',
  },
} as const satisfies OptionSchema;

type DataSettingName = keyof typeof dataSchema;
export const dataSettingNames = Object.keys(dataSchema) as readonly DataSettingName[];

const componentFields = ['name', 'match', 'weight', 'epochs'];
const matchFields = ['source', 'language', 'domain', 'topic', 'minQuality', 'maxQuality'];

export function isDataSetting(name: string): name is DataSettingName {
  return (dataSettingNames as readonly string[]).includes(name);
}

/**
 * @param value as a config file holds it; `--set mixture=…` gives a mixture as JSON text
 * @throws DataError `wrong-setting`
 */
export function checkDataSetting(name: DataSettingName, value: unknown): DataSettings[DataSettingName] {
  if (name === 'mixture') return checkMixture(typeof value === 'string' ? parseMixture(value) : value);
  const { values } = dataSchema[name];
  if ((values as readonly string[]).includes(String(value))) return value as DataSettings['packing'];
  throw wrong(name, JSON.stringify(value), `it is ${values.join(' or ')}`);
}

/** The part of a run's settings that shapes its batches. */
export type BatchSettings = SizeSettings & { readonly seed: number };

export type RowSettings = Pick<Objective, 'sampleLength' | 'sampleLengthAt' | 'wholeDocuments'>;

/** Step n of training (from 1) is step n − 1 of this loader; what a row of it is, the objective says. */
export function loaderSettings(
  settings: BatchSettings,
  data: DataSettings,
  { sampleLength: sequenceLength, sampleLengthAt, wholeDocuments }: RowSettings,
): LoaderSettings {
  const { microBatchSize, gradAccumSteps, seed } = settings;
  const ramp = loaderRamp(settings, sampleLengthAt);
  const packing = wholeDocuments ? ({ packing: 'best-fit' } as const) : {};
  const globalBatchSize = microBatchSize * gradAccumSteps;
  return {
    split: 'train',
    sequenceLength,
    globalBatchSize,
    ...(ramp && { ramp }),
    seed,
    ...packing,
    ...data,
  };
}

/** Names of the data settings under which two runs would see other samples. */
export function changedDataSettings(begun: LoaderSettings, asked: LoaderSettings): DataSettingName[] {
  const digest = (settings: LoaderSettings, name: DataSettingName) =>
    hashJson((settings[name] ?? null) as Json);
  return dataSettingNames.filter((name) => digest(begun, name) !== digest(asked, name));
}

function parseMixture(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw wrong('mixture', text, 'it is a JSON object, best kept in the file of --config', cause);
  }
}

function checkMixture(value: unknown): Mixture {
  const mixture = checkObject('mixture', value, ['components', 'temperature', 'curriculum']);
  const { components, temperature, curriculum } = mixture;
  if (!Array.isArray(components) || components.length === 0)
    throw wrong('mixture', JSON.stringify(value), 'its components are a list of {name, match, weight}');
  const names = components.map(checkComponent);
  if (new Set(names).size < names.length)
    throw wrong('mixture', names.join(', '), 'each component has another name');
  if (temperature !== undefined && !(typeof temperature === 'number' && temperature > 0))
    throw wrong('temperature', JSON.stringify(temperature), 'it is a number above 0');
  for (const phase of asList('curriculum', curriculum)) {
    const { fromStep, weights } = checkObject('curriculum', phase, ['fromStep', 'weights']);
    if (!Number.isSafeInteger(fromStep) || typeof weights !== 'object')
      throw wrong('curriculum', JSON.stringify(phase), 'write {"fromStep": 1000, "weights": {"name": 2}}');
  }
  return value as Mixture;
}

function checkComponent(value: unknown): string {
  const component = checkObject(
    'component',
    value,
    componentFields,
  ) as unknown as Mixture['components'][number];
  if (typeof component.name !== 'string' || component.name === '')
    throw wrong('component', JSON.stringify(value), 'it has a name');
  if (component.match !== undefined) checkObject(`match of ${component.name}`, component.match, matchFields);
  for (const field of ['weight', 'epochs'] as const) {
    const number: unknown = component[field];
    if (number !== undefined && !(typeof number === 'number' && number >= 0))
      throw wrong(`${field} of ${component.name}`, JSON.stringify(number), 'it is a number of at least 0');
  }
  return component.name;
}

function checkObject(what: string, value: unknown, fields: readonly string[]): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw wrong(what, JSON.stringify(value), `it is an object with ${fields.join(', ')}`);
  const unknown = Object.keys(value).find((name) => !fields.includes(name));
  if (unknown !== undefined) throw wrong(what, `{${unknown}: …}`, `its fields are ${fields.join(', ')}`);
  return value as Record<string, unknown>;
}

function asList(what: string, value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw wrong(what, JSON.stringify(value), 'it is a list');
}

function wrong(name: string, value: string, hint: string, cause?: unknown): DataError {
  return new DataError('wrong-setting', `${name} cannot be ${value}`, hint, { cause });
}
