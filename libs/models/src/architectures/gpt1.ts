// GPT (Radford et al. 2018): each branch is added and the sum is normed (post-norm), learned positions, GELU by tanh, no
// norm at the end. Weights lie [in, out].

import { operations as o, type Builder } from '@gristmill/tensor';
import { createLayers } from '../blocks/layers.ts';
import { head, layerNorm, linear, repeatBlocks, table } from '../blocks/parameters.ts';
import { embedPositions } from '../blocks/positions.ts';
import { createSelfAttention, describeCache, splitHeads } from '../blocks/self-attention.ts';
import { changeWithDropout, checkHeads, dropoutSetting, sizeSettings } from '../blocks/size-settings.ts';
import type {
  Architecture,
  ForwardInputs,
  ForwardResult,
  LanguageModel,
  ParameterSpec,
} from '../language-model.ts';
import { readGpt1Config, writeGpt1Config, type Gpt1Config } from './gpt1-config.ts';

const { nInner: _, ...settings } = { ...sizeSettings, ...dropoutSetting };

export const gpt1: Architecture<Gpt1Config> = {
  settings,
  fromJson: readGpt1Config,
  change: changeWithDropout,
  create: createGpt1,
};

function createGpt1(config: Gpt1Config): LanguageModel {
  const kept = { blocks: config.nLayer, heads: config.nHead, size: checkHeads(config) };
  const tied = config.tieWordEmbeddings ?? true;
  return {
    type: 'openai-gpt',
    vocabSize: config.vocabSize,
    maxLength: config.nPositions,
    startOfText: config.eosTokenId,
    endOfText: config.eosTokenId,
    parameters: () => describeParameters(config),
    forward: (b, inputs) => forward(b, config, inputs),
    cache: (batch, length) => describeCache(kept, batch, length),
    toJson: () => writeGpt1Config(config),
    rename: (name) => renameTensor(name, tied),
    savedName: (name) => (name === 'lm_head.weight' ? name : `transformer.${name}`),
  };
}

function renameTensor(name: string, tied: boolean): string | undefined {
  const bare = name.replace(/^transformer\./, '');
  if (/\.attn\.bias$|^position_ids$/.test(bare)) return undefined;
  return bare === 'lm_head.weight' && tied ? 'tokens_embed.weight' : bare;
}

function forward(b: Builder, config: Gpt1Config, inputs: ForwardInputs): ForwardResult {
  const { parameters: p, tokens, tap } = inputs;
  const { nHead, nEmbd, dropout } = config;
  const layers = createLayers(b, inputs, { epsilon: config.layerNormEpsilon });
  const { linear: project, layerNorm: norm, drop } = layers;
  const { attend, filled } = createSelfAttention(b, inputs);

  const positions = embedPositions(b, p['positions_embed.weight'], inputs);
  const embedded = o.add(b, o.gather(b, p['tokens_embed.weight'], tokens), positions);
  let x = drop(embedded, config.embeddingDropout ?? dropout); // [B, T, C]
  tap?.('embeddings', x);
  for (let i = 0; i < config.nLayer; i++) {
    x = b.region('block', () => {
      const mixed = b.region('attention', () => {
        const qkv = project(x, `h.${i}.attn.c_attn`); // [B, T, 3C]
        const [q, k, v] = o.split(b, qkv, [nEmbd, nEmbd, nEmbd], 2).map((part) => splitHeads(b, part, nHead));
        return attend({ q, k, v, block: i, dropout: config.attentionDropout ?? dropout });
      });
      const between = norm(o.add(b, x, drop(project(mixed, `h.${i}.attn.c_proj`), dropout)), `h.${i}.ln_1`);
      const wide = o.gelu(b, project(between, `h.${i}.mlp.c_fc`), { approximate: true }); // [B, T, 4C]
      return norm(o.add(b, between, drop(project(wide, `h.${i}.mlp.c_proj`), dropout)), `h.${i}.ln_2`);
    });
    tap?.(`block.${i}`, x);
  }
  const tied = config.tieWordEmbeddings ?? true;
  return { hidden: x, head: p[tied ? 'tokens_embed.weight' : 'lm_head.weight'], cache: filled };
}

function describeParameters(config: Gpt1Config): ParameterSpec[] {
  const { nEmbd: c, initializerRange: init, nLayer, vocabSize } = config;
  const block = (i: number) => [
    ...linear(`h.${i}.attn.c_attn`, { from: c, to: 3 * c, init, bias: true, split: 3 }),
    ...linear(`h.${i}.attn.c_proj`, { from: c, to: c, init, bias: true }),
    ...layerNorm(`h.${i}.ln_1`, c),
    ...linear(`h.${i}.mlp.c_fc`, { from: c, to: 4 * c, init, bias: true }),
    ...linear(`h.${i}.mlp.c_proj`, { from: 4 * c, to: c, init, bias: true }),
    ...layerNorm(`h.${i}.ln_2`, c),
  ];
  return [
    table('tokens_embed', [vocabSize, c], init),
    table('positions_embed', [config.nPositions, c], init),
    ...repeatBlocks(nLayer, block),
    ...((config.tieWordEmbeddings ?? true) ? [] : [head('lm_head', [vocabSize, c], init)]),
  ];
}
