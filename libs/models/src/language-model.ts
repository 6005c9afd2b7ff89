// What a model is to those who train it or let it write: parameters, and programs that it adds to a builder. Sizes and
// names inside are the architecture's own affair: each is a file of architectures/, made of what blocks/ has.

import type { OptionSchema } from '@gristmill/core';
import type { Builder, Type, Value } from '@gristmill/tensor';

/**
 * What an optimiser may know of a parameter: a lookup table, a head that is none, a matrix inside the network, or anything
 * of one axis.
 */
export type ParameterRole = 'embedding' | 'head' | 'matrix' | 'vector';

export type ParameterInit =
  { readonly kind: 'normal'; readonly std: number } | { readonly kind: 'zeros' | 'ones' };

export interface ParameterSpec {
  /** Hugging Face's name, without prefix. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: ParameterRole;
  /** The last axis is so many equal matrices side by side, such as queries, keys and values. Default 1. */
  readonly split?: number;
  /** A matrix lies [out, in], else [in, out]. */
  readonly outFirst?: boolean;
  readonly init: ParameterInit;
}

export type Parameters = Readonly<Record<string, Value>>;

/** Keys and values of earlier positions. */
export interface CacheInputs {
  /** By the names of `LanguageModel.cache`. */
  readonly state: Readonly<Record<string, Value>>;
  /** i32 []: how many positions are filled, the same for all sequences. */
  readonly start: Value;
}

/** What an encoder reads. */
export interface EncoderInputs {
  /** i32 [B, S] */
  readonly tokens: Value;
  /** i32 [B, S]; default: 0 … S−1. */
  readonly positions?: Value;
  /** i32 [B, S]: a token is seen by those of its own document alone, in the encoder and in the decoder. */
  readonly segments?: Value;
}

/** What a decoder reads of what an encoder made. */
export interface Encoded {
  /** By the names of `LanguageModel.encode`. */
  readonly state: Readonly<Record<string, Value>>;
  /** i32 [B, S] */
  readonly segments?: Value;
}

export interface ForwardInputs {
  readonly parameters: Parameters;
  /** i32 [B, T] */
  readonly tokens: Value;
  /** i32 [B, T]; default: 0 … T−1, after the cache's start where there is one. */
  readonly positions?: Value;
  /** i32 [B, T]: a token sees those of its own document alone. Without a cache. */
  readonly segments?: Value;
  /** i32 [B, T]: of which part of a pair a token is, for models that embed that. */
  readonly tokenTypes?: Value;
  /** i32 [B]: so many first tokens are seen by all, for decoders. */
  readonly prefix?: Value;
  /** Of an encoder-decoder: what its encoder reads, */
  readonly encoder?: EncoderInputs;
  /** or what it made of that. */
  readonly encoded?: Encoded;
  /** f32 [B, 3, S, S]: the image of each row, for models that see, */
  readonly pixels?: Value;
  /** or what `see` made of it. */
  readonly seen?: Value;
  /** i32 [B, T]: which position of the image stands in a token's place; −1: none, the token counts. */
  readonly imagePlaces?: Value;
  /** f32 [B, T, C]: stand in the place of the tokens'; for models that are part of another. */
  readonly embeddings?: Value;
  /** u32 [3] [seed, step, lane]; without it nothing is dropped. */
  readonly counter?: Value;
  readonly cache?: CacheInputs;
  /** Called with values inside by name (`embeddings`, `block.0` …), for whoever wants to look at them. */
  readonly tap?: (name: string, value: Value) => void;
}

export interface ForwardResult {
  /** f32 [B, T, C]: logits are hidden · headᵀ (`logitsOf`). */
  readonly hidden: Value;
  /** f32 [V, C] */
  readonly head: Value;
  /** f32 [V], added to logits. */
  readonly bias?: Value;
  /** Whether the second part of a row follows the first: logits [B, 2] are pooled · tableᵀ + bias. */
  readonly sentence?: { readonly pooled: Value; readonly table: Value; readonly bias: Value };
  /** Logits stay within ± this, c · tanh(x / c). */
  readonly softcap?: number;
  /** The cache with these tokens in it; absent where none was given. */
  readonly cache?: Readonly<Record<string, Value>>;
}

/**
 * decoder: each token is predicted from those before it. encoder: hidden ones from all others. encoder-decoder: a text
 * from another one.
 */
export type ModelKind = 'decoder' | 'encoder' | 'encoder-decoder';

