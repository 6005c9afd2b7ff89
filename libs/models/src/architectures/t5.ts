// T5 (Raffel et al. 2020): an encoder and a decoder of pre-norm blocks, RMS norms, relative positions shared by the blocks
// of a stack, scores without 1/√d, no biases. v1.0 has ReLU and a tied head whose input is scaled by 1/√width; v1.1 a
// gated GELU and a head of its own. Weights lie [out, in].

import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import { createCrossAttention, describeCross } from '../blocks/cross-attention.ts';
import { createLayers } from '../blocks/layers.ts';
import { head, linear, repeatBlocks, table, vector } from '../blocks/parameters.ts';
import { relativeBias } from '../blocks/relative-bias.ts';
import { createSelfAttention, describeCache, splitHeads } from '../blocks/self-attention.ts';
import { resize } from '../blocks/size-settings.ts';
import type {
  Architecture,
  EncoderInputs,
  ForwardInputs,
  ForwardResult,
  LanguageModel,
  ParameterSpec,
} from '../language-model.ts';
import {
  checkT5Config,
  decoderStartOf,
  padOf,
  readT5Config,
  t5Settings,
  writeT5Config,
  type T5Config,
} from './t5-config.ts';

export const t5: Architecture<T5Config> = {
  settings: t5Settings,
  fromJson: readT5Config,
  // Heads together need not be as wide as the model.
  change: (config, values) => ({ ...resize(config, values), headSize: values.headSize ?? config.headSize }),
  specialTokens: [
    { field: 'padTokenId', spellings: ['<pad>', '[PAD]'] },
    { field: 'firstSentinelTokenId', spellings: ['<extra_id_0>'], count: 100 },
  ],
  create: createT5,
};

function createT5(config: T5Config): LanguageModel {
  checkT5Config(config);
  const { nHead, nLayer, nDecoderLayer = nLayer, headSize = 64 } = config;
  const tied = config.tieWordEmbeddings ?? true;
  const kept = { blocks: nDecoderLayer, heads: nHead, size: headSize };
  return {
    type: 't5',
    kind: 'encoder-decoder',
    vocabSize: config.vocabSize,
    maxLength: config.nPositions,
    startOfText: decoderStartOf(config),
    endOfText: config.eosTokenId,
    specialTokens: {
      pad: padOf(config),
      decoderStart: decoderStartOf(config),
      firstSentinel: config.firstSentinelTokenId ?? lastSentinelOf(config.vocabSize),
    },
    parameters: () => describeParameters(config),
    forward: (b, inputs) => forward(b, config, inputs),
    encode: (b, inputs) => encode(b, config, inputs),
    cache: (batch, length) => describeCache(kept, batch, length),
    toJson: () => writeT5Config(config),
    rename: (name) => rename(name, tied),
    savedName: (name) => name,
  };
}

/** The published vocabularies have 32,000 pieces, 100 sentinels and 28 rows of filler. */
const lastSentinelOf = (vocabSize: number) => (vocabSize === 32128 ? 32099 : vocabSize - 1);

/** Older files hold the table three times, and an unused bias of cross-attention. */
function rename(name: string, tied: boolean): string | undefined {
  if (/^decoder\.block\.0\.layer\.1\.EncDecAttention\.relative_attention_bias\.weight$/.test(name))
    return undefined;
  if (/^(encoder|decoder)\.embed_tokens\.weight$/.test(name)) return 'shared.weight';
  return name === 'lm_head.weight' && tied ? 'shared.weight' : name;
}

const biasName = (stack: string) => `${stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`;

/** What the blocks of a stack share: norms, projections, attention within the stack, the feed-forward layers. */
function createStack(b: Builder, config: T5Config, inputs: Pick<ForwardInputs, 'parameters' | 'counter'>) {
  const { nHead, dropout, activation = 'relu' } = config;
  const layers = createLayers(b, inputs, { epsilon: config.layerNormEpsilon, outFirst: true });
  const { linear: project, rmsNorm: norm, drop } = layers;
  const heads = (x: Value, name: string) => splitHeads(b, project(x, name), nHead);
  const branch = (x: Value, name: string, body: (normed: Value) => Value) =>
    o.add(b, x, drop(body(norm(x, `${name}.layer_norm`)), dropout));
  const spread = (x: Value, name: string): Value => {
    if (activation === 'relu') return o.relu(b, project(x, `${name}.wi`));
    const gate = o.gelu(b, project(x, `${name}.wi_0`), { approximate: true });
    return o.multiply(b, gate, project(x, `${name}.wi_1`));
  };
  const feedForward = (x: Value, at: string) =>
    branch(x, at, (normed) => {
      const name = `${at}.DenseReluDense`;
      return project(drop(spread(normed, name), dropout), `${name}.wo`);
    });
  return { project, norm, drop, heads, branch, feedForward };
}

function encode(
  b: Builder,
  config: T5Config,
  inputs: Pick<ForwardInputs, 'parameters' | 'counter'> & EncoderInputs,
): Readonly<Record<string, Value>> {
  const { parameters: p, tokens, segments, counter } = inputs;
  const { nLayer, nDecoderLayer = nLayer, dropout } = config;
  const { project, norm, drop, heads, branch, feedForward } = createStack(b, config, inputs);
  const length = tokens.shape[1];
  const bias = biasOf(b, config, p[biasName('encoder')], {
    queries: length,
    keys: length,
    bidirectional: true,
  });
  let x = drop(o.gather(b, p['shared.weight'], tokens), dropout); // [B, S, C]
  for (let i = 0; i < nLayer; i++) {
    const at = `encoder.block.${i}.layer`;
    x = b.region('block', () => {
      const mixed = branch(x, `${at}.0`, (normed) => {
        const name = `${at}.0.SelfAttention`;
        const [q, k, v] = ['q', 'k', 'v'].map((part) => heads(normed, `${name}.${part}`));
        const { y } = o.attention(b, q, k, v, {
          bias,
          scale: 1,
          segments: segments && [segments, segments],
          dropout: counter && { rate: dropout, counter },
        });
        return project(joinHeads(b, y), `${name}.o`);
      });
      return feedForward(mixed, `${at}.1`);
    });
  }
  const encoded = drop(norm(x, 'encoder.final_layer_norm'), dropout);
  return describeCross(nDecoderLayer, (i, part) =>
    heads(encoded, `decoder.block.${i}.layer.1.EncDecAttention.${part === 'keys' ? 'k' : 'v'}`),
  );
}

