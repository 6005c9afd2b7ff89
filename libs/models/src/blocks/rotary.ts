// Angles of rotary positions (Su et al. 2021), as they were or stretched to longer texts than a model was trained on:
// linear (Chen et al. 2023), NTK-aware by the length ("dynamic"), YaRN (Peng et al. 2023), and Llama 3.1's.

import { operations as o, type Builder, type Value } from '@gristmill/tensor';
import type { ForwardInputs } from '../language-model.ts';
import { positionsOf } from './positions.ts';

export type RopeScaling =
  /** Positions are divided by the factor. */
  | { readonly type: 'linear'; readonly factor: number }
  /** Beyond the model's own length the base grows with the length that is computed. */
  | { readonly type: 'dynamic'; readonly factor: number }
  | YarnScaling
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly originalLength: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
    };

export interface YarnScaling {
  readonly type: 'yarn';
  readonly factor: number;
  /** Longest sequence before. */
  readonly originalLength: number;
  /** Turns within that length above which a coordinate stays as it is (32), and below which it is stretched whole (1). */
  readonly betaFast?: number;
  readonly betaSlow?: number;
  /** Factor of cos and sin; else 1 + 0.1 ln factor, or by the two mscales. */
  readonly attentionFactor?: number;
  readonly mscale?: number;
  readonly mscaleAllDim?: number;
  /** False: the borders between are not rounded. */
  readonly truncate?: boolean;
}

export interface Rope {
  readonly theta: number;
  readonly scaling?: RopeScaling;
}

export interface RopeTables {
  /** [T, D/2], or [B, T, D/2] where positions are given. */
  readonly cos: Value;
  readonly sin: Value;
}

export interface RotaryOptions {
  readonly rope: Rope;
  /** Width of a head. */
  readonly size: number;
  /** Longest sequence before any stretching by the length. */
  readonly maxLength: number;
  /** Turns the other way, as nanochat does. */
  readonly backwards?: boolean;
}

export function rotaryTables(b: Builder, inputs: ForwardInputs, options: RotaryOptions): RopeTables {
  const { size, backwards = false } = options;
  const { frequencies, factor } = findFrequencies(options, computedLength(inputs));
  const positions = positionsOf(b, inputs);
  const column = o.reshape(b, o.convert(b, positions, 'f32'), [...positions.shape, 1]);
  const row = o.reshape(b, o.literal(b, frequencies), [...positions.shape.map(() => 1), size / 2]);
  const angles = o.multiply(b, column, row);
  const scaled = (x: Value, by: number) => (by === 1 ? x : o.multiply(b, x, by));
  return {
    cos: scaled(o.cos(b, angles), factor),
    sin: scaled(o.sin(b, angles), backwards ? -factor : factor),
  };
}

/** Longest sequence before it was stretched. */
function originalLength({ scaling }: Rope, nPositions: number): number {
  if (scaling?.type === 'yarn' || scaling?.type === 'llama3') return scaling.originalLength;
  return scaling?.type === 'linear' ? Math.round(nPositions / scaling.factor) : nPositions;
}

/**
 * Angles for texts that are longer by a factor, and the length that config.json then names: always counted from the length
 * before any stretching, so that the same again changes nothing. A factor of 1 takes a stretching back.
 */
export function stretchRope(
  given: { readonly rope: Rope; readonly nPositions: number },
  factors: Readonly<Record<'yarn' | 'linear' | 'dynamic', number | undefined>>,
): { rope: Rope; nPositions: number } {
  const found = Object.entries(factors).find(([, factor]) => factor !== undefined);
  if (found === undefined) return given;
  const [type, factor = 1] = found as [keyof typeof factors, number];
  const original = originalLength(given.rope, given.nPositions);
  const { theta } = given.rope;
  if (factor === 1) return { rope: { theta }, nPositions: original };
  if (type === 'dynamic') return { rope: { theta, scaling: { type, factor } }, nPositions: original };
  const scaling: RopeScaling =
    type === 'yarn' ? { type, factor, originalLength: original } : { type, factor };
  return { rope: { theta, scaling }, nPositions: Math.floor(original * factor) };
}

/** Positions that a program computes or keeps; a "dynamic" base is that of all of them. */
function computedLength({ tokens, cache }: ForwardInputs): number {
  return cache ? Object.values(cache.state)[0].shape[1] : tokens.shape[1];
}

/** Radians a position of each pair of coordinates, and a factor of cos and sin. */
export function findFrequencies(
  { rope: { theta, scaling }, size, maxLength }: Omit<RotaryOptions, 'backwards'>,
  length: number,
): { readonly frequencies: readonly number[]; readonly factor: number } {
  const plain = (base: number) => Array.from({ length: size / 2 }, (_, i) => base ** ((-2 * i) / size));
  if (scaling === undefined) return { frequencies: plain(theta), factor: 1 };
  if (scaling.type === 'linear')
    return { frequencies: plain(theta).map((one) => one / scaling.factor), factor: 1 };
  if (scaling.type === 'yarn') return stretchByYarn(plain(theta), scaling, { theta, size });
  if (scaling.type === 'llama3')
    return { frequencies: plain(theta).map((one) => stretchAsLlama3(one, scaling)), factor: 1 };
  const growth = (scaling.factor * Math.max(length, maxLength)) / maxLength - (scaling.factor - 1);
  return { frequencies: plain(theta * growth ** (size / (size - 2))), factor: 1 };
}

/** Coordinates that turn often stay, those that turn less than once are stretched, between them a ramp (§3.2). */
function stretchByYarn(
  frequencies: readonly number[],
  scaling: YarnScaling,
  { theta, size }: { theta: number; size: number },
) {
  const { factor, originalLength, betaFast = 32, betaSlow = 1, truncate = true } = scaling;
  const pairThatTurns = (times: number) =>
    (size * Math.log(originalLength / (times * 2 * Math.PI))) / (2 * Math.log(theta));
  const [low, high] = [pairThatTurns(betaFast), pairThatTurns(betaSlow)];
  const from = Math.max(0, truncate ? Math.floor(low) : low);
  const to = Math.min(size - 1, truncate ? Math.ceil(high) : high);
  const stretched = (i: number) => Math.min(1, Math.max(0, (i - from) / (to === from ? 0.001 : to - from)));
  return {
    frequencies: frequencies.map((one, i) => one * (1 - stretched(i)) + (one / factor) * stretched(i)),
    factor: scaling.attentionFactor ?? yarnAttention(scaling),
  };
}

/** Longer texts need sharper attention (§3.4). */
function yarnAttention({ factor, mscale, mscaleAllDim }: YarnScaling): number {
  const sharpness = (by: number) => (factor <= 1 ? 1 : 0.1 * by * Math.log(factor) + 1);
  return mscale && mscaleAllDim ? sharpness(mscale) / sharpness(mscaleAllDim) : sharpness(1);
}

function stretchAsLlama3(frequency: number, scaling: Extract<RopeScaling, { type: 'llama3' }>): number {
  const { factor, originalLength, lowFrequencyFactor: low, highFrequencyFactor: high } = scaling;
  const turns = (originalLength * frequency) / (2 * Math.PI);
  if (turns > high) return frequency;
  if (turns < low) return frequency / factor;
  const share = (turns - low) / (high - low);
  return (1 - share) * (frequency / factor) + share * frequency;
}
