// LLaMA (Touvron et al. 2023; Llama 2 and 3): pre-norm blocks with RMS norm, rotary positions, SwiGLU, heads that share
// keys and values (Ainslie et al. 2023). Qwen 2, Mistral and SmolLM3 are the same but for what their configuration says.
// Weights lie [out, in] as in torch.nn.Linear.

import { operations as o, type Builder } from '@gristmill/tensor';
import { createLayers } from '../blocks/layers.ts';
import { head, linear, repeatBlocks, table, vector } from '../blocks/parameters.ts';
import { rotaryTables, stretchRope } from '../blocks/rotary.ts';
import { createSelfAttention, describeCache, splitHeads } from '../blocks/self-attention.ts';
import { repeatPattern, resize } from '../blocks/size-settings.ts';
import type {
  Architecture,
  ForwardInputs,
  ForwardResult,
  LanguageModel,
  ParameterSpec,
} from '../language-model.ts';
import {
  checkLlamaConfig,
  llamaSettings,
  readLlamaConfig,
  windowedLlamaSettings,
  writeLlamaConfig,
  type LlamaConfig,
  type LlamaType,
} from './llama-config.ts';

const createArchitecture = (type: LlamaType): Architecture<LlamaConfig> => ({
  settings: type === 'llama' ? llamaSettings : windowedLlamaSettings,
  fromJson: (json) => readLlamaConfig(type, json),
  change: changeConfig,
  create: createLlama,
});

export const llama = createArchitecture('llama');
export const qwen2 = createArchitecture('qwen2');
export const mistral = createArchitecture('mistral');
export const smollm3 = createArchitecture('smollm3');

function changeConfig(config: LlamaConfig, values: Readonly<Record<string, number>>): LlamaConfig {
  const { ropeTheta, window, yarnFactor, linearFactor, ntkFactor, ...sizes } = values;
  const rope = ropeTheta === undefined ? config.rope : { ...config.rope, theta: ropeTheta };
  const stretched = stretchRope(
    { rope, nPositions: config.nPositions },
    { yarn: yarnFactor, linear: linearFactor, dynamic: ntkFactor },
  );
  return {
    ...resize({ ...config, ...stretched }, sizes),
    ...(window === undefined ? {} : { window: window === 0 ? undefined : window }),
  };
}

function createLlama(given: LlamaConfig): LanguageModel {
  const { nLayer, nKeyValueHead, tieWordEmbeddings = false, rotates, windowed } = given;
  const config = {
    ...given,
    rotates: rotates && repeatPattern(rotates, nLayer),
    windowed: windowed && repeatPattern(windowed, nLayer),
  };
  const size = checkLlamaConfig(config);
  const kept = { blocks: nLayer, heads: nKeyValueHead, size };
  return {
    type: config.modelType,
    vocabSize: config.vocabSize,
    maxLength: maxLengthOf(config),
    startOfText: config.bosTokenId ?? config.eosTokenId,
    endOfText: config.eosTokenId,
    parameters: () => describeParameters(config, size),
    forward: (b, inputs) => forward(b, config, size, inputs),
    cache: (batch, length) => describeCache(kept, batch, length),
    toJson: () => writeLlamaConfig(config),
    rename: (name) => renameLlamaTensor(name, tieWordEmbeddings),
    savedName: (name) => (name === 'lm_head.weight' ? name : `model.${name}`),
  };
}

/** "dynamic" stretches by its factor beyond what config.json names; the others name the stretched length. */
const maxLengthOf = ({ nPositions, rope: { scaling } }: LlamaConfig) =>
  scaling?.type === 'dynamic' ? Math.floor(nPositions * scaling.factor) : nPositions;

/** A tied head that a file holds all the same is the embedding, and must equal it. */
export function renameLlamaTensor(name: string, tied: boolean): string | undefined {
  const bare = name.replace(/^model\./, '');
  if (/(^|\.)rotary_emb\.inv_freq$/.test(bare)) return undefined;
  return bare === 'lm_head.weight' && tied ? 'embed_tokens.weight' : bare;
}

