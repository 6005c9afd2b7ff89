// The configuration of LLaMA 1 to 3 and of what Hugging Face has as its close kin, told apart by `model_type`: llama,
// qwen2 (biases of queries, keys and values; a window from some block on), mistral (a window), smollm3 (blocks without
// rotation). Defaults differ by type as in the classes of transformers.

import { DataError, type OptionSchema } from '@gristmill/core';
import { writeEnds, type TextEnds } from '../blocks/common-json.ts';
import {
  compact,
  notModelled,
  readChoice,
  readEndTokens,
  readFlag,
  readNumber,
  readOptionalNumber,
  unless,
  wrongConfig,
  type ConfigJson,
} from '../blocks/config-json.ts';
import { readRope, writeRope } from '../blocks/rope-json.ts';
import type { Rope } from '../blocks/rotary.ts';
import { checkHeads, groupSetting, sizeSettings, windowSetting } from '../blocks/size-settings.ts';
import type { CommonConfig } from '../language-model.ts';

export type LlamaType = 'llama' | 'qwen2' | 'mistral' | 'smollm3';

export interface LlamaConfig extends CommonConfig, TextEnds {
  readonly modelType: LlamaType;
  /** Heads of keys and values. */
  readonly nKeyValueHead: number;
  /** Width of the feed-forward layers. */
  readonly nInner: number;
  /** Width of a head. Default nEmbd / nHead. */
  readonly headSize?: number;
  readonly rmsNormEpsilon: number;
  readonly initializerRange: number;
  readonly rope: Rope;
  /** Which blocks turn queries and keys, from the first on, and again. Default all. */
  readonly rotates?: readonly boolean[];
  /** A key is seen at a distance below this, where `windowed`. */
  readonly window?: number;
  /** Which blocks see a window, from the first on, and again. Default all, where there is one. */
  readonly windowed?: readonly boolean[];
  /** Of all four projections of attention; qwen2 has those of queries, keys and values whatever it says. */
  readonly attentionBias?: boolean;
  readonly feedForwardBias?: boolean;
  readonly attentionDropout?: number;
  readonly tieWordEmbeddings?: boolean;
}

const factor = (how: string) =>
  ({
    type: 'number',
    least: 1,
    description: `Stretches the model's length by this factor: ${how}.`,
  }) as const;
const ropeSettings = {
  ropeTheta: { type: 'number', least: 1, description: 'Base of the wavelengths of rotary positions.' },
  yarnFactor: factor('YaRN, slow coordinates only'),
  linearFactor: factor('all positions are divided by it'),
  ntkFactor: factor('the base grows with the length that is read'),
} as const satisfies OptionSchema;

export const llamaSettings = { ...sizeSettings, ...groupSetting, ...ropeSettings };
export const windowedLlamaSettings = { ...llamaSettings, ...windowSetting };

/** What each class of transformers says where config.json is silent. */
const defaults: Readonly<Record<LlamaType, ConfigJson>> = {
  llama: {
    ...{
      vocab_size: 32000,
      intermediate_size: 11008,
      max_position_embeddings: 2048,
      tie_word_embeddings: false,
    },
    ...{ bos_token_id: 1, eos_token_id: 2 },
  },
  qwen2: {
    ...{ vocab_size: 151_936, intermediate_size: 22016, max_position_embeddings: 32768 },
    ...{ num_key_value_heads: 32, tie_word_embeddings: false, sliding_window: 4096, max_window_layers: 28 },
  },
  mistral: {
    ...{
      vocab_size: 32000,
      intermediate_size: 14336,
      max_position_embeddings: 131_072,
      sliding_window: 4096,
    },
    ...{ num_key_value_heads: 8, tie_word_embeddings: false, bos_token_id: 1, eos_token_id: 2 },
  },
  smollm3: {
    ...{ vocab_size: 128_256, hidden_size: 2048, intermediate_size: 11008, max_position_embeddings: 32768 },
    ...{ num_hidden_layers: 36, num_attention_heads: 16, num_key_value_heads: 4, tie_word_embeddings: true },
    ...{ bos_token_id: 128_000, eos_token_id: 128_001, rope_theta: 2_000_000 },
  },
};
const sizes = { hidden_size: 4096, num_hidden_layers: 32, num_attention_heads: 32 };

const activations = { silu: 'silu', swish: 'silu' } as const;

/** @throws DataError `not-modelled`, `wrong-config` */
export function readLlamaConfig(modelType: LlamaType, given: ConfigJson): LlamaConfig {
  const { rope_theta: usualTheta, ...usual } = defaults[modelType];
  const json: ConfigJson = { ...sizes, ...usual, ...given };
  readChoice(json, 'hidden_act', activations, 'silu');
  const nLayer = readNumber(json, 'num_hidden_layers', 0);
  const nHead = readNumber(json, 'num_attention_heads', 0);
  const bias = modelType === 'llama' || modelType === 'smollm3';
  return compact({
    modelType,
    vocabSize: readNumber(json, 'vocab_size', 0),
    nPositions: readNumber(json, 'max_position_embeddings', 0),
    nLayer,
    nHead,
    nKeyValueHead: readNumber(json, 'num_key_value_heads', nHead),
    nEmbd: readNumber(json, 'hidden_size', 0),
    nInner: readNumber(json, 'intermediate_size', 0),
    headSize: readOptionalNumber(json, 'head_dim'),
    rmsNormEpsilon: readNumber(json, 'rms_norm_eps', 1e-6),
    initializerRange: readNumber(json, 'initializer_range', 0.02),
    rope: readRope(json, usualTheta as number | undefined),
    rotates: modelType === 'smollm3' ? readRotatingBlocks(json, nLayer) : undefined,
    ...readWindows(modelType, json, nLayer),
    attentionBias: bias ? unless(readFlag(json, 'attention_bias', false), false) : undefined,
    feedForwardBias: bias ? unless(readFlag(json, 'mlp_bias', false), false) : undefined,
    attentionDropout: unless(readNumber(json, 'attention_dropout', 0), 0),
    tieWordEmbeddings: unless(readFlag(json, 'tie_word_embeddings', false), false),
    bosTokenId: readOptionalNumber(json, 'bos_token_id'),
    ...readEndTokens(json, 0),
  });
}

