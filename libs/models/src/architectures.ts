// The architectures by the `model_type` of config.json, and what is done with a configuration of any of them.

import { DataError, suggestName, type OptionSchema } from '@gristmill/core';
import type { Gpt2Config } from './gpt2-config.ts';
import { gpt2 } from './gpt2.ts';
import type { Architecture, LanguageModel } from './language-model.ts';

/** A configuration; `modelType` says of which architecture. */
export type ModelConfig = Gpt2Config;

const architectures: Readonly<Record<string, Architecture<ModelConfig>>> = { gpt2 };

/** Fields that a run may set, of all architectures. */
export const modelSchema = Object.assign(
  {},
  ...Object.values(architectures).map(({ settings }) => settings),
) as OptionSchema;

/** @throws DataError `wrong-setting` where the sizes do not go together */
export function createModel(config: ModelConfig): LanguageModel {
  return architectures[config.modelType].create(config);
}

/**
 * Reads a config.json.
 * @param where for messages
 * @throws DataError `unknown-architecture`, `not-modelled`, `wrong-config`
 */
export function readModelConfig(json: Readonly<Record<string, unknown>>, where: string): ModelConfig {
  const type = String(json.model_type);
  if (Object.hasOwn(architectures, type)) return architectures[type].fromJson(json);
  throw new DataError(
    'unknown-architecture',
    `${where} describes a model of type ${type}`,
    `types that can be read: ${Object.keys(architectures).join(', ')}`,
  );
}

/** Changes fields by the names of `modelSchema`. @throws DataError `unknown-setting` */
export function changeModelConfig(
  config: ModelConfig,
  values: Readonly<Record<string, number>>,
): ModelConfig {
  const { settings, change } = architectures[config.modelType];
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(settings, name));
  if (unknown === undefined) return change(config, values);
  throw new DataError(
    'unknown-setting',
    `a ${config.modelType} has no ${unknown}`,
    suggestName(unknown, Object.keys(settings), `it has ${Object.keys(settings).join(', ')}`),
  );
}
