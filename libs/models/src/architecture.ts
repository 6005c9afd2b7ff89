// What a family of models is to the trainer: its configuration in and out, its parameters, and the program of its
// forward pass. GPT-2 is one file that exports one of these; another family is another file.

import type { Builder, Value } from '@gristmill/tensor';
import { gpt2 } from './gpt2.ts';

/** What every decoder-only family needs; a family may have more in its own config. */
export interface ModelConfig {
  /** `model_type` of config.json. */
  readonly modelType: string;
  readonly vocabSize: number;
  /** Longest sequence. */
  readonly nPositions: number;
  readonly nLayer: number;
  readonly nHead: number;
  readonly nEmbd: number;
  readonly dropout: number;
  readonly layerNormEpsilon: number;
  readonly initializerRange: number;
  /** Token that ends a document. */
  readonly eosTokenId: number;
}

export interface ParameterSpec {
  /** Hugging Face's name, without prefix. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly init: { readonly kind: 'normal'; readonly std: number } | { readonly kind: 'zeros' | 'ones' };
  /** A matrix inside a block, as Muon takes them; embeddings, biases and norms are not. */
  readonly hidden: boolean;
}

export type Parameters = Readonly<Record<string, Value>>;

export interface ForwardOptions {
  readonly config: ModelConfig;
  readonly parameters: Parameters;
  /** i32 [B, T] */
  readonly tokens: Value;
  /** u32 [3] [seed, step, lane]; without it nothing is dropped. */
  readonly counter?: Value;
}

export interface Architecture {
  parameters(config: ModelConfig): readonly ParameterSpec[];
  /** Adds the forward pass up to the head: [B, T, C]. */
  forward(b: Builder, options: ForwardOptions): Value;
  /** Name of the parameter [V, C] that the head multiplies by. */
  readonly head: string;
  fromJson(json: Readonly<Record<string, unknown>>): ModelConfig;
  toJson(config: ModelConfig): Record<string, unknown>;
  /** Our name of a tensor in a file, whatever prefix it was saved with; undefined for buffers that are no weights. */
  rename(name: string): string | undefined;
  /** The name under which the tensor is saved. */
  savedName(name: string): string;
}

export const architectures: Readonly<Record<string, Architecture>> = { gpt2 };
