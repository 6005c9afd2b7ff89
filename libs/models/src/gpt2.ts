// GPT-2 (Radford et al. 2019): pre-norm blocks, learned positions, GELU, a head that is usually the embedding. Weights
// lie [in, out] as in Hugging Face's Conv1D.

import { operations as o, type Builder, type Type, type Value } from '@gristmill/tensor';
import {
  checkGpt2Config,
  gpt2Settings,
  readGpt2Config,
  writeGpt2Config,
  type Gpt2Config,
} from './gpt2-config.ts';
import type {
  Architecture,
  ForwardInputs,
  ForwardResult,
  LanguageModel,
  ParameterSpec,
} from './language-model.ts';

export const gpt2: Architecture<Gpt2Config> = {
  settings: gpt2Settings,
  fromJson: readGpt2Config,
  // A run that sets dropout means all of it.
  change: (config, values) => ({
    ...config,
    ...('dropout' in values ? { embeddingDropout: undefined, attentionDropout: undefined } : {}),
    ...values,
  }),
  create: createGpt2,
};

function createGpt2(config: Gpt2Config): LanguageModel {
  checkGpt2Config(config);
  const tied = config.tieWordEmbeddings ?? true;
  return {
    type: 'gpt2',
    vocabSize: config.vocabSize,
    maxLength: config.nPositions,
    endOfText: config.eosTokenId,
    parameters: () => describeParameters(config),
    forward: (b, inputs) => forward(b, config, inputs),
    cache: (batch, length) => describeCache(config, batch, length),
    toJson: () => writeGpt2Config(config),
    rename: (name) => renameTensor(name, tied),
    savedName: (name) => (name === 'lm_head.weight' ? name : `transformer.${name}`),
  };
}

/** A tied head that a file holds all the same is the embedding, and must equal it. */
function renameTensor(name: string, tied: boolean): string | undefined {
  const bare = name.replace(/^transformer\./, '');
  if (/\.attn\.(bias|masked_bias)$/.test(bare)) return undefined;
  return bare === 'lm_head.weight' && tied ? 'wte.weight' : bare;
}

function forward(b: Builder, config: Gpt2Config, inputs: ForwardInputs): ForwardResult {
  const { parameters: p, tokens, counter, cache, tap } = inputs;
  const drop = (x: Value, rate = config.dropout) => (counter ? o.dropout(b, x, { rate, counter }) : x);
  const norm = (x: Value, name: string) =>
    o.layerNorm(b, x, p[`${name}.weight`], p[`${name}.bias`], config.layerNormEpsilon);
  const linear = (x: Value, name: string) => o.linear(b, x, p[`${name}.weight`], { bias: p[`${name}.bias`] });
  const approximate = (config.activation ?? 'gelu_new') === 'gelu_new';
  const place = placeInCache(b, inputs);
  const filled: Record<string, Value> = {};

  const embedded = o.add(b, o.gather(b, p['wte.weight'], tokens), embedPositions(b, inputs)); // [B, T, C]
  let x = drop(embedded, config.embeddingDropout);
  tap?.('embeddings', x);
  const mix = (from: Value, i: number): Value => {
    const qkv = linear(norm(from, `h.${i}.ln_1`), `h.${i}.attn.c_attn`); // [B, T, 3C]
    const kept = cache && { keys: cache.state[keysName(i)], values: cache.state[valuesName(i)] };
    const { y, keys, values } = attend(b, config, { qkv, counter, block: i, place, kept });
    Object.assign(filled, { [keysName(i)]: keys, [valuesName(i)]: values });
    return y;
  };
  const block = (from: Value, i: number): Value => {
    const mixed = b.region('attention', () => mix(from, i));
    const between = o.add(b, from, drop(linear(mixed, `h.${i}.attn.c_proj`)));
    const wide = linear(norm(between, `h.${i}.ln_2`), `h.${i}.mlp.c_fc`); // [B, T, 4C]
    return o.add(b, between, drop(linear(o.gelu(b, wide, { approximate }), `h.${i}.mlp.c_proj`)));
  };
  for (let i = 0; i < config.nLayer; i++) {
    x = b.region('block', () => block(x, i));
    tap?.(`block.${i}`, x);
  }
  const tied = config.tieWordEmbeddings ?? true;
  const head = p[tied ? 'wte.weight' : 'lm_head.weight'];
  return { hidden: norm(x, 'ln_f'), head, ...(cache ? { cache: filled } : {}) };
}

/** Where cached keys and values of these tokens go: i32 [4], and how many stand before them: i32 []. */
interface CachePlace {
  readonly corner: Value;
  readonly start: Value;
}

