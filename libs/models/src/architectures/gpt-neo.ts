// GPT-Neo (Black et al. 2021): GPT-2's blocks, every other one seeing a window (Child et al. 2019), scores that are not
// scaled, no biases of queries, keys and values. Weights lie [out, in].

import { operations as o, type Builder } from '@gristmill/tensor';
import { createLayers } from '../blocks/layers.ts';
import { head, layerNorm, linear, repeatBlocks, table } from '../blocks/parameters.ts';
import { embedPositions } from '../blocks/positions.ts';
import { createSelfAttention, describeCache, splitHeads } from '../blocks/self-attention.ts';
import {
  changeWithDropout,
  checkHeads,
  dropoutSetting,
  repeatPattern,
  sizeSettings,
  windowSetting,
} from '../blocks/size-settings.ts';
import type {
  Architecture,
  ForwardInputs,
  ForwardResult,
  LanguageModel,
  ParameterSpec,
} from '../language-model.ts';
import { readGptNeoConfig, writeGptNeoConfig, type GptNeoConfig } from './gpt-neo-config.ts';

export const gptNeo: Architecture<GptNeoConfig> = {
  settings: { ...sizeSettings, ...dropoutSetting, ...windowSetting },
  fromJson: readGptNeoConfig,
  change: changeWithDropout,
  create: createGptNeo,
};

function createGptNeo(config: GptNeoConfig): LanguageModel {
  const kept = { blocks: config.nLayer, heads: config.nHead, size: checkHeads(config) };
  const windowed = repeatPattern(config.windowed, config.nLayer);
  const tied = config.tieWordEmbeddings ?? true;
  return {
    type: 'gpt_neo',
    vocabSize: config.vocabSize,
    maxLength: config.nPositions,
    startOfText: config.eosTokenId,
    endOfText: config.eosTokenId,
    parameters: () => describeParameters(config),
    forward: (b, inputs) => forward(b, { ...config, windowed }, inputs),
    cache: (batch, length) => describeCache(kept, batch, length),
    toJson: () => writeGptNeoConfig(config, windowed),
    rename: (name) => renameTensor(name, tied),
    savedName: (name) => (name === 'lm_head.weight' ? name : `transformer.${name}`),
  };
}

function renameTensor(name: string, tied: boolean): string | undefined {
  const bare = name.replace(/^transformer\./, '');
  if (/\.attention\.(bias|masked_bias)$/.test(bare)) return undefined;
  return bare === 'lm_head.weight' && tied ? 'wte.weight' : bare;
}

function forward(b: Builder, config: GptNeoConfig, inputs: ForwardInputs): ForwardResult {
  const { parameters: p, tokens, tap } = inputs;
  const { dropout, nHead, window, windowed } = config;
  const layers = createLayers(b, inputs, { epsilon: config.layerNormEpsilon, outFirst: true });
  const { linear: project, layerNorm: norm, drop } = layers;
  const { attend, filled } = createSelfAttention(b, inputs);

  const embedded = o.add(b, o.gather(b, p['wte.weight'], tokens), embedPositions(b, p['wpe.weight'], inputs));
  let x = drop(embedded, config.embeddingDropout ?? dropout); // [B, T, C]
  tap?.('embeddings', x);
  for (let i = 0; i < config.nLayer; i++) {
    x = b.region('block', () => {
      const mixed = b.region('attention', () => {
        const from = norm(x, `h.${i}.ln_1`);
        const [q, k, v] = ['q', 'k', 'v'].map((name) =>
          splitHeads(b, project(from, `h.${i}.attn.attention.${name}_proj`), nHead),
        );
        return attend({
          ...{ q, k, v, block: i, scale: 1, window: windowed[i] ? window : 0 },
          dropout: config.attentionDropout ?? dropout,
        });
      });
      const between = o.add(b, x, drop(project(mixed, `h.${i}.attn.attention.out_proj`), dropout));
      const wide = project(norm(between, `h.${i}.ln_2`), `h.${i}.mlp.c_fc`); // [B, T, 4C]
      const active = o.gelu(b, wide, { approximate: true });
      return o.add(b, between, drop(project(active, `h.${i}.mlp.c_proj`), dropout));
    });
    tap?.(`block.${i}`, x);
  }
  const tied = config.tieWordEmbeddings ?? true;
  return { hidden: norm(x, 'ln_f'), head: p[tied ? 'wte.weight' : 'lm_head.weight'], cache: filled };
}

function describeParameters(config: GptNeoConfig): ParameterSpec[] {
  const { nEmbd: c, nInner = 4 * c, initializerRange: init, nLayer, vocabSize } = config;
  const outFirst = true;
  const block = (i: number) => [
    ...layerNorm(`h.${i}.ln_1`, c),
    ...['k', 'v', 'q'].flatMap((name) =>
      linear(`h.${i}.attn.attention.${name}_proj`, { from: c, to: c, init, outFirst }),
    ),
    ...linear(`h.${i}.attn.attention.out_proj`, { from: c, to: c, init, outFirst, bias: true }),
    ...layerNorm(`h.${i}.ln_2`, c),
    ...linear(`h.${i}.mlp.c_fc`, { from: c, to: nInner, init, outFirst, bias: true }),
    ...linear(`h.${i}.mlp.c_proj`, { from: nInner, to: c, init, outFirst, bias: true }),
  ];
  return [
    table('wte', [vocabSize, c], init),
    table('wpe', [config.nPositions, c], init),
    ...repeatBlocks(nLayer, block),
    ...layerNorm('ln_f', c),
    ...((config.tieWordEmbeddings ?? true) ? [] : [head('lm_head', [vocabSize, c], init)]),
  ];
}
