// The vision transformer of CLIP (Dosovitskiy et al. 2021; Radford et al. 2021): an image is cut into square patches, each
// patch is one position beside a learned one for the whole, and pre-norm blocks see all of them. Weights lie [out, in].

import { DataError } from '@gristmill/core';
import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import { createLayers } from '../blocks/layers.ts';
import { layerNorm, linear, repeatBlocks, table } from '../blocks/parameters.ts';
import {
  notModelled,
  readChoice,
  readNumber,
  refuseOthers,
  wrongConfig,
  type ConfigJson,
} from '../blocks/config-json.ts';
import { checkHeads } from '../blocks/size-settings.ts';
import type { ForwardInputs, ParameterSpec } from '../language-model.ts';

export interface VisionConfig {
  /** Pixels a side of an image, and of a patch. */
  readonly imageSize: number;
  readonly patchSize: number;
  readonly nLayer: number;
  readonly nHead: number;
  readonly nEmbd: number;
  readonly nInner: number;
  readonly activation: VisionActivation;
  readonly layerNormEpsilon: number;
  readonly initializerRange: number;
}

export type VisionActivation = 'quick_gelu' | 'gelu' | 'gelu_new';

const channels = 3;
const activations = { quick_gelu: 'quick_gelu', gelu: 'gelu', gelu_new: 'gelu_new' } as const;

/** @throws DataError `not-modelled`, `wrong-config` */
export function readVisionConfig(json: ConfigJson): VisionConfig {
  const type = String(json.model_type ?? 'clip_vision_model');
  if (type !== 'clip_vision_model')
    throw notModelled({ model_type: 'llava' }, 'a vision tower', type, 'it can be clip_vision_model');
  refuseOthers(json, { num_channels: channels, attention_dropout: 0 });
  const config = {
    imageSize: readNumber(json, 'image_size', 336),
    patchSize: readNumber(json, 'patch_size', 14),
    nLayer: readNumber(json, 'num_hidden_layers', 24),
    nHead: readNumber(json, 'num_attention_heads', 16),
    nEmbd: readNumber(json, 'hidden_size', 1024),
    nInner: readNumber(json, 'intermediate_size', 4096),
    activation: readChoice(json, 'hidden_act', activations, 'quick_gelu'),
    layerNormEpsilon: readNumber(json, 'layer_norm_eps', 1e-5),
    initializerRange: readNumber(json, 'initializer_range', 0.02),
  };
  if (config.patchSize >= 1 && config.imageSize >= config.patchSize) return config;
  throw wrongConfig('patch_size', config.patchSize, `it is at least 1 and at most image_size`);
}

/** @throws DataError `wrong-setting` where sizes do not go together */
export function checkVision(config: VisionConfig): void {
  checkHeads(config);
  if (config.patchSize <= config.imageSize) return;
  throw new DataError(
    'wrong-setting',
    `patchSize ${config.patchSize} is larger than imageSize ${config.imageSize}`,
    'lower --set patchSize or raise imageSize',
  );
}

export const writeVisionConfig = (config: VisionConfig): Record<string, unknown> => ({
  model_type: 'clip_vision_model',
  image_size: config.imageSize,
  patch_size: config.patchSize,
  num_channels: channels,
  num_hidden_layers: config.nLayer,
  num_attention_heads: config.nHead,
  hidden_size: config.nEmbd,
  intermediate_size: config.nInner,
  projection_dim: config.nEmbd,
  hidden_act: config.activation,
  layer_norm_eps: config.layerNormEpsilon,
  initializer_range: config.initializerRange,
  attention_dropout: 0,
});

/** Of CLIP's training images, red, green, blue, from 0 to 1. */
export const channelMeans = [0.48145466, 0.4578275, 0.40821073] as const;
export const channelDeviations = [0.26862954, 0.26130258, 0.27577711] as const;

/** preprocessor_config.json of CLIP: the shorter side scaled to the model's, the middle cut out, channels normed. */
export const describeImages = ({ imageSize: size }: VisionConfig): Record<string, unknown> => ({
  image_processor_type: 'CLIPImageProcessor',
  do_convert_rgb: true,
  do_resize: true,
  size: { shortest_edge: size },
  resample: 3, // cubic
  do_center_crop: true,
  crop_size: { height: size, width: size },
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: channelMeans,
  image_std: channelDeviations,
});

/** Patches a side; what does not fill a patch at the right and the bottom is not looked at. */
const sideOf = ({ imageSize, patchSize }: VisionConfig) => Math.floor(imageSize / patchSize);

export const countPatches = (config: VisionConfig): number => sideOf(config) ** 2;

