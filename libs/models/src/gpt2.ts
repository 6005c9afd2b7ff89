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
  const { parameters: p, tokens, counter, tap } = inputs;
  const drop = (x: Value, rate = config.dropout) =>
    counter && rate > 0 ? b.apply('dropout', [x, counter], { rate, stream: b.nextStream() }) : x;
  const norm = (x: Value, name: string) =>
    b.apply('layerNorm', [x, p[`${name}.weight`], p[`${name}.bias`]], { epsilon: config.layerNormEpsilon });
  const linear = (x: Value, name: string) =>
    b.apply('linear', [x, p[`${name}.weight`], p[`${name}.bias`]], { transposed: false });
  const approximate = (config.activation ?? 'gelu_new') === 'gelu_new';

  const embedded = o.add(b, o.gather(b, p['wte.weight'], tokens), embedPositions(b, inputs)); // [B, T, C]
  let x = drop(embedded, config.embeddingDropout);
  tap?.('embeddings', x);
  for (let i = 0; i < config.nLayer; i++) {
    const qkv = linear(norm(x, `h.${i}.ln_1`), `h.${i}.attn.c_attn`); // [B, T, 3C]
    const attended = attend(b, config, { qkv, counter, block: i });
    x = o.add(b, x, drop(linear(attended, `h.${i}.attn.c_proj`)));
    const wide = linear(norm(x, `h.${i}.ln_2`), `h.${i}.mlp.c_fc`); // [B, T, 4C]
    x = o.add(b, x, drop(linear(b.apply('gelu', [wide], { approximate }), `h.${i}.mlp.c_proj`)));
    tap?.(`block.${i}`, x);
  }
  const tied = config.tieWordEmbeddings ?? true;
  return { hidden: norm(x, 'ln_f'), head: p[tied ? 'wte.weight' : 'lm_head.weight'] };
}

interface AttendOptions {
  /** [B, T, 3C]: queries, keys, values */
  readonly qkv: Value;
  readonly counter?: Value;
  readonly block: number;
}

/** Causal attention of a block: [B, T, C]. */
function attend(b: Builder, config: Gpt2Config, { qkv, counter, block }: AttendOptions): Value {
  const [batch, length, width] = qkv.shape;
  const { nHead } = config;
  const size = width / 3 / nHead;
  const scale =
    (config.scaleAttention === false ? 1 : 1 / Math.sqrt(size)) / (config.scaleByLayer ? block + 1 : 1);
  const rate = counter ? (config.attentionDropout ?? config.dropout) : 0;
  const [q, k, v] = o
    .split(b, qkv, [width / 3, width / 3, width / 3], 2)
    .map((x) => o.reshape(b, x, [batch, length, nHead, size]));
  const dropout = counter && { rate, counter };
  const { y } = o.attention(b, q, k, v, { causal: true, scale, dropout });
  return o.reshape(b, y, [batch, length, width / 3]);
}

/** Positions' vectors: [T, C] where they count from 0, else [B, T, C]. */
function embedPositions(b: Builder, { parameters: p, tokens, positions }: ForwardInputs): Value {
  const [, length] = tokens.shape;
  const table = p['wpe.weight'];
  if (positions) return o.gather(b, table, positions);
  return o.slice(b, table, [0, 0], [length, table.shape[1]]);
}

function describeCache(config: Gpt2Config, batch: number, length: number): Record<string, Type> {
  const { nLayer, nHead, nEmbd } = config;
  const type: Type = { shape: [batch, length, nHead, nEmbd / nHead], dtype: 'f32' };
  return Object.fromEntries(
    Array.from({ length: nLayer }, (_, i) => [
      [`h.${i}.keys`, type],
      [`h.${i}.values`, type],
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
