// What a model is to those who train it or let it write: parameters, and programs that it adds to a builder. Sizes and
// names inside are the architecture's own affair: each is a file of architectures/, made of what blocks/ has.

import type { OptionSchema } from '@gristmill/core';
import type { Builder, Type, Value } from '@gristmill/tensor';

/** What an optimiser may know of a parameter: a lookup table, a matrix inside the network, or anything of one axis. */
export type ParameterRole = 'embedding' | 'matrix' | 'vector';

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

export interface ForwardInputs {
  readonly parameters: Parameters;
  /** i32 [B, T] */
  readonly tokens: Value;
  /** i32 [B, T]; default: 0 … T−1, after the cache's start where there is one. */
  readonly positions?: Value;
  /** i32 [B, T]: a token sees those of its own document alone. Without a cache. */
  readonly segments?: Value;
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
  /** Logits stay within ± this, c · tanh(x / c). */
  readonly softcap?: number;
  /** The cache with these tokens in it; absent where none was given. */
  readonly cache?: Readonly<Record<string, Value>>;
}

export interface LanguageModel {
  /** `model_type` of config.json. */
  readonly type: string;
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
  /** What is kept of `length` positions of each of `batch` sequences, zeros at first. */
  cache(batch: number, length: number): Readonly<Record<string, Type>>;
  /** config.json */
  toJson(): Record<string, unknown>;
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

/** A family of models: how its configuration is read, changed, and becomes a model. */
export interface Architecture<Config extends CommonConfig = CommonConfig> {
  /** Fields that a run may set, all of them numbers. */
  readonly settings: OptionSchema;
  /** @throws DataError `not-modelled` where config.json asks for what is not there */
  fromJson(json: Readonly<Record<string, unknown>>): Config;
  /** Values by the names of `settings`, checked for their kind already. */
  change(config: Config, values: Readonly<Record<string, number>>): Config;
  /** @throws DataError `wrong-setting` where the sizes do not go together */
  create(config: Config): LanguageModel;
}

/** Number of parameters of a model. */
export function countParameters(model: LanguageModel): number {
  return model
    .parameters()
    .reduce((sum, { shape }) => sum + shape.reduce((size, length) => size * length, 1), 0);
}
