// nanochat (Karpathy 2025): norms without weights, also of queries and keys after their rotation (backwards, as its
// angles run), ReLU², no biases, an untied head, logits with a soft cap, windows short, short, short, long. Matrices that
// write to the residual stream start at zero. Weights lie [out, in].

import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import { createLayers } from '../blocks/layers.ts';
import { head, linear, repeatBlocks, table } from '../blocks/parameters.ts';
import { rotaryTables } from '../blocks/rotary.ts';
import { createSelfAttention, describeCache, splitHeads } from '../blocks/self-attention.ts';
import { checkHeads, groupSetting, resize, sizeSettings, windowSetting } from '../blocks/size-settings.ts';
import type {
  Architecture,
  ForwardInputs,
  ForwardResult,
  LanguageModel,
  ParameterSpec,
} from '../language-model.ts';
import { renameLlamaTensor } from './llama.ts';
import { readNanochatConfig, writeNanochatConfig, type NanochatConfig } from './nanochat-config.ts';

const createArchitecture = (type: NanochatConfig['modelType']): Architecture<NanochatConfig> => ({
  settings: { ...sizeSettings, ...groupSetting, ...windowSetting },
  fromJson: (json) => readNanochatConfig(type, json),
  change: changeConfig,
  create: createNanochat,
});

export const nanochat = createArchitecture('nanochat');
export const windowedNanochat = createArchitecture('nanochat_windowed');

function changeConfig(config: NanochatConfig, values: Readonly<Record<string, number>>): NanochatConfig {
  const { window = config.window ?? 0, ...changed } = values;
  const { window: _old, ...rest } = resize(config, changed);
  return window === 0
    ? { ...rest, modelType: 'nanochat' }
    : { ...rest, modelType: 'nanochat_windowed', window };
}

function createNanochat(config: NanochatConfig): LanguageModel {
  const size = checkHeads(config);
  const kept = { blocks: config.nLayer, heads: config.nKeyValueHead, size };
  return {
    type: config.modelType,
    vocabSize: config.vocabSize,
    maxLength: config.nPositions,
    startOfText: config.bosTokenId ?? config.eosTokenId,
    endOfText: config.eosTokenId,
    parameters: () => describeParameters(config, size),
    forward: (b, inputs) => forward(b, config, size, inputs),
    cache: (batch, length) => describeCache(kept, batch, length),
    toJson: () => writeNanochatConfig(config),
    rename: (name) => renameLlamaTensor(name, false),
    savedName: (name) => (name === 'lm_head.weight' ? name : `model.${name}`),
  };
}

function forward(b: Builder, config: NanochatConfig, size: number, inputs: ForwardInputs): ForwardResult {
  const { parameters: p, tokens, tap } = inputs;
  const { nLayer, nHead, nKeyValueHead, rope, rmsNormEpsilon: epsilon, softcap, window = 0 } = config;
  const { linear: project } = createLayers(b, inputs, { epsilon, outFirst: true });
  const { attend, filled } = createSelfAttention(b, inputs);
  const tables = rotaryTables(b, inputs, { rope, size, maxLength: config.nPositions, backwards: true });
  const norm = (x: Value) => o.rmsNorm(b, x, o.constant(b, 1, [x.shape[x.shape.length - 1]]), epsilon);

  let x = norm(o.gather(b, p['embed_tokens.weight'], tokens)); // [B, T, C]
  tap?.('embeddings', x);
  for (let i = 0; i < nLayer; i++) {
    const own = `layers.${i}`;
    x = b.region('block', () => {
      const mixed = b.region('attention', () => {
        const from = norm(x);
        const heads = (name: string, count: number) =>
          splitHeads(b, project(from, `${own}.self_attn.${name}_proj`), count);
        const turned = (name: string, count: number) => norm(o.rotary(b, heads(name, count), tables));
        const isShort = i % 4 !== 3 && i !== nLayer - 1;
        return attend({
          ...{ q: turned('q', nHead), k: turned('k', nKeyValueHead), v: heads('v', nKeyValueHead) },
          ...{ block: i, window: isShort ? window : 0 },
        });
      });
      const between = o.add(b, x, project(mixed, `${own}.self_attn.o_proj`));
      const wide = o.squaredRelu(b, project(norm(between), `${own}.mlp.fc1`));
      return o.add(b, between, project(wide, `${own}.mlp.fc2`));
    });
    tap?.(`block.${i}`, x);
  }
  const capped = softcap > 0 ? { softcap } : {};
  return { hidden: norm(x), head: p['lm_head.weight'], ...capped, cache: filled };
}

/** Deviations of the first weights are nanochat's own: 1 for tokens, 0.001 for the head, 1 / √width for what reads. */
function describeParameters(config: NanochatConfig, size: number): ParameterSpec[] {
  const { nEmbd: c, nInner, nHead, nKeyValueHead, vocabSize, initializerRange: std } = config;
  const [queries, keys] = [nHead * size, nKeyValueHead * size];
  const reads = { from: c, init: std ?? 1 / Math.sqrt(c), outFirst: true };
  const writes = { to: c, init: std ?? { kind: 'zeros' as const }, outFirst: true };
  const block = (i: number) => [
    ...linear(`layers.${i}.self_attn.q_proj`, { ...reads, to: queries }),
    ...linear(`layers.${i}.self_attn.k_proj`, { ...reads, to: keys }),
    ...linear(`layers.${i}.self_attn.v_proj`, { ...reads, to: keys }),
    ...linear(`layers.${i}.self_attn.o_proj`, { ...writes, from: queries }),
    ...linear(`layers.${i}.mlp.fc1`, { ...reads, to: nInner }),
    ...linear(`layers.${i}.mlp.fc2`, { ...writes, from: nInner }),
  ];
  return [
    table('embed_tokens', [vocabSize, c], std ?? 1),
    ...repeatBlocks(config.nLayer, block),
    head('lm_head', [vocabSize, c], std ?? 0.001),
  ];
}
