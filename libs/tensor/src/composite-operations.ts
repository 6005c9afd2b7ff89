// The composites as functions, with their attributes named and typed. Every function adds to the builder that is its
// first argument; what a composite computes is said where it is defined (composites/).

import type { AdamWAttributes } from './composites/adamw.ts';
import type { AttentionAttributes } from './composites/attention.ts';
import { isTarget } from './composites/cross-entropy.ts';
import type { Builder } from './definition.ts';
import * as o from './primitive-operations.ts';
import type { Value } from './program.ts';

export interface LinearOptions {
  readonly bias?: Value;
  /** The weight is [out, in], not [in, out]. */
  readonly transposed?: boolean;
}
/** x W + bias over the last axis. */
export function linear(b: Builder, x: Value, weight: Value, options: LinearOptions = {}): Value {
  const { bias, transposed = false } = options;
  return b.apply('linear', bias ? [x, weight, bias] : [x, weight], { transposed });
}

/** Over the last axis; scale and shift are [C]. */
export const layerNorm = (b: Builder, x: Value, scale: Value, shift: Value, epsilon: number) =>
  b.apply('layerNorm', [x, scale, shift], { epsilon });
export const rmsNorm = (b: Builder, x: Value, scale: Value, epsilon: number) =>
  b.apply('rmsNorm', [x, scale], { epsilon });

/** In the tanh form (GPT-2) or exactly (BERT). */
export const gelu = (b: Builder, x: Value, { approximate }: { approximate: boolean }) =>
  b.apply('gelu', [x], { approximate });
/** max(x, 0)² */
export const relu = (b: Builder, x: Value) => b.apply('relu', [x]);
export const squaredRelu = (b: Builder, x: Value) => b.apply('squaredRelu', [x]);
export const silu = (b: Builder, x: Value) => b.apply('silu', [x]);
/** silu(gate) · up */
export const swiglu = (b: Builder, gate: Value, up: Value) => b.apply('swiglu', [gate, up]);
/** cap · tanh(x / cap): x, but never beyond ± cap (Gemma 2). */
export const softcap = (b: Builder, x: Value, cap: number) =>
  o.multiply(b, o.tanh(b, o.multiply(b, x, 1 / cap)), cap);
/** Over the last axis. */
export const softmax = (b: Builder, x: Value) => b.apply('softmax', [x]);

/** x [B, T, H, D] turned by tables cos and sin, [T, R/2] or [B, T, R/2]: pairs are halves, or neighbours if interleaved. */
export const rotary = (b: Builder, x: Value, tables: { cos: Value; sin: Value; interleaved?: boolean }) =>
  b.apply('rotary', [x, tables.cos, tables.sin], { interleaved: tables.interleaved ?? false });

export interface Dropout {
  readonly rate: number;
  /** u32 [3] [seed, step, lane] */
  readonly counter: Value;
}
/** Draws from a stream of its own; x itself at a rate of 0. */
export const dropout = (b: Builder, x: Value, { rate, counter }: Dropout) =>
  rate === 0 ? x : b.apply('dropout', [x, counter], { rate, stream: b.nextStream() });

export interface AttentionOptions {
  /** [H or 1, Tq, Tk], added to the scores. */
  readonly bias?: Value;
  /** i32 [B, Tq] and [B, Tk]: a query sees keys of its own segment. */
  readonly segments?: readonly [query: Value, key: Value];
  /** i32 [] or [B]: the position of the first query; 0 without. */
  readonly queryOffset?: Value;
  /** i32 [B]: of causal attention, so many first keys are seen by every query. */
  readonly prefix?: Value;
  readonly causal?: boolean;
  /** A key is seen at a distance below this; 0: at any. */
  readonly window?: number;
  /** 1 / √D without. */
  readonly scale?: number;
  /** ALiBi's, one a head. */
  readonly slopes?: readonly number[];
  readonly dropout?: Dropout;
}
/** q [B, Tq, H, D], k and v [B, Tk, Hkv, D] → y [B, Tq, H, D], logSumExp [B, H, Tq]. */
export function attention(b: Builder, q: Value, k: Value, v: Value, options: AttentionOptions = {}) {
  const { bias, segments, queryOffset, prefix, causal = false, window = 0, dropout: drop } = options;
  const drops = drop !== undefined && drop.rate > 0;
  const rest = [bias, ...(segments ?? []), queryOffset, prefix, drops ? drop.counter : undefined];
  const attributes: AttentionAttributes = {
    causal,
    window,
    scale: options.scale ?? 1 / Math.sqrt(q.shape[3]),
    slopes: options.slopes ?? [],
    dropout: drops ? drop.rate : 0,
    stream: drops ? b.nextStream() : 0,
    hasBias: bias !== undefined,
    hasSegments: segments !== undefined,
    hasQueryOffset: queryOffset !== undefined,
    ...(prefix ? { hasPrefix: true } : {}),
  };
  const inputs = [q, k, v, ...rest.filter((input) => input !== undefined)];
  const [y, logSumExp] = b.applyAll('attention', inputs, attributes);
  return { y, logSumExp };
}

/** Parts of these lengths along an axis. */
export const split = (b: Builder, x: Value, sizes: readonly number[], axis: number) =>
  b.applyAll('split', [x], { sizes, axis });

export interface CrossEntropyOptions {
  /** [V], added to the logits. */
  readonly bias?: Value;
  /** Rows whose logits exist at once; 0 keeps all for the backward pass. */
  readonly chunk?: number;
  /** Label smoothing. */
  readonly smoothing?: number;
  /** Logits z become c · tanh(z / c). */
  readonly softcap?: number;
}
/**
 * hidden [N, C], table [V, C], targets i32[N] → losses f32[N, 1] in nats; 0 for a target outside the table, such as −1.
 * The loss is their sum over `countTargets`.
 */
export function crossEntropy(
  b: Builder,
  hidden: Value,
  table: Value,
  targets: Value,
  options: CrossEntropyOptions = {},
): Value {
  const { bias, chunk = 0, smoothing = 0, softcap = 0 } = options;
  const inputs = bias ? [hidden, table, targets, bias] : [hidden, table, targets];
  return b.apply('crossEntropy', inputs, { chunk, smoothing, softcap });
}

/** How many of the targets i32[N] count: f32 scalar. */
export const countTargets = (b: Builder, targets: Value, vocabSize: number) =>
  o.sumAll(b, o.convert(b, isTarget(b, targets, vocabSize), 'f32'));

/** Σ x², a scalar. */
export const sumSquares = (b: Builder, x: Value) => b.apply('sumSquares', [x]);

export interface AdamWTensors {
  readonly parameter: Value;
  readonly gradient: Value;
  readonly m: Value;
  readonly v: Value;
  /** f32 [4] [learningRate, 1 − β1^t, 1 − β2^t, factor of the gradient] */
  readonly scalars: Value;
}
/** The parameter and its moments after a step. */
export function adamw(b: Builder, tensors: AdamWTensors, attributes: AdamWAttributes) {
  const { parameter, gradient, m, v, scalars } = tensors;
  const updated = b.applyAll('adamw', [parameter, gradient, m, v, scalars], attributes);
  return { parameter: updated[0], m: updated[1], v: updated[2] };
}
