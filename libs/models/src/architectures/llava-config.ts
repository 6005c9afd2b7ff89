// The configuration of LLaVA: that of its language model, and beside it that of what sees.

import type { OptionSchema } from '@gristmill/core';
import {
  compact,
  notModelled,
  readChoice,
  readFlag,
  readNumber,
  unless,
  wrongConfig,
  type ConfigJson,
} from '../blocks/config-json.ts';
import {
  countPatches,
  readVisionConfig,
  writeVisionConfig,
  type VisionActivation,
  type VisionConfig,
} from './clip-vision.ts';
import {
  readLlamaConfig,
  windowedLlamaSettings,
  writeLlamaConfig,
  type LlamaConfig,
  type LlamaType,
} from './llama-config.ts';

/** The language model's fields, and: */
export interface LlavaConfig extends Omit<LlamaConfig, 'modelType'> {
  readonly modelType: 'llava';
  readonly textType: LlamaType;
  readonly vision: VisionConfig;
  /** Stands in the text for a position of the image; absent until a vocabulary is known. */
  readonly imageTokenId?: number;
  /** Which hidden states of the vision tower are taken: after so many blocks, or from the end, −1 being the last. */
  readonly visionFeatureLayer: number;
  /** The position of the whole image is taken too. */
  readonly takesWhole?: boolean;
  readonly projectorActivation: VisionActivation;
  /** Default true. */
  readonly projectorBias?: boolean;
}

const count = (description: string) => ({ type: 'integer', least: 1, description }) as const;

export const visionSettings = {
  imageSize: count('Pixels a side of the image that a model sees.'),
  patchSize: count('Pixels a side of a patch, of which each is a position.'),
  visionLayers: count('Blocks of the vision tower.'),
  visionHeads: count('Heads of attention of the vision tower.'),
  visionWidth: count('Width of the vision tower.'),
  visionInner: count('Width of its feed-forward layers.'),
} as const satisfies OptionSchema;

export const llavaSettings = { ...windowedLlamaSettings, ...visionSettings };

const visionFields: Readonly<Record<keyof typeof visionSettings, keyof VisionConfig>> = {
  imageSize: 'imageSize',
  patchSize: 'patchSize',
  visionLayers: 'nLayer',
  visionHeads: 'nHead',
  visionWidth: 'nEmbd',
  visionInner: 'nInner',
};

/** Values by the names of `visionSettings`; feed-forward layers keep their proportion to the width. */
export function changeVision(vision: VisionConfig, values: Readonly<Record<string, number>>): VisionConfig {
  const changed: VisionConfig = {
    ...vision,
    ...Object.fromEntries(
      Object.entries(visionFields)
        .filter(([name]) => name in values)
        .map(([name, field]) => [field, values[name]]),
    ),
  };
  if (!('visionWidth' in values) || 'visionInner' in values) return changed;
  return { ...changed, nInner: Math.round((vision.nInner * changed.nEmbd) / vision.nEmbd) };
}

const textTypes = { llama: 'llama', qwen2: 'qwen2', mistral: 'mistral', smollm3: 'smollm3' } as const;
const activations = { quick_gelu: 'quick_gelu', gelu: 'gelu', gelu_new: 'gelu_new' } as const;

/** @throws DataError `not-modelled`, `wrong-config` */
export function readLlavaConfig(json: ConfigJson): LlavaConfig {
  const textJson = readPart(json, 'text_config');
  const textType = readChoice(textJson, 'model_type', textTypes, 'llama');
  const { modelType: _, ...text } = readLlamaConfig(textType, textJson);
  const strategy = readChoice(json, 'vision_feature_select_strategy', { default: 1, full: 0 }, 'default');
  const tied = readFlag(json, 'tie_word_embeddings', false) || text.tieWordEmbeddings;
  return compact({
    ...text,
    modelType: 'llava' as const,
    textType,
    tieWordEmbeddings: unless(tied ?? false, false),
    vision: readVisionConfig(readPart(json, 'vision_config')),
    imageTokenId: readNumber(json, 'image_token_index', readNumber(json, 'image_token_id', 32000)),
    visionFeatureLayer: readLayer(json),
    takesWhole: unless(strategy === 0, false),
    projectorActivation: readChoice(json, 'projector_hidden_act', activations, 'gelu'),
    projectorBias: unless(readFlag(json, 'multimodal_projector_bias', true), true),
  });
}

function readPart(json: ConfigJson, name: string): ConfigJson {
  const part = json[name] ?? {};
  if (typeof part === 'object' && !Array.isArray(part)) return part as ConfigJson;
  throw wrongConfig(name, part, 'it is an object');
}

function readLayer(json: ConfigJson): number {
  const layer = json.vision_feature_layer ?? -2;
  if (Number.isInteger(layer)) return layer as number;
  throw notModelled(
    json,
    'vision_feature_layer',
    JSON.stringify(layer),
    'one layer is taken, a whole number',
  );
}

export function writeLlavaConfig(config: LlavaConfig): Record<string, unknown> {
  const { tieWordEmbeddings = false, takesWhole = false } = config;
  return {
    architectures: ['LlavaForConditionalGeneration'],
    model_type: 'llava',
    text_config: writeLlamaConfig(textConfigOf(config)),
    vision_config: writeVisionConfig(config.vision),
    image_token_index: config.imageTokenId,
    image_seq_length: countImageTokens(config),
    vision_feature_layer: config.visionFeatureLayer,
    vision_feature_select_strategy: takesWhole ? 'full' : 'default',
    projector_hidden_act: config.projectorActivation,
    multimodal_projector_bias: config.projectorBias ?? true,
    tie_word_embeddings: tieWordEmbeddings,
    torch_dtype: 'float32',
  };
}

export const textConfigOf = ({ textType, ...config }: LlavaConfig): LlamaConfig => {
  const { vision: _1, imageTokenId: _2, visionFeatureLayer: _3, takesWhole: _4, ...rest } = config;
  const { projectorActivation: _5, projectorBias: _6, ...text } = rest;
  return { ...text, modelType: textType };
};

/** Positions of the text that an image takes. */
export const countImageTokens = ({ vision, takesWhole = false }: LlavaConfig): number =>
  countPatches(vision) + Number(takesWhole);

/** How many blocks of the vision tower are computed. @throws DataError `wrong-config` */
export function countSeeingBlocks({ vision: { nLayer }, visionFeatureLayer: layer }: LlavaConfig): number {
  const blocks = layer < 0 ? nLayer + 1 + layer : layer;
  if (blocks >= 0 && blocks <= nLayer) return blocks;
  throw wrongConfig('vision_feature_layer', layer, `the vision tower has ${nLayer} blocks`);
}
