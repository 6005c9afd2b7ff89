// The Transformer (Vaswani et al. 2017): an encoder and a decoder of post-norm blocks, sines and cosines for positions,
// one table for both texts and the head. Names are those of Hugging Face's Marian. Weights lie [out, in].

import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import { createCrossAttention, describeCross } from '../blocks/cross-attention.ts';
import { createLayers } from '../blocks/layers.ts';
import { layerNorm, linear, repeatBlocks, table } from '../blocks/parameters.ts';
import { createSelfAttention, describeCache, splitHeads } from '../blocks/self-attention.ts';
import { addSinusoids } from '../blocks/sinusoids.ts';
import { decoderSetting, dropoutSetting, resize, sizeSettings } from '../blocks/size-settings.ts';
import type {
  Architecture,
  EncoderInputs,
  ForwardInputs,
  ForwardResult,
  LanguageModel,
  ParameterSpec,
} from '../language-model.ts';
import {
  checkMarianConfig,
  decoderStartOf,
  padOf,
  readMarianConfig,
  writeMarianConfig,
  type MarianConfig,
} from './marian-config.ts';

export const marian: Architecture<MarianConfig> = {
  settings: { ...sizeSettings, ...decoderSetting, ...dropoutSetting },
  fromJson: readMarianConfig,
  change: resize,
  specialTokens: [{ field: 'padTokenId', spellings: ['<pad>', '[PAD]'] }],
  create: createMarian,
};

const epsilon = 1e-5; // torch's, which the class does not let a configuration change
const wordTable = 'shared.weight';
const headBias = 'final_logits_bias';

function createMarian(config: MarianConfig): LanguageModel {
  checkMarianConfig(config);
  const { nEmbd, nHead, nDecoderHead = nHead, nLayer, nDecoderLayer = nLayer } = config;
  const kept = { blocks: nDecoderLayer, heads: nDecoderHead, size: nEmbd / nDecoderHead };
  return {
    type: 'marian',
    kind: 'encoder-decoder',
    vocabSize: config.vocabSize,
    maxLength: config.nPositions,
    startOfText: decoderStartOf(config),
    endOfText: config.eosTokenId,
    specialTokens: { pad: padOf(config), decoderStart: decoderStartOf(config) },
    parameters: () => describeParameters(config),
    forward: (b, inputs) => forward(b, config, inputs),
    encode: (b, inputs) => encode(b, config, inputs),
    cache: (batch, length) => describeCache(kept, batch, length),
    toJson: () => writeMarianConfig(config),
    rename,
    savedName: (name) => (name === headBias ? name : `model.${name}`),
  };
}

/** Positions are computed; the table may be there four times. */
function rename(name: string): string | undefined {
  const bare = name.replace(/^model\./, '');
  if (/^(encoder|decoder)\.embed_positions\.weight$/.test(bare)) return undefined;
  return /^((encoder|decoder)\.embed_tokens|lm_head)\.weight$/.test(bare) ? wordTable : bare;
}

function createStack(
  b: Builder,
  config: MarianConfig,
  inputs: Pick<ForwardInputs, 'parameters' | 'counter'>,
) {
  const { nEmbd, dropout, activation = 'relu', activationDropout = 0, scaleEmbedding } = config;
  const layers = createLayers(b, inputs, { epsilon, outFirst: true });
  const { linear: project, layerNorm: norm, drop } = layers;
  const activate = (x: Value): Value => {
    if (activation === 'relu') return o.relu(b, x);
    return activation === 'gelu' ? o.gelu(b, x, { approximate: false }) : o.silu(b, x);
  };
  /** Words and their places. */
  const embed = (at: Pick<ForwardInputs, 'tokens' | 'positions' | 'cache'>): Value => {
    const words = o.gather(b, inputs.parameters[wordTable], at.tokens);
    const scaled = scaleEmbedding ? o.multiply(b, words, Math.sqrt(nEmbd)) : words;
    return drop(addSinusoids(b, scaled, { ...at, nPositions: config.nPositions }), dropout);
  };
  const join = (x: Value, branch: Value, name: string) => norm(o.add(b, x, drop(branch, dropout)), name);
  const feedForward = (x: Value, at: string): Value => {
    const wide = drop(activate(project(x, `${at}.fc1`)), activationDropout);
    return join(x, project(wide, `${at}.fc2`), `${at}.final_layer_norm`);
  };
  return { project, embed, join, feedForward };
}

