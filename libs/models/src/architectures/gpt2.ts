// GPT-2 (Radford et al. 2019): pre-norm blocks, learned positions, GELU, a head that is usually the embedding. GPT-3
// (Brown et al. 2020) is the same at 2,048 positions, with every other block seeing a window where one is given. Weights
// lie [in, out] as in Hugging Face's Conv1D.

import { operations as o, type Builder } from '@gristmill/tensor';
import { createLayers } from '../blocks/layers.ts';
import { head, layerNorm, linear, repeatBlocks, table } from '../blocks/parameters.ts';
import { embedPositions } from '../blocks/positions.ts';
import { createSelfAttention, describeCache, splitHeads } from '../blocks/self-attention.ts';
import { changeWithDropout, checkHeads } from '../blocks/size-settings.ts';
import type {
  Architecture,
  ForwardInputs,
  ForwardResult,
  LanguageModel,
  ParameterSpec,
} from '../language-model.ts';
import { gpt2Settings, readGpt2Config, writeGpt2Config, type Gpt2Config } from './gpt2-config.ts';

const createArchitecture = (type: Gpt2Config['modelType']): Architecture<Gpt2Config> => ({
  settings: gpt2Settings,
  fromJson: (json) => readGpt2Config(type, json),
  change: changeConfig,
  create: createGpt2,
});

export const gpt2 = createArchitecture('gpt2');
export const gpt3 = createArchitecture('gpt3');

function changeConfig(config: Gpt2Config, values: Readonly<Record<string, number>>): Gpt2Config {
  const { window = config.window ?? 0, ...changed } = values;
  const { window: _old, ...rest } = changeWithDropout(config, changed);
  return window === 0 ? { ...rest, modelType: 'gpt2' } : { ...rest, modelType: 'gpt3', window };
}

function createGpt2(config: Gpt2Config): LanguageModel {
  const kept = { blocks: config.nLayer, heads: config.nHead, size: checkHeads(config) };
  const tied = config.tieWordEmbeddings ?? true;
  return {
    type: config.modelType,
    vocabSize: config.vocabSize,
    maxLength: config.nPositions,
    startOfText: config.eosTokenId,
    endOfText: config.eosTokenId,
    parameters: () => describeParameters(config),
    forward: (b, inputs) => forward(b, config, inputs),
    cache: (batch, length) => describeCache(kept, batch, length),
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
  const { parameters: p, tokens, tap } = inputs;
  const { nHead, nEmbd, dropout, window = 0 } = config;
  const {
    linear: project,
    layerNorm: norm,
    drop,
  } = createLayers(b, inputs, { epsilon: config.layerNormEpsilon });
  const { attend, filled } = createSelfAttention(b, inputs);
  const approximate = (config.activation ?? 'gelu_new') === 'gelu_new';

  const embedded = o.add(b, o.gather(b, p['wte.weight'], tokens), embedPositions(b, p['wpe.weight'], inputs));
  let x = drop(embedded, config.embeddingDropout ?? dropout); // [B, T, C]
  tap?.('embeddings', x);
  for (let i = 0; i < config.nLayer; i++) {
    x = b.region('block', () => {
      const mixed = b.region('attention', () => {
        const qkv = project(norm(x, `h.${i}.ln_1`), `h.${i}.attn.c_attn`); // [B, T, 3C]
        const [q, k, v] = o.split(b, qkv, [nEmbd, nEmbd, nEmbd], 2).map((part) => splitHeads(b, part, nHead));
        return attend({
          ...{ q, k, v, block: i, scale: scaleOf(config, i), window: i % 2 === 1 ? window : 0 },
          dropout: config.attentionDropout ?? dropout,
        });
      });
      const between = o.add(b, x, drop(project(mixed, `h.${i}.attn.c_proj`), dropout));
      const wide = project(norm(between, `h.${i}.ln_2`), `h.${i}.mlp.c_fc`); // [B, T, 4C]
      return o.add(b, between, drop(project(o.gelu(b, wide, { approximate }), `h.${i}.mlp.c_proj`), dropout));
    });
    tap?.(`block.${i}`, x);
  }
  const tied = config.tieWordEmbeddings ?? true;
  return { hidden: norm(x, 'ln_f'), head: p[tied ? 'wte.weight' : 'lm_head.weight'], cache: filled };
}

function scaleOf(
  { nHead, nEmbd, scaleAttention = true, scaleByLayer = false }: Gpt2Config,
  block: number,
): number {
  return (scaleAttention ? 1 / Math.sqrt(nEmbd / nHead) : 1) / (scaleByLayer ? block + 1 : 1);
}

function describeParameters(config: Gpt2Config): ParameterSpec[] {
  const { nEmbd: c, nInner = 4 * c, initializerRange: std, nLayer, vocabSize } = config;
  // Two branches a block write to the residual stream: their projections start smaller (GPT-2 §2.3).
  const residual = std / Math.sqrt(2 * nLayer);
  const block = (i: number) => [
    ...layerNorm(`h.${i}.ln_1`, c),
    ...linear(`h.${i}.attn.c_attn`, { from: c, to: 3 * c, init: std, bias: true, split: 3 }),
    ...linear(`h.${i}.attn.c_proj`, { from: c, to: c, init: residual, bias: true }),
    ...layerNorm(`h.${i}.ln_2`, c),
    ...linear(`h.${i}.mlp.c_fc`, { from: c, to: nInner, init: std, bias: true }),
    ...linear(`h.${i}.mlp.c_proj`, { from: nInner, to: c, init: residual, bias: true }),
  ];
  return [
    table('wte', [vocabSize, c], std),
    table('wpe', [config.nPositions, c], std),
    ...repeatBlocks(nLayer, block),
    ...layerNorm('ln_f', c),
    ...((config.tieWordEmbeddings ?? true) ? [] : [head('lm_head', [vocabSize, c], std)]),
  ];
}