function forward(b: Builder, config: LlamaConfig, size: number, inputs: ForwardInputs): ForwardResult {
  const { parameters: p, tokens, tap } = inputs;
  const { nHead, nKeyValueHead, rope, rotates, windowed, window = 0 } = config;
  const layers = createLayers(b, inputs, { epsilon: config.rmsNormEpsilon, outFirst: true });
  const { linear: project, rmsNorm: norm } = layers;
  const { attend, filled } = createSelfAttention(b, inputs);
  const tables = rotaryTables(b, inputs, { rope, size, maxLength: config.nPositions });

  let x = inputs.embeddings ?? o.gather(b, p['embed_tokens.weight'], tokens); // [B, T, C]
  tap?.('embeddings', x);
  for (let i = 0; i < config.nLayer; i++) {
    const own = `layers.${i}`;
    const turn = (head: typeof x) => ((rotates?.[i] ?? true) ? o.rotary(b, head, tables) : head);
    x = b.region('block', () => {
      const mixed = b.region('attention', () => {
        const from = norm(x, `${own}.input_layernorm`);
        const heads = (name: string, count: number) =>
          splitHeads(b, project(from, `${own}.self_attn.${name}_proj`), count);
        const [q, k, v] = [heads('q', nHead), heads('k', nKeyValueHead), heads('v', nKeyValueHead)];
        return attend({
          ...{ q: turn(q), k: turn(k), v, block: i, dropout: config.attentionDropout },
          window: (windowed?.[i] ?? true) ? window : 0,
        });
      });
      const between = o.add(b, x, project(mixed, `${own}.self_attn.o_proj`));
      const wide = norm(between, `${own}.post_attention_layernorm`);
      const gated = o.swiglu(b, project(wide, `${own}.mlp.gate_proj`), project(wide, `${own}.mlp.up_proj`));
      return o.add(b, between, project(gated, `${own}.mlp.down_proj`));
    });
    tap?.(`block.${i}`, x);
  }
  const head = p[config.tieWordEmbeddings ? 'embed_tokens.weight' : 'lm_head.weight'];
  return { hidden: norm(x, 'norm'), head, cache: filled };
}

function describeParameters(config: LlamaConfig, size: number): ParameterSpec[] {
  const { nEmbd: c, nInner, nHead, nKeyValueHead, initializerRange: init, vocabSize } = config;
  const { attentionBias = false, feedForwardBias = false, modelType } = config;
  const [queries, keys] = [nHead * size, nKeyValueHead * size];
  const mix = { init, outFirst: true, bias: attentionBias || modelType === 'qwen2' };
  const inner = { init, outFirst: true, bias: feedForwardBias };
  const block = (i: number) => [
    vector(`layers.${i}.input_layernorm.weight`, c, 'ones'),
    ...linear(`layers.${i}.self_attn.q_proj`, { from: c, to: queries, ...mix }),
    ...linear(`layers.${i}.self_attn.k_proj`, { from: c, to: keys, ...mix }),
    ...linear(`layers.${i}.self_attn.v_proj`, { from: c, to: keys, ...mix }),
    ...linear(`layers.${i}.self_attn.o_proj`, {
      from: queries,
      to: c,
      init,
      outFirst: true,
      bias: attentionBias,
    }),
    vector(`layers.${i}.post_attention_layernorm.weight`, c, 'ones'),
    ...linear(`layers.${i}.mlp.gate_proj`, { from: c, to: nInner, ...inner }),
    ...linear(`layers.${i}.mlp.up_proj`, { from: c, to: nInner, ...inner }),
    ...linear(`layers.${i}.mlp.down_proj`, { from: nInner, to: c, ...inner }),
  ];
  return [
    table('embed_tokens', [vocabSize, c], init),
    ...repeatBlocks(config.nLayer, block),
    vector('norm.weight', c, 'ones'),
    ...(config.tieWordEmbeddings ? [] : [head('lm_head', [vocabSize, c], init)]),
  ];
}
