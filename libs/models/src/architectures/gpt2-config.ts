// GPT-2's configuration: config.json as Hugging Face's GPT2Config writes it, in and out. What it can ask for and this
// code does not compute is refused by name, never read as something else.

import {
  readDropouts,
  readNormAndWeights,
  writeDropouts,
  writeEnds,
  writeNormAndWeights,
  type Dropouts,
  type NormAndWeights,
} from '../blocks/common-json.ts';
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
import { dropoutSetting, sizeSettings, windowSetting } from '../blocks/size-settings.ts';
import type { CommonConfig } from '../language-model.ts';

/** The feed-forward layers' activation, by the names of config.json. */
export type Gpt2Activation = 'gelu_new' | 'gelu';

export interface Gpt2Config extends CommonConfig, Dropouts, NormAndWeights {
  /** gpt3 has a window. */
  readonly modelType: 'gpt2' | 'gpt3';
  /** Width of the feed-forward layers. Default 4 × nEmbd. */
  readonly nInner?: number;
  /** Default gelu_new, the tanh form; gelu is the exact one. */
  readonly activation?: Gpt2Activation;
  /** False: scores are not divided by √(width of a head). Default true. */
  readonly scaleAttention?: boolean;
  /** Scores of block i are divided by i + 1 as well. Default false. */
  readonly scaleByLayer?: boolean;
  /** A key is seen at a distance below this in every other block, from the second on. Default: everywhere at any. */
  readonly window?: number;
}

export const gpt2Settings = { ...sizeSettings, ...dropoutSetting, ...windowSetting };

const dropouts = { residual: 'resid_pdrop', embedding: 'embd_pdrop', attention: 'attn_pdrop' };

/** Activations by the names of config.json; two of them are one function. */
const activations: Readonly<Record<string, Gpt2Activation>> = {
  gelu_new: 'gelu_new',
  gelu_pytorch_tanh: 'gelu_new',
  gelu: 'gelu',
};

/** Keys that must have this value or be absent: any other asks for another computation. */
const fixed: ConfigJson = {
  add_cross_attention: false,
  bias: true,
  quantization_config: null,
};

export function readGpt2Config(modelType: Gpt2Config['modelType'], json: ConfigJson): Gpt2Config {
  refuseOthers(json, fixed);
  const activation = readChoice(json, 'activation_function', activations, 'gelu_new');
  return compact({
    modelType,
    vocabSize: readNumber(json, 'vocab_size', 50257),
    nPositions: readNumber(json, 'n_positions', 1024),
    nLayer: readNumber(json, 'n_layer', 12),
    nHead: readNumber(json, 'n_head', 12),
    nEmbd: readNumber(json, 'n_embd', 768),
    ...readDropouts(json, dropouts, 0.1),
    ...readNormAndWeights(json),
    eosTokenId: readNumber(json, 'eos_token_id', 50256),
    nInner: readOptionalNumber(json, 'n_inner'),
    activation: unless(activation, 'gelu_new'),
    scaleAttention: unless(readFlag(json, 'scale_attn_weights', true), true),
    window: modelType === 'gpt3' ? readNumber(json, 'window_size', 256) : undefined,
    scaleByLayer: unless(readFlag(json, 'scale_attn_by_inverse_layer_idx', false), false),
  });
}

export function writeGpt2Config(config: Gpt2Config): Record<string, unknown> {
  return {
    architectures: ['GPT2LMHeadModel'],
    // transformers has no class for windows and refuses gpt3, where gpt2 would be read past them.
    model_type: config.modelType,
    ...(config.window === undefined ? {} : { window_size: config.window }),
    activation_function: config.activation ?? 'gelu_new',
    vocab_size: config.vocabSize,
    n_positions: config.nPositions,
    n_ctx: config.nPositions,
    n_embd: config.nEmbd,
    n_layer: config.nLayer,
    n_head: config.nHead,
    n_inner: config.nInner ?? null,
    ...writeDropouts(config, dropouts),
    ...writeNormAndWeights(config),
    scale_attn_weights: config.scaleAttention ?? true,
    ...(config.scaleByLayer ? { scale_attn_by_inverse_layer_idx: true } : {}),
    ...writeEnds(config),
  };
}