/** Parameters by transformers' names under a prefix. */
export function describeVision(config: VisionConfig, prefix: string): ParameterSpec[] {
  const { nEmbd: c, nInner, nLayer, initializerRange: std, patchSize } = config;
  const dense = (name: string, from: number, to: number) =>
    linear(name, { from, to, init: std, bias: true, outFirst: true });
  const block = (i: number) => {
    const at = `${prefix}encoder.layers.${i}`;
    return [
      ...layerNorm(`${at}.layer_norm1`, c),
      ...['q_proj', 'k_proj', 'v_proj', 'out_proj'].flatMap((name) => dense(`${at}.self_attn.${name}`, c, c)),
      ...layerNorm(`${at}.layer_norm2`, c),
      ...dense(`${at}.mlp.fc1`, c, nInner),
      ...dense(`${at}.mlp.fc2`, nInner, c),
    ];
  };
  const init = { kind: 'normal', std } as const;
  return [
    { name: `${prefix}embeddings.class_embedding`, shape: [c], role: 'vector', init },
    {
      name: `${prefix}embeddings.patch_embedding.weight`,
      shape: [c, channels, patchSize, patchSize],
      role: 'embedding', // what meets the input is no matrix inside the network
      init,
    },
    table(`${prefix}embeddings.position_embedding`, [countPatches(config) + 1, c], std),
    ...layerNorm(`${prefix}pre_layrnorm`, c), // spelt so in every file
    ...repeatBlocks(nLayer, block),
    ...layerNorm(`${prefix}post_layernorm`, c),
  ];
}

export interface VisionInputs extends Pick<ForwardInputs, 'parameters' | 'counter' | 'tap'> {
  /** f32 [B, 3, S, S] */
  readonly pixels: Value;
  readonly prefix: string;
  /** So many blocks are computed. */
  readonly blocks: number;
}

/** Hidden states of the whole and of the patches, row by row: f32 [B, 1 + patches, C]. */
export function seePixels(b: Builder, config: VisionConfig, inputs: VisionInputs): Value {
  const { prefix, blocks, tap } = inputs;
  const heads = checkHeads(config);
  const { linear: project, layerNorm: norm } = createLayers(b, inputs, {
    epsilon: config.layerNormEpsilon,
    outFirst: true,
  });
  let x = norm(embedPatches(b, config, inputs), `${prefix}pre_layrnorm`);
  tap?.('vision.embeddings', x);
  const [batch, length, width] = x.shape;
  const split = (y: Value) => o.reshape(b, y, [batch, length, config.nHead, heads]);
  for (let i = 0; i < blocks; i++) {
    const at = `${prefix}encoder.layers.${i}`;
    x = b.region('block', () => {
      const mixed = b.region('attention', () => {
        const from = norm(x, `${at}.layer_norm1`);
        const [q, k, v] = ['q', 'k', 'v'].map((name) => split(project(from, `${at}.self_attn.${name}_proj`)));
        return o.reshape(b, o.attention(b, q, k, v).y, [batch, length, width]);
      });
      const between = o.add(b, x, project(mixed, `${at}.self_attn.out_proj`));
      const wide = project(norm(between, `${at}.layer_norm2`), `${at}.mlp.fc1`);
      return o.add(b, between, project(activate(b, wide, config.activation), `${at}.mlp.fc2`));
    });
    tap?.(`vision.block.${i}`, x);
  }
  return x;
}

/** A patch is a row of 3 · P · P numbers; what a convolution of stride P does is one product. */
function embedPatches(b: Builder, config: VisionConfig, inputs: VisionInputs): Value {
  const { parameters: p, pixels, prefix } = inputs;
  const { patchSize: size, nEmbd: width, imageSize } = config;
  const side = sideOf(config);
  const [batch] = pixels.shape;
  const seen = side * size;
  const whole = seen === imageSize ? pixels : o.slice(b, pixels, [0, 0, 0, 0], [batch, channels, seen, seen]);
  const cut = o.reshape(b, whole, [batch, channels, side, size, side, size]);
  const numbers = channels * size * size;
  const rows = o.reshape(b, o.transpose(b, cut, [0, 2, 4, 1, 3, 5]), [batch, side * side, numbers]);
  const kernel = o.reshape(b, p[`${prefix}embeddings.patch_embedding.weight`], [width, numbers]);
  const patches = o.linear(b, rows, kernel, { transposed: true });
  const own = o.reshape(b, p[`${prefix}embeddings.class_embedding`], [1, 1, width]);
  const all = o.concat(b, [o.broadcast(b, own, [batch, 1, width]), patches], 1);
  return o.add(b, all, p[`${prefix}embeddings.position_embedding.weight`]);
}

export function activate(b: Builder, x: Value, activation: VisionActivation): Value {
  if (activation !== 'quick_gelu') return o.gelu(b, x, { approximate: activation === 'gelu_new' });
  return o.multiply(b, o.silu(b, o.multiply(b, x, 1.702)), 1 / 1.702); // x · σ(1.702 x)
}