function forward(b: Builder, config: T5Config, inputs: ForwardInputs): ForwardResult {
  const { parameters: p, tokens, counter, cache, tap } = inputs;
  const { nLayer, nDecoderLayer = nLayer, nEmbd, dropout } = config;
  const { project, norm, drop, heads, branch, feedForward } = createStack(b, config, inputs);
  const { attend, filled } = createSelfAttention(b, inputs);
  const cross = createCrossAttention(b, inputs, (encoder) =>
    encode(b, config, { parameters: p, counter, ...encoder }),
  );
  const queries = tokens.shape[1];
  const keys = cache ? Object.values(cache.state)[0].shape[1] : queries;
  const bias = biasOf(b, config, p[biasName('decoder')], {
    ...{ queries, keys, bidirectional: false, start: cache?.start },
  });
  let x = drop(o.gather(b, p['shared.weight'], tokens), dropout); // [B, T, C]
  for (let i = 0; i < nDecoderLayer; i++) {
    const at = `decoder.block.${i}.layer`;
    x = b.region('block', () => {
      const own = branch(x, `${at}.0`, (normed) => {
        const name = `${at}.0.SelfAttention`;
        const [q, k, v] = ['q', 'k', 'v'].map((part) => heads(normed, `${name}.${part}`));
        return project(attend({ q, k, v, bias, block: i, scale: 1, dropout }), `${name}.o`);
      });
      const mixed = branch(own, `${at}.1`, (normed) => {
        const name = `${at}.1.EncDecAttention`;
        const y = cross.attend({ q: heads(normed, `${name}.q`), block: i, scale: 1, dropout });
        return project(y, `${name}.o`);
      });
      return feedForward(mixed, `${at}.2`);
    });
    tap?.(`block.${i}`, x);
  }
  const tied = config.tieWordEmbeddings ?? true;
  const last = drop(norm(x, 'decoder.final_layer_norm'), dropout);
  const hidden = tied ? o.multiply(b, last, nEmbd ** -0.5) : last;
  return { hidden, head: p[tied ? 'shared.weight' : 'lm_head.weight'], cache: filled };
}

const joinHeads = (b: Builder, y: Value) => {
  const [batch, length, heads, size] = y.shape;
  return o.reshape(b, y, [batch, length, heads * size]);
};

function biasOf(
  b: Builder,
  { buckets = 32, maxDistance = 128 }: T5Config,
  weights: Value,
  options: Omit<Parameters<typeof relativeBias>[2], 'buckets' | 'maxDistance'>,
): Value {
  return relativeBias(b, weights, { ...options, buckets, maxDistance });
}

/** Standard deviations are those of Mesh TensorFlow: by the width that a product sums over, and by the head's for queries. */
function describeParameters(config: T5Config): ParameterSpec[] {
  const { nEmbd: c, nInner, nHead, headSize = 64, nLayer, nDecoderLayer = nLayer, vocabSize } = config;
  const { initializerFactor: factor, buckets = 32, activation = 'relu' } = config;
  const inner = nHead * headSize;
  const matrix = (name: string, from: number, to: number, size: number) =>
    linear(name, { from, to, init: factor * size ** -0.5, outFirst: true });
  const norm = (name: string) => vector(`${name}.weight`, c, 'ones');
  const attention = (name: string) => [
    ...matrix(`${name}.q`, c, inner, c * headSize),
    ...matrix(`${name}.k`, c, inner, c),
    ...matrix(`${name}.v`, c, inner, c),
    ...matrix(`${name}.o`, inner, c, inner),
  ];
  const feedForward = (at: string) => [
    ...(activation === 'relu' ? ['wi'] : ['wi_0', 'wi_1']).flatMap((name) =>
      matrix(`${at}.DenseReluDense.${name}`, c, nInner, c),
    ),
    ...matrix(`${at}.DenseReluDense.wo`, nInner, c, nInner),
    norm(`${at}.layer_norm`),
  ];
  const block = (stack: 'encoder' | 'decoder') => (i: number) => {
    const at = `${stack}.block.${i}.layer`;
    const bias = table(biasName(stack).replace(/\.weight$/, ''), [buckets, nHead], factor * c ** -0.5);
    return [
      ...attention(`${at}.0.SelfAttention`),
      ...(i === 0 ? [bias] : []),
      norm(`${at}.0.layer_norm`),
      ...(stack === 'decoder' ? [...attention(`${at}.1.EncDecAttention`), norm(`${at}.1.layer_norm`)] : []),
      ...feedForward(`${at}.${stack === 'decoder' ? 2 : 1}`),
    ];
  };
  return [
    table('shared', [vocabSize, c], factor),
    ...repeatBlocks(nLayer, block('encoder')),
    norm('encoder.final_layer_norm'),
    ...repeatBlocks(nDecoderLayer, block('decoder')),
    norm('decoder.final_layer_norm'),
    ...((config.tieWordEmbeddings ?? true) ? [] : [head('lm_head', [vocabSize, c], factor)]),
  ];
}
