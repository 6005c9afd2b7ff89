// GPT-2 (Radford et al. 2019): pre-norm blocks, learned positions, GELU in the tanh form, tied head. Weights lie
// [in, out] as in Hugging Face's Conv1D. Dropout acts on the embeddings and on both branches of a block, not on the
// attention's probabilities.

import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import type { Architecture, ForwardOptions, ModelConfig, ParameterSpec } from './architecture.ts';

export const gpt2: Architecture = {
  parameters: describeParameters,
  forward,
  head: 'wte.weight',
  fromJson,
  toJson,
  rename: (name) => {
    const bare = name.replace(/^transformer\./, '');
    return /\.attn\.(bias|masked_bias)$/.test(bare) || bare === 'lm_head.weight' ? undefined : bare;
  },
  savedName: (name) => `transformer.${name}`,
};

function forward(b: Builder, { config, parameters: p, tokens, counter }: ForwardOptions): Value {
  const [, length] = tokens.shape;
  const drop = (x: Value) =>
    counter && config.dropout > 0
      ? b.apply('dropout', [x, counter], { rate: config.dropout, stream: b.nextStream() })
      : x;
  const norm = (x: Value, name: string) =>
    b.apply('layerNorm', [x, p[`${name}.weight`], p[`${name}.bias`]], { epsilon: config.layerNormEpsilon });
  const linear = (x: Value, name: string) =>
    b.apply('linear', [x, p[`${name}.weight`], p[`${name}.bias`]], { transposed: false });

  const positions = o.slice(b, p['wpe.weight'], [0, 0], [length, config.nEmbd]); // [T, C]
  let x = drop(o.add(b, o.gather(b, p['wte.weight'], tokens), positions)); // [B, T, C]
  for (let i = 0; i < config.nLayer; i++) {
    const qkv = linear(norm(x, `h.${i}.ln_1`), `h.${i}.attn.c_attn`); // [B, T, 3C]
    const attended = b.apply('packedAttention', [qkv], { heads: config.nHead, causal: true });
    x = o.add(b, x, drop(linear(attended, `h.${i}.attn.c_proj`)));
    const wide = linear(norm(x, `h.${i}.ln_2`), `h.${i}.mlp.c_fc`); // [B, T, 4C]
    const active = b.apply('gelu', [wide], { approximate: true });
    x = o.add(b, x, drop(linear(active, `h.${i}.mlp.c_proj`)));
  }
  return norm(x, 'ln_f');
}

function describeParameters(config: ModelConfig): ParameterSpec[] {
  const { nEmbd: c, initializerRange: std, nLayer } = config;
  // Two branches a block write to the residual stream: their projections start smaller (GPT-2 §2.3).
  const residual = std / Math.sqrt(2 * nLayer);
  const matrix = (name: string, shape: number[], deviation: number, hidden = true): ParameterSpec => ({
    name,
    shape,
    init: { kind: 'normal', std: deviation },
    hidden,
  });
  const vector = (name: string, length: number, kind: 'zeros' | 'ones'): ParameterSpec => ({
    name,
    shape: [length],
    init: { kind },
    hidden: false,
  });
  const norm = (name: string) => [vector(`${name}.weight`, c, 'ones'), vector(`${name}.bias`, c, 'zeros')];
  const linear = (name: string, from: number, to: number, deviation: number) => [
    matrix(`${name}.weight`, [from, to], deviation),
    vector(`${name}.bias`, to, 'zeros'),
  ];
  const block = (i: number) => [
    ...norm(`h.${i}.ln_1`),
    ...linear(`h.${i}.attn.c_attn`, c, 3 * c, std),
    ...linear(`h.${i}.attn.c_proj`, c, c, residual),
    ...norm(`h.${i}.ln_2`),
    ...linear(`h.${i}.mlp.c_fc`, c, 4 * c, std),
    ...linear(`h.${i}.mlp.c_proj`, 4 * c, c, residual),
  ];
  return [
    matrix('wte.weight', [config.vocabSize, c], std, false),
    matrix('wpe.weight', [config.nPositions, c], std, false),
    ...Array.from({ length: nLayer }, (_, i) => block(i)).flat(),
    ...norm('ln_f'),
  ];
}

function fromJson(json: Readonly<Record<string, unknown>>): ModelConfig {
  const number = (name: string, otherwise: number) =>
    typeof json[name] === 'number' ? json[name] : otherwise;
  return {
    modelType: 'gpt2',
    vocabSize: number('vocab_size', 50257),
    nPositions: number('n_positions', 1024),
    nLayer: number('n_layer', 12),
    nHead: number('n_head', 12),
    nEmbd: number('n_embd', 768),
    dropout: number('resid_pdrop', 0.1),
    layerNormEpsilon: number('layer_norm_epsilon', 1e-5),
    initializerRange: number('initializer_range', 0.02),
    eosTokenId: number('eos_token_id', 50256),
  };
}

function toJson(config: ModelConfig): Record<string, unknown> {
  return {
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    activation_function: 'gelu_new',
    vocab_size: config.vocabSize,
    n_positions: config.nPositions,
    n_ctx: config.nPositions,
    n_embd: config.nEmbd,
    n_layer: config.nLayer,
    n_head: config.nHead,
    n_inner: null,
    resid_pdrop: config.dropout,
    embd_pdrop: config.dropout,
    attn_pdrop: 0,
    layer_norm_epsilon: config.layerNormEpsilon,
    initializer_range: config.initializerRange,
    scale_attn_weights: true,
    tie_word_embeddings: true,
    bos_token_id: config.eosTokenId,
    eos_token_id: config.eosTokenId,
    torch_dtype: 'float32',
  };
}
