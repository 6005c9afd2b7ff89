// T5's configuration: config.json as Hugging Face's T5Config writes it, in and out. v1.1 is a gated activation and a head
// of its own.

import { DataError, type OptionSchema } from '@gristmill/core';
import {
  compact,
  readChoice,
  readFlag,
  readNumber,
  readOptionalNumber,
  refuseOthers,
  unless,
  type ConfigJson,
} from '../blocks/config-json.ts';
import { decoderSetting, dropoutSetting, sizeSettings } from '../blocks/size-settings.ts';
import type { CommonConfig } from '../language-model.ts';

/** By the names of config.json; the second is v1.1's. */
export type T5Activation = 'relu' | 'gated-gelu';

export interface T5Config extends CommonConfig {
  readonly modelType: 't5';
  /** Blocks of the decoder, where there are not as many as of the encoder. */
  readonly nDecoderLayer?: number;
  /** Width of a head; heads together need not be as wide as the model. Default 64. */
  readonly headSize?: number;
  readonly nInner: number;
  readonly activation?: T5Activation;
  /** Buckets of distances, half of them for keys before the query in the encoder. Default 32. */
  readonly buckets?: number;
  /** All distances from here on share a bucket. Default 128. */
  readonly maxDistance?: number;
  readonly dropout: number;
  readonly layerNormEpsilon: number;
  /** Factor of all standard deviations of the first weights. */
  readonly initializerFactor: number;
  /** False: the head is a matrix of its own, and hidden states are not scaled before it. Default true. */
  readonly tieWordEmbeddings?: boolean;
  readonly padTokenId?: number;
  readonly decoderStartTokenId?: number;
  /** `<extra_id_0>`; default the last of the vocabulary but what fills it up to a multiple of 128. */
  readonly firstSentinelTokenId?: number;
}

const { nLayer, nHead, nEmbd, nInner } = sizeSettings;
export const t5Settings = {
  ...{ nLayer, nHead, nEmbd, nInner, ...decoderSetting, ...dropoutSetting },
  headSize: { type: 'integer', least: 1, description: 'Width of a head.' },
  initializerFactor: { type: 'number', least: 0, description: "Factor of T5's first weights." },
} as const satisfies OptionSchema;

const fixed: ConfigJson = { is_decoder: false, quantization_config: null };

const activations = { relu: 'relu', 'gated-gelu': 'gated-gelu' } as const;

/** T5 reads a row of any length: positions are relative. */
const anyLength = 1 << 20;

export function readT5Config(json: ConfigJson): T5Config {
  refuseOthers(json, fixed);
  const nLayer = readNumber(json, 'num_layers', 6);
  const pad = readNumber(json, 'pad_token_id', 0);
  return compact({
    modelType: 't5',
    vocabSize: readNumber(json, 'vocab_size', 32128),
    nPositions: anyLength,
    nLayer,
    nDecoderLayer: unless(readNumber(json, 'num_decoder_layers', nLayer), nLayer),
    nHead: readNumber(json, 'num_heads', 8),
    nEmbd: readNumber(json, 'd_model', 512),
    headSize: unless(readNumber(json, 'd_kv', 64), 64),
    nInner: readNumber(json, 'd_ff', 2048),
    activation: unless(readChoice<T5Activation>(json, 'feed_forward_proj', activations, 'relu'), 'relu'),
    buckets: unless(readNumber(json, 'relative_attention_num_buckets', 32), 32),
    maxDistance: unless(readNumber(json, 'relative_attention_max_distance', 128), 128),
    dropout: readNumber(json, 'dropout_rate', 0.1),
    layerNormEpsilon: readNumber(json, 'layer_norm_epsilon', 1e-6),
    initializerFactor: readNumber(json, 'initializer_factor', 1),
    tieWordEmbeddings: unless(readTied(json), true),
    eosTokenId: readNumber(json, 'eos_token_id', 1),
    padTokenId: unless(pad, 0),
    decoderStartTokenId: unless(readNumber(json, 'decoder_start_token_id', pad), pad),
    firstSentinelTokenId: readOptionalNumber(json, 'first_sentinel_token_id'),
  });
}

/** transformers 5 writes tie_word_embeddings true for all, and tells v1.1 by another key. */
function readTied(json: ConfigJson): boolean {
  return readFlag(json, 'tie_word_embeddings', true) && readFlag(json, 'scale_decoder_outputs', true);
}

export function writeT5Config(config: T5Config): Record<string, unknown> {
  const { nLayer, activation = 'relu', tieWordEmbeddings: tied = true } = config;
  return compact({
    architectures: ['T5ForConditionalGeneration'],
    model_type: 't5',
    is_encoder_decoder: true,
    vocab_size: config.vocabSize,
    d_model: config.nEmbd,
    d_kv: config.headSize ?? 64,
    d_ff: config.nInner,
    num_layers: nLayer,
    num_decoder_layers: config.nDecoderLayer ?? nLayer,
    num_heads: config.nHead,
    relative_attention_num_buckets: config.buckets ?? 32,
    relative_attention_max_distance: config.maxDistance ?? 128,
    dropout_rate: config.dropout,
    layer_norm_epsilon: config.layerNormEpsilon,
    initializer_factor: config.initializerFactor,
    feed_forward_proj: activation,
    tie_word_embeddings: tied,
    pad_token_id: padOf(config),
    eos_token_id: config.eosTokenId,
    decoder_start_token_id: decoderStartOf(config),
    first_sentinel_token_id: config.firstSentinelTokenId,
    torch_dtype: 'float32',
  });
}

export const padOf = ({ padTokenId = 0 }: T5Config): number => padTokenId;
export const decoderStartOf = (config: T5Config): number => config.decoderStartTokenId ?? padOf(config);

/** @throws DataError `wrong-setting` */
export function checkT5Config({ buckets = 32, maxDistance = 128 }: T5Config): void {
  if (buckets % 4 === 0 && maxDistance > buckets / 2) return;
  throw new DataError(
    'wrong-setting',
    `${buckets} buckets up to a distance of ${maxDistance} cannot be made`,
    'buckets are a multiple of 4, and fewer than twice the distance',
  );
}
