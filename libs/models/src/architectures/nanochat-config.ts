// nanochat's configuration: config.json as Hugging Face's NanoChatConfig writes it. That class has no windows, and would
// read past any; so a model with windows has the type nanochat_windowed, which transformers refuses to open.

import { writeEnds, type TextEnds } from '../blocks/common-json.ts';
import {
  compact,
  readChoice,
  readEndTokens,
  readNumber,
  readOptionalNumber,
  refuseOthers,
  type ConfigJson,
} from '../blocks/config-json.ts';
import { readRope, writeRope } from '../blocks/rope-json.ts';
import type { Rope } from '../blocks/rotary.ts';
import type { CommonConfig } from '../language-model.ts';

export interface NanochatConfig extends CommonConfig, TextEnds {
  readonly modelType: 'nanochat' | 'nanochat_windowed';
  readonly nKeyValueHead: number;
  readonly nInner: number;
  readonly headSize?: number;
  readonly rmsNormEpsilon: number;
  readonly rope: Rope;
  /** Logits stay within ± this; 0: as they are. */
  readonly softcap: number;
  /** A key is seen at a distance below this in three of four blocks; never in the last. Default: everywhere at any. */
  readonly window?: number;
  /** Standard deviation of the first weights. Default: nanochat's own ones. */
  readonly initializerRange?: number;
}

const fixed: ConfigJson = { attention_bias: false, attention_dropout: 0, tie_word_embeddings: false };

export function readNanochatConfig(modelType: NanochatConfig['modelType'], json: ConfigJson): NanochatConfig {
  refuseOthers(json, fixed);
  readChoice(json, 'hidden_act', { relu2: 'relu2' }, 'relu2');
  const nHead = readNumber(json, 'num_attention_heads', 6);
  return compact({
    modelType,
    vocabSize: readNumber(json, 'vocab_size', 50304),
    nPositions: readNumber(json, 'max_position_embeddings', 2048),
    nLayer: readNumber(json, 'num_hidden_layers', 12),
    nHead,
    nKeyValueHead: readNumber(json, 'num_key_value_heads', nHead),
    nEmbd: readNumber(json, 'hidden_size', 768),
    nInner: readNumber(json, 'intermediate_size', 8192),
    headSize: readOptionalNumber(json, 'head_dim'),
    rmsNormEpsilon: readNumber(json, 'rms_norm_eps', 1e-6),
    rope: readRope(json),
    softcap: json.final_logit_softcapping === null ? 0 : readNumber(json, 'final_logit_softcapping', 15),
    window: modelType === 'nanochat' ? undefined : readNumber(json, 'window_size', 1024),
    initializerRange: readOptionalNumber(json, 'initializer_range'),
    bosTokenId: readOptionalNumber({ bos_token_id: 0, ...json }, 'bos_token_id'),
    ...readEndTokens(json, 1),
  });
}

export function writeNanochatConfig(config: NanochatConfig): Record<string, unknown> {
  const { modelType, window } = config;
  return {
    architectures: ['NanoChatForCausalLM'],
    model_type: modelType,
    ...(window === undefined ? {} : { window_size: window }),
    vocab_size: config.vocabSize,
    hidden_size: config.nEmbd,
    intermediate_size: config.nInner,
    num_hidden_layers: config.nLayer,
    num_attention_heads: config.nHead,
    num_key_value_heads: config.nKeyValueHead,
    ...(config.headSize === undefined ? {} : { head_dim: config.headSize }),
    ...(config.initializerRange === undefined ? {} : { initializer_range: config.initializerRange }),
    hidden_act: 'relu2',
    max_position_embeddings: config.nPositions,
    rms_norm_eps: config.rmsNormEpsilon,
    ...writeRope(config.rope),
    final_logit_softcapping: config.softcap === 0 ? null : config.softcap,
    attention_bias: false,
    attention_dropout: 0,
    tie_word_embeddings: false,
    ...writeEnds(config),
    pad_token_id: null,
  };
}