function placeInCache(b: Builder, { cache }: ForwardInputs): CachePlace | undefined {
  if (!cache) return undefined;
  const zero = o.constant(b, 0, [1], 'i32');
  const corner = o.concat(b, [zero, o.reshape(b, cache.start, [1]), zero, zero], 0);
  return { corner, start: cache.start };
}

interface AttendOptions {
  /** [B, T, 3C]: queries, keys, values */
  readonly qkv: Value;
  readonly counter?: Value;
  readonly block: number;
  readonly place?: CachePlace;
  /** Of the block, [B, L, H, D] each. */
  readonly kept?: { readonly keys: Value; readonly values: Value };
}

/** Causal attention of a block: y [B, T, C], and the cache with these tokens' keys and values in it. */
function attend(b: Builder, config: Gpt2Config, { qkv, counter, block, place, kept }: AttendOptions) {
  const [batch, length, width] = qkv.shape;
  const { nHead, scaleAttention = true, scaleByLayer = false } = config;
  const size = width / 3 / nHead;
  const scale = (scaleAttention ? 1 / Math.sqrt(size) : 1) / (scaleByLayer ? block + 1 : 1);
  const dropout = counter && { rate: config.attentionDropout ?? config.dropout, counter };
  const [q, k, v] = o
    .split(b, qkv, [width / 3, width / 3, width / 3], 2)
    .map((x) => o.reshape(b, x, [batch, length, nHead, size]));
  const keys = kept && place ? o.dynamicUpdateSlice(b, kept.keys, k, place.corner) : k;
  const values = kept && place ? o.dynamicUpdateSlice(b, kept.values, v, place.corner) : v;
  const { y } = o.attention(b, q, keys, values, { causal: true, scale, dropout, queryOffset: place?.start });
  return { y: o.reshape(b, y, [batch, length, width / 3]), keys, values };
}

/** Positions' vectors: [B, T, C] where positions are given, else [T, C]. */
function embedPositions(b: Builder, { parameters: p, tokens, positions, cache }: ForwardInputs): Value {
  const [, length] = tokens.shape;
  const table = p['wpe.weight'];
  if (positions) return o.gather(b, table, positions);
  if (!cache) return o.slice(b, table, [0, 0], [length, table.shape[1]]);
  return o.gather(b, table, o.add(b, o.iota(b, [length], 0), cache.start));
}

const keysName = (block: number) => `h.${block}.keys`;
const valuesName = (block: number) => `h.${block}.values`;

function describeCache(config: Gpt2Config, batch: number, length: number): Record<string, Type> {
  const { nLayer, nHead, nEmbd } = config;
  const type: Type = { shape: [batch, length, nHead, nEmbd / nHead], dtype: 'f32' };
  return Object.fromEntries(
    Array.from({ length: nLayer }, (_, i) => [
      [keysName(i), type],
      [valuesName(i), type],
    ]).flat() as [string, Type][],
  );
}

function describeParameters(config: Gpt2Config): ParameterSpec[] {
  const { nEmbd: c, nInner = 4 * c, initializerRange: std, nLayer, vocabSize } = config;
  // Two branches a block write to the residual stream: their projections start smaller (GPT-2 §2.3).
  const residual = std / Math.sqrt(2 * nLayer);
  const table = (name: string, rows: number): ParameterSpec => ({
    name,
    shape: [rows, c],
    role: 'embedding',
    init: { kind: 'normal', std },
  });
  const vector = (name: string, length: number, kind: 'zeros' | 'ones'): ParameterSpec => ({
    name,
    shape: [length],
    role: 'vector',
    init: { kind },
  });
  const norm = (name: string) => [vector(`${name}.weight`, c, 'ones'), vector(`${name}.bias`, c, 'zeros')];
  const linear = (name: string, [from, to]: [number, number], deviation: number, split = 1) => [
    {
      name: `${name}.weight`,
      shape: [from, to],
      role: 'matrix' as const,
      split,
      init: { kind: 'normal' as const, std: deviation },
    },
    vector(`${name}.bias`, to, 'zeros'),
  ];
  const block = (i: number) => [
    ...norm(`h.${i}.ln_1`),
    ...linear(`h.${i}.attn.c_attn`, [c, 3 * c], std, 3),
    ...linear(`h.${i}.attn.c_proj`, [c, c], residual),
    ...norm(`h.${i}.ln_2`),
    ...linear(`h.${i}.mlp.c_fc`, [c, nInner], std),
    ...linear(`h.${i}.mlp.c_proj`, [nInner, c], residual),
  ];
  return [
    table('wte.weight', vocabSize),
    table('wpe.weight', config.nPositions),
    ...Array.from({ length: nLayer }, (_, i) => block(i)).flat(),
    ...norm('ln_f'),
    ...((config.tieWordEmbeddings ?? true) ? [] : [table('lm_head.weight', vocabSize)]),
  ];
}