/** Tokens that an objective, or whoever asks a model, needs beside those of texts. */
export interface SpecialTokens {
  /** Fills rows. */
  readonly pad?: number;
  /** Stands for what is hidden. */
  readonly mask?: number;
  /** Begins a row, and ends each of its parts. */
  readonly classify?: number;
  readonly separate?: number;
  /** What a decoder begins with. */
  readonly decoderStart?: number;
  /** Stands for the first span that is left out; those of the spans after it count down. */
  readonly firstSentinel?: number;
  /** Stands for a position of an image. */
  readonly image?: number;
}

/** The image that a model sees. */
export interface ImageInput {
  /** Pixels a side. */
  readonly size: number;
  /** Positions of a text that it takes. */
  readonly tokens: number;
}

export interface LanguageModel {
  /** `model_type` of config.json. */
  readonly type: string;
  /** Default decoder. */
  readonly kind?: ModelKind;
  readonly specialTokens?: SpecialTokens;
  /** Hidden states alone, without a head that predicts tokens. Default no. */
  readonly isBare?: boolean;
  /** Whether it can tell if a text follows another. Default no. */
  readonly judgesSentences?: boolean;
  /** Of a model that sees. */
  readonly image?: ImageInput;
  readonly vocabSize: number;
  /** Longest sequence in tokens. */
  readonly maxLength: number;
  /** Token before the first of a text. */
  readonly startOfText: number;
  /** Token that ends a document. */
  readonly endOfText: number;
  parameters(): readonly ParameterSpec[];
  /** Adds the forward pass up to the head. */
  forward(b: Builder, inputs: ForwardInputs): ForwardResult;
  /** Of an encoder-decoder: adds the encoder, and what the decoder's blocks read of it, by name. */
  encode?(
    b: Builder,
    inputs: Pick<ForwardInputs, 'parameters' | 'counter'> & EncoderInputs,
  ): Readonly<Record<string, Value>>;
  /** Of a model that sees: adds what it makes of images [B, 3, S, S], f32 [B, tokens of an image, C]. */
  see?(b: Builder, inputs: Pick<ForwardInputs, 'parameters' | 'counter'> & { readonly pixels: Value }): Value;
  /** What is kept of `length` positions of each of `batch` sequences, zeros at first. */
  cache(batch: number, length: number): Readonly<Record<string, Type>>;
  /** config.json */
  toJson(): Record<string, unknown>;
  /** preprocessor_config.json of a model that sees: how others prepare an image as it is prepared here. */
  preprocessorJson?(): Record<string, unknown>;
  /** Our name of a tensor in a file, whatever prefix it was saved with; undefined for buffers that are no weights. */
  rename(name: string): string | undefined;
  /** The name under which the tensor is saved. */
  savedName(name: string): string;
}

/** Fields that every architecture's configuration has; the rest is its own. */
export interface CommonConfig {
  readonly modelType: string;
  readonly vocabSize: number;
  readonly eosTokenId: number;
  /** Longest sequence. */
  readonly nPositions: number;
  /** Blocks. */
  readonly nLayer: number;
  readonly nHead: number;
  /** Width. */
  readonly nEmbd: number;
}

/** A token that is no text's. */
export interface SpecialTokenField {
  /** Field of the configuration. */
  readonly field: string;
  /** What it is called in a tokenizer.json. */
  readonly spellings: readonly string[];
  /** So many of them, of which the field names the one with the highest id. Default 1. */
  readonly count?: number;
}

/** A family of models: how its configuration is read, changed, and becomes a model. */
export interface Architecture<Config extends CommonConfig = CommonConfig> {
  /** Fields that a run may set, all of them numbers. */
  readonly settings: OptionSchema;
  /** @throws DataError `not-modelled` where config.json asks for what is not there */
  fromJson(json: Readonly<Record<string, unknown>>): Config;
  /** Values by the names of `settings`, checked for their kind already. */
  change(config: Config, values: Readonly<Record<string, number>>): Config;
  /** Tokens that its objectives need. Default none. */
  readonly specialTokens?: readonly SpecialTokenField[];
  /** @throws DataError `wrong-setting` where the sizes do not go together */
  create(config: Config): LanguageModel;
}

/** Number of parameters of a model. */
export function countParameters(model: LanguageModel): number {
  return model
    .parameters()
    .reduce((sum, { shape }) => sum + shape.reduce((size, length) => size * length, 1), 0);
}
