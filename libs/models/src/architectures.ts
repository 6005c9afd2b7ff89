// The architectures by the `model_type` of config.json, and what is done with a configuration of any of them. One more
// is one more file in architectures/, its configuration in the union, and its name in the table.

import { DataError, suggestName, type OptionSchema } from '@gristmill/core';
import type { BertConfig } from './architectures/bert-config.ts';
import { bert, roberta } from './architectures/bert.ts';
import type { BloomConfig } from './architectures/bloom-config.ts';
import { bloom } from './architectures/bloom.ts';
import type { Gpt1Config } from './architectures/gpt1-config.ts';
import { gpt1 } from './architectures/gpt1.ts';
import type { Gpt2Config } from './architectures/gpt2-config.ts';
import { gpt2, gpt3 } from './architectures/gpt2.ts';
import type { GptNeoConfig } from './architectures/gpt-neo-config.ts';
import { gptNeo } from './architectures/gpt-neo.ts';
import type { LlamaConfig } from './architectures/llama-config.ts';
import { llama, mistral, qwen2, smollm3 } from './architectures/llama.ts';
import type { LlavaConfig } from './architectures/llava-config.ts';
import { llava } from './architectures/llava.ts';
import type { NanochatConfig } from './architectures/nanochat-config.ts';
import { nanochat, windowedNanochat } from './architectures/nanochat.ts';
import type { MarianConfig } from './architectures/marian-config.ts';
import { marian } from './architectures/marian.ts';
import type { T5Config } from './architectures/t5-config.ts';
import { t5 } from './architectures/t5.ts';
import type { Architecture, LanguageModel, SpecialTokenField } from './language-model.ts';

/** A configuration; `modelType` says of which architecture. */
export type ModelConfig =
  | BertConfig
  | Gpt1Config
  | Gpt2Config
  | GptNeoConfig
  | LlamaConfig
  | LlavaConfig
  | MarianConfig
  | T5Config
  | BloomConfig
  | NanochatConfig;

type WithoutVocabulary<Config> = Config extends ModelConfig
  ? Omit<Config, 'vocabSize' | 'eosTokenId'>
  : never;

/** A configuration but for the vocabulary, which is the shards'. */
export type ModelSizes = WithoutVocabulary<ModelConfig>;

/** A family of several types has one configuration for all of them. */
type ConfigOf<Type, Config = ModelConfig> = Config extends ModelConfig
  ? Type extends Config['modelType']
    ? Config
    : never
  : never;
type ArchitectureOf<Type> = Architecture<ConfigOf<Type>>;

const architectures: { readonly [Type in ModelConfig['modelType']]: ArchitectureOf<Type> } = {
  bert,
  'openai-gpt': gpt1,
  gpt2,
  gpt3,
  gpt_neo: gptNeo,
  llama,
  llava,
  qwen2,
  mistral,
  smollm3,
  bloom,
  nanochat,
  nanochat_windowed: windowedNanochat,
  marian,
  roberta,
  t5,
};

const known = (type: string): type is ModelConfig['modelType'] => Object.hasOwn(architectures, type);

/** A configuration is given to the architecture of its own type alone. */
const architectureOf = (type: ModelConfig['modelType']) => architectures[type] as Architecture<ModelConfig>;

/** Fields that a run may set, of all architectures. */
export const modelSchema = Object.assign(
  {},
  ...Object.values(architectures).map(({ settings }) => settings),
) as OptionSchema;

/** Tokens that the objectives of an architecture need beside those of texts. */
export const specialTokensOf = (type: ModelConfig['modelType']): readonly SpecialTokenField[] =>
  architectureOf(type).specialTokens ?? [];

/** @throws DataError `wrong-setting` where the sizes do not go together */
export function createModel(config: ModelConfig): LanguageModel {
  return architectureOf(config.modelType).create(config);
}

/**
 * Reads a config.json.
 * @param where for messages
 * @throws DataError `unknown-architecture`, `not-modelled`, `wrong-config`
 */
export function readModelConfig(json: Readonly<Record<string, unknown>>, where: string): ModelConfig {
  const type = String(json.model_type);
  if (known(type)) return architectureOf(type).fromJson(json);
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
  const { settings, change } = architectureOf(config.modelType);
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(settings, name));
  if (unknown === undefined) return change(config, values);
  throw new DataError(
    'unknown-setting',
    `a ${config.modelType} has no ${unknown}`,
    suggestName(unknown, Object.keys(settings), `it has ${Object.keys(settings).join(', ')}`),
  );
}
