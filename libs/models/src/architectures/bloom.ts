// BLOOM (Le Scao et al. 2022): pre-norm blocks, ALiBi instead of positions, a norm on the embeddings, GELU by tanh.
// Queries, keys and values lie head by head in one matrix. Weights lie [out, in].

import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import { alibiSlopes } from '../blocks/alibi.ts';
import { createLayers } from '../blocks/layers.ts';
import { head, layerNorm, linear, repeatBlocks, table } from '../blocks/parameters.ts';
import { createSelfAttention, describeCache } from '../blocks/self-attention.ts';
import { changeWithDropout, checkHeads, dropoutSetting, sizeSettings } from '../blocks/size-settings.ts';
import type {
  Architecture,
  ForwardInputs,
  ForwardResult,
  LanguageModel,
  ParameterSpec,
} from '../language-model.ts';
import { readBloomConfig, writeBloomConfig, type BloomConfig } from './bloom-config.ts';

const { nInner: _, ...settings } = { ...sizeSettings, ...dropoutSetting };

export const bloom: Architecture<BloomConfig> = {
  settings,
  fromJson: readBloomConfig,
  change: changeWithDropout,
  create: createBloom,
};

function createBloom(config: BloomConfig): LanguageModel {
  const size = checkHeads(config);
  const kept = { blocks: config.nLayer, heads: config.nHead, size };
  const tied = config.tieWordEmbeddings ?? true;
  return {
    type: 'bloom',
    vocabSize: config.vocabSize,
    maxLength: config.nPositions,
    startOfText: config.bosTokenId ?? config.eosTokenId,
    endOfText: config.eosTokenId,
    parameters: () => describeParameters(config),
    forward: (b, inputs) => forward(b, config, size, inputs),
    cache: (batch, length) => describeCache(kept, batch, length),
    toJson: () => writeBloomConfig(config),
    rename: (name) => renameTensor(name, tied),
    savedName: (name) => (name === 'lm_head.weight' ? name : `transformer.${name}`),
  };
}

function renameTensor(name: string, tied: boolean): string {
  const bare = name.replace(/^transformer\./, '');
  return bare === 'lm_head.weight' && tied ? 'word_embeddings.weight' : bare;
}

function forward(b: Builder, config: BloomConfig, size: number, inputs: ForwardInputs): ForwardResult {
  const { parameters: p, tokens, tap } = inputs;
  const { dropout, nHead } = config;
  const layers = createLayers(b, inputs, { epsilon: config.layerNormEpsilon, outFirst: true });
  const { linear: project, layerNorm: norm, drop } = layers;
  const { attend, filled } = createSelfAttention(b, inputs);
  const slopes = alibiSlopes(nHead);

  let x = norm(o.gather(b, p['word_embeddings.weight'], tokens), 'word_embeddings_layernorm'); // [B, T, C]
  tap?.('embeddings', x);
  for (let i = 0; i < config.nLayer; i++) {
    x = b.region('block', () => {
      const mixed = b.region('attention', () => {
        const qkv = project(norm(x, `h.${i}.input_layernorm`), `h.${i}.self_attention.query_key_value`);
        const [q, k, v] = splitByHead(b, qkv, nHead, size);
        return attend({ q, k, v, block: i, slopes, dropout: config.attentionDropout ?? dropout });
      });
      const between = o.add(b, x, drop(project(mixed, `h.${i}.self_attention.dense`), dropout));
      const wide = project(norm(between, `h.${i}.post_attention_layernorm`), `h.${i}.mlp.dense_h_to_4h`);
      const active = o.gelu(b, wide, { approximate: true }); // [B, T, 4C]
      return o.add(b, between, drop(project(active, `h.${i}.mlp.dense_4h_to_h`), dropout));
    });
    tap?.(`block.${i}`, x);
  }
  const tied = config.tieWordEmbeddings ?? true;
  const head = p[tied ? 'word_embeddings.weight' : 'lm_head.weight'];
  return { hidden: norm(x, 'ln_f'), head, cache: filled };
}

/** [B, T, H · 3 · D] → queries, keys, values [B, T, H, D] */
function splitByHead(b: Builder, qkv: Value, heads: number, size: number): Value[] {
  const [batch, length] = qkv.shape;
  const perHead = o.reshape(b, qkv, [batch, length, heads, 3 * size]);
  return [...o.split(b, perHead, [size, size, size], 3)];
}

function describeParameters(config: BloomConfig): ParameterSpec[] {
  const { nEmbd: c, initializerRange: init, nLayer, vocabSize } = config;
  const outer = { init, outFirst: true, bias: true };
  const block = (i: number) => [
    ...layerNorm(`h.${i}.input_layernorm`, c),
    ...linear(`h.${i}.self_attention.query_key_value`, { from: c, to: 3 * c, ...outer }),
    ...linear(`h.${i}.self_attention.dense`, { from: c, to: c, ...outer }),
    ...layerNorm(`h.${i}.post_attention_layernorm`, c),
    ...linear(`h.${i}.mlp.dense_h_to_4h`, { from: c, to: 4 * c, ...outer }),
    ...linear(`h.${i}.mlp.dense_4h_to_h`, { from: 4 * c, to: c, ...outer }),
  ];
  return [
    table('word_embeddings', [vocabSize, c], init),
    ...layerNorm('word_embeddings_layernorm', c),
    ...repeatBlocks(nLayer, block),
    ...layerNorm('ln_f', c),
    ...((config.tieWordEmbeddings ?? true) ? [] : [head('lm_head', [vocabSize, c], init)]),
  ];
}