/** smollm3: every fourth block without rotation, unless a list says which. */
function readRotatingBlocks(json: ConfigJson, nLayer: number): boolean[] {
  const list = readList(json, 'no_rope_layers', nLayer);
  if (list) return list.map((flag) => Number(flag) !== 0);
  const interval = readNumber(json, 'no_rope_layer_interval', 4);
  return Array.from({ length: nLayer }, (_, i) => (i + 1) % interval !== 0);
}

function readWindows(modelType: LlamaType, json: ConfigJson, nLayer: number) {
  if (modelType === 'llama') return {};
  const window = readOptionalNumber(json, 'sliding_window');
  if (window === undefined) return {};
  if (modelType === 'mistral') return { window };
  if (!readFlag(json, 'use_sliding_window', false)) return {};
  const types = readList(json, 'layer_types', nLayer);
  const odd = types?.find((type) => type !== 'full_attention' && type !== 'sliding_attention');
  if (odd !== undefined)
    throw notModelled(json, 'layer_types', String(odd), 'full_attention, sliding_attention');
  const from = readNumber(json, 'max_window_layers', 28);
  const usual = (i: number) => (modelType === 'qwen2' ? i >= from : !readRotatingBlocks(json, nLayer)[i]);
  const windowed = Array.from({ length: nLayer }, (_, i) =>
    types ? types[i] === 'sliding_attention' : usual(i),
  );
  return windowed.some(Boolean) ? { window, windowed } : {};
}

/** A list with an entry for every block, at least. */
function readList(json: ConfigJson, name: string, nLayer: number): readonly unknown[] | undefined {
  const value = json[name] ?? undefined;
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.length >= nLayer) return value.slice(0, nLayer) as unknown[];
  throw wrongConfig(name, value, `it has an entry for each of ${nLayer} blocks`);
}

const classes: Readonly<Record<LlamaType, string>> = {
  llama: 'LlamaForCausalLM',
  qwen2: 'Qwen2ForCausalLM',
  mistral: 'MistralForCausalLM',
  smollm3: 'SmolLM3ForCausalLM',
};

export function writeLlamaConfig(config: LlamaConfig): Record<string, unknown> {
  const { modelType } = config;
  return {
    architectures: [classes[modelType]],
    model_type: modelType,
    vocab_size: config.vocabSize,
    hidden_size: config.nEmbd,
    intermediate_size: config.nInner,
    num_hidden_layers: config.nLayer,
    num_attention_heads: config.nHead,
    num_key_value_heads: config.nKeyValueHead,
    ...(config.headSize === undefined ? {} : { head_dim: config.headSize }),
    hidden_act: 'silu',
    max_position_embeddings: config.nPositions,
    initializer_range: config.initializerRange,
    rms_norm_eps: config.rmsNormEpsilon,
    ...writeRope(config.rope),
    ...writeBlocks(config),
    attention_dropout: config.attentionDropout ?? 0,
    tie_word_embeddings: config.tieWordEmbeddings ?? false,
    ...writeEnds(config),
    pad_token_id: null,
  };
}

/** What differs from block to block or from type to type. */
function writeBlocks(config: LlamaConfig): Record<string, unknown> {
  const { modelType, window, nLayer, rotates, windowed } = config;
  const biases = { attention_bias: config.attentionBias ?? false, mlp_bias: config.feedForwardBias ?? false };
  const types = Array.from({ length: nLayer }, (_, i) =>
    window && (windowed?.[i] ?? true) ? 'sliding_attention' : 'full_attention',
  );
  const first = types.indexOf('sliding_attention');
  const windows = {
    use_sliding_window: window !== undefined,
    sliding_window: window ?? null,
    layer_types: types,
  };
  if (modelType === 'llama') return biases;
  if (modelType === 'mistral') return { sliding_window: window ?? null };
  if (modelType === 'qwen2') return { ...windows, ...(first < 0 ? {} : { max_window_layers: first }) };
  const turning = Array.from({ length: nLayer }, (_, i) => Number(rotates?.[i] ?? true));
  return { ...biases, ...windows, no_rope_layers: turning };
}

/** Width of a head. @throws DataError `wrong-setting` */
export function checkLlamaConfig(config: LlamaConfig): number {
  const size = checkHeads(config);
  if (size % 2 === 0) return size;
  throw new DataError(
    'wrong-setting',
    `heads are ${size} wide, but rotary positions turn pairs of coordinates`,
    'choose nEmbd and nHead so that their quotient is even',
  );
}
