// LLaVA (Liu et al. 2023, 2024), the open form of a GPT-4 that sees: what a vision tower makes of an image's patches is
// projected to the width of a decoder and stands in a row in the place of tokens; the decoder does the rest.

import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import { createLayers } from '../blocks/layers.ts';
import { linear } from '../blocks/parameters.ts';
import type {
  Architecture,
  ForwardInputs,
  ForwardResult,
  LanguageModel,
  ParameterSpec,
  Parameters,
} from '../language-model.ts';
import { activate, checkVision, describeImages, describeVision, seePixels } from './clip-vision.ts';
import {
  changeVision,
  countImageTokens,
  countSeeingBlocks,
  llavaSettings,
  readLlavaConfig,
  textConfigOf,
  visionSettings,
  writeLlavaConfig,
  type LlavaConfig,
} from './llava-config.ts';
import * as textArchitectures from './llama.ts';

export const llava: Architecture<LlavaConfig> = {
  settings: llavaSettings,
  specialTokens: [{ field: 'imageTokenId', spellings: ['<image>'] }],
  fromJson: readLlavaConfig,
  change: changeConfig,
  create: createLlava,
};

function changeConfig(config: LlavaConfig, values: Readonly<Record<string, number>>): LlavaConfig {
  const ofText = Object.entries(values).filter(([name]) => !Object.hasOwn(visionSettings, name));
  const architecture = textArchitectures[config.textType];
  const text = architecture.change(textConfigOf(config), Object.fromEntries(ofText));
  return { ...config, ...text, modelType: 'llava', vision: changeVision(config.vision, values) };
}

const [tower, projector, language] = ['vision_tower.', 'multi_modal_projector.', 'language_model.'];

function createLlava(config: LlavaConfig): LanguageModel {
  const text = textArchitectures[config.textType].create(textConfigOf(config));
  checkVision(config.vision);
  countSeeingBlocks(config);
  const specs = [
    ...describeVision(config.vision, tower),
    ...describeProjector(config),
    ...text.parameters().map((spec) => ({ ...spec, name: language + spec.name })),
  ];
  return {
    ...text,
    type: 'llava',
    specialTokens: { image: config.imageTokenId },
    image: { size: config.vision.imageSize, tokens: countImageTokens(config) },
    parameters: () => specs,
    see: (b, inputs) => see(b, config, inputs),
    forward: (b, inputs) => forward(b, config, text, inputs),
    toJson: () => writeLlavaConfig(config),
    preprocessorJson: () => describeImages(config.vision),
    rename: (name) => rename(name, text),
    savedName: (name) => savedName(name, text),
  };
}

/** transformers writes `language_model.model.…` and, in memory, has `model.language_model.…` and `lm_head`. */
function rename(name: string, text: LanguageModel): string | undefined {
  const bare = name.replace(/^model\./, '');
  if (bare.startsWith(language) || bare === 'lm_head.weight') {
    const own = text.rename(bare.replace(language, ''));
    return own && language + own;
  }
  const seeing = bare.replace(/^vision_tower\.vision_model\./, tower);
  return seeing === `${tower}embeddings.position_ids` ? undefined : seeing;
}

/** As the published files have it, which every version of transformers reads. */
function savedName(name: string, text: LanguageModel): string {
  if (name.startsWith(language)) return language + text.savedName(name.slice(language.length));
  return name.replace(tower, `${tower}vision_model.`);
}

/** f32 [B, tokens of an image, C] */
function see(
  b: Builder,
  config: LlavaConfig,
  inputs: Pick<ForwardInputs, 'parameters' | 'counter' | 'tap'> & { readonly pixels: Value },
): Value {
  const { linear: project } = createLayers(b, inputs, { epsilon: 0, outFirst: true });
  const states = seePixels(b, config.vision, { ...inputs, prefix: tower, blocks: countSeeingBlocks(config) });
  const [batch, length, width] = states.shape;
  const taken = config.takesWhole ? states : o.slice(b, states, [0, 1, 0], [batch, length, width]);
  const between = activate(b, project(taken, `${projector}linear_1`), config.projectorActivation);
  return project(between, `${projector}linear_2`);
}

function forward(b: Builder, config: LlavaConfig, text: LanguageModel, inputs: ForwardInputs): ForwardResult {
  const { pixels, imagePlaces } = inputs;
  const parameters = ofLanguage(inputs.parameters);
  const seen = inputs.seen ?? (pixels && see(b, config, { ...inputs, pixels }));
  const embeddings =
    seen && imagePlaces && placeImage(b, { seen, imagePlaces, words: wordsOf(b, parameters, inputs) });
  return text.forward(b, { ...inputs, parameters, embeddings });
}

const wordsOf = (b: Builder, parameters: Parameters, { tokens }: ForwardInputs) =>
  o.gather(b, parameters['embed_tokens.weight'], tokens);

const ofLanguage = (parameters: Parameters): Parameters =>
  Object.fromEntries(
    Object.entries(parameters)
      .filter(([name]) => name.startsWith(language))
      .map(([name, value]) => [name.slice(language.length), value]),
  );

interface Placed {
  /** f32 [B, N, C] */
  readonly seen: Value;
  /** i32 [B, T] */
  readonly imagePlaces: Value;
  /** f32 [B, T, C] */
  readonly words: Value;
}

/** Where a place is not negative, that position of the image instead of the word: f32 [B, T, C]. */
function placeImage(b: Builder, { seen, imagePlaces, words }: Placed): Value {
  const [batch, count, width] = seen.shape;
  const [, length] = imagePlaces.shape;
  const first = o.multiply(b, o.iota(b, [batch, length], 0), count);
  const rows = o.add(b, first, o.maximum(b, imagePlaces, 0));
  const image = o.gather(b, o.reshape(b, seen, [batch * count, width]), rows);
  const isWord = o.reshape(b, o.less(b, imagePlaces, 0), [batch, length, 1]);
  return o.select(b, isWord, words, image);
}

function describeProjector({ vision, nEmbd: width, projectorBias: bias = true, ...config }: LlavaConfig) {
  const dense = (name: string, from: number): ParameterSpec[] =>
    linear(projector + name, { from, to: width, init: config.initializerRange, bias, outFirst: true });
  return [...dense('linear_1', vision.nEmbd), ...dense('linear_2', width)];
}