function encode(
  b: Builder,
  config: MarianConfig,
  inputs: Pick<ForwardInputs, 'parameters' | 'counter'> & EncoderInputs,
): Readonly<Record<string, Value>> {
  const { segments, counter } = inputs;
  const { nLayer, nHead, nDecoderLayer = nLayer, nDecoderHead = nHead, attentionDropout: rate = 0 } = config;
  const { project, embed, join, feedForward } = createStack(b, config, inputs);
  let x = embed(inputs); // [B, S, C]
  for (let i = 0; i < nLayer; i++) {
    const at = `encoder.layers.${i}`;
    x = b.region('block', () => {
      const [q, k, v] = ['q', 'k', 'v'].map((part) =>
        splitHeads(b, project(x, `${at}.self_attn.${part}_proj`), nHead),
      );
      const { y } = o.attention(b, q, k, v, {
        segments: segments && [segments, segments],
        dropout: counter && { rate, counter },
      });
      const mixed = project(o.reshape(b, y, x.shape), `${at}.self_attn.out_proj`);
      return feedForward(join(x, mixed, `${at}.self_attn_layer_norm`), at);
    });
  }
  return describeCross(nDecoderLayer, (i, part) => {
    const name = `decoder.layers.${i}.encoder_attn.${part === 'keys' ? 'k' : 'v'}_proj`;
    return splitHeads(b, project(x, name), nDecoderHead);
  });
}

function forward(b: Builder, config: MarianConfig, inputs: ForwardInputs): ForwardResult {
  const { parameters: p, counter, tap } = inputs;
  const { nLayer, nHead, nDecoderLayer = nLayer, nDecoderHead = nHead, attentionDropout = 0 } = config;
  const { project, embed, join, feedForward } = createStack(b, config, inputs);
  const { attend, filled } = createSelfAttention(b, inputs);
  const cross = createCrossAttention(b, inputs, (encoder) =>
    encode(b, config, { parameters: p, counter, ...encoder }),
  );
  const heads = (x: Value, name: string) => splitHeads(b, project(x, name), nDecoderHead);
  let x = embed(inputs); // [B, T, C]
  for (let i = 0; i < nDecoderLayer; i++) {
    const at = `decoder.layers.${i}`;
    const options = { block: i, dropout: attentionDropout };
    x = b.region('block', () => {
      const [q, k, v] = ['q', 'k', 'v'].map((part) => heads(x, `${at}.self_attn.${part}_proj`));
      const own = project(attend({ q, k, v, ...options }), `${at}.self_attn.out_proj`);
      const after = join(x, own, `${at}.self_attn_layer_norm`);
      const read = cross.attend({ q: heads(after, `${at}.encoder_attn.q_proj`), ...options });
      const mixed = project(read, `${at}.encoder_attn.out_proj`);
      return feedForward(join(after, mixed, `${at}.encoder_attn_layer_norm`), at);
    });
    tap?.(`block.${i}`, x);
  }
  const bias = o.reshape(b, o.stopGradient(b, p[headBias]), [config.vocabSize]); // Marian's is no weight
  return { hidden: x, head: p[wordTable], bias, cache: filled };
}

function describeParameters(config: MarianConfig): ParameterSpec[] {
  const { nEmbd: c, nInner, nDecoderInner = nInner, initializerRange: std, vocabSize } = config;
  const { nLayer, nDecoderLayer = nLayer } = config;
  const dense = (name: string, from: number, to: number) =>
    linear(name, { from, to, init: std, bias: true, outFirst: true });
  const attention = (name: string) => [
    ...['k_proj', 'v_proj', 'q_proj', 'out_proj'].flatMap((part) => dense(`${name}.${part}`, c, c)),
    ...layerNorm(`${name}_layer_norm`, c),
  ];
  const block = (stack: 'encoder' | 'decoder', inner: number) => (i: number) => {
    const at = `${stack}.layers.${i}`;
    return [
      ...attention(`${at}.self_attn`),
      ...(stack === 'decoder' ? attention(`${at}.encoder_attn`) : []),
      ...dense(`${at}.fc1`, c, inner),
      ...dense(`${at}.fc2`, inner, c),
      ...layerNorm(`${at}.final_layer_norm`, c),
    ];
  };
  return [
    table('shared', [vocabSize, c], std),
    { name: headBias, shape: [1, vocabSize], role: 'vector', init: { kind: 'zeros' } },
    ...repeatBlocks(nLayer, block('encoder', nInner)),
    ...repeatBlocks(nDecoderLayer, block('decoder', nDecoderInner)),
  ];
}
