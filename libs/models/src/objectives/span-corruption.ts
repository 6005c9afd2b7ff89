// T5's span corruption over rows as the loader gives them (Raffel et al. 2020, section 3.1.4): spans of three tokens on
// average, 15 % of a row, are each replaced by a sentinel; the target is each sentinel followed by what it stands for.
// Spans are drawn as a random partition of the noise and of the rest. A pure function of (seed, step, row).

import { philox4x32 } from '@gristmill/tensor';
import type { ObjectiveRows } from './masked-language.ts';

export interface SpanCorruptionOptions {
  /** Id of the first sentinel; those after it count down, as `<extra_id_0>` = 32099 does. */
  readonly firstSentinel: number;
  /** Ends inputs and targets. */
  readonly endOfSequence: number;
  readonly padToken: number;
  /** Share of the tokens that is noise. Default .15. */
  readonly density?: number;
  /** Tokens in a span on average. Default 3. */
  readonly meanLength?: number;
  readonly seed: number;
}

type Noise = Required<Pick<SpanCorruptionOptions, 'density' | 'meanLength'>>;

/**
 * How many tokens to take so that the inputs have `inputLength`, and how long the targets then are, end-of-sequence
 * counted in both.
 * @example spanCorruptionLengths(512) // { tokens: 568, targets: 114 }, as T5 was trained
 */
export function spanCorruptionLengths(
  inputLength: number,
  { density = 0.15, meanLength = 3 }: Partial<Noise> = {},
): { tokens: number; inputs: number; targets: number } {
  let tokens = inputLength;
  while (lengthsOf(tokens + 1, { density, meanLength }).inputs <= inputLength) tokens++;
  return { tokens, ...lengthsOf(tokens, { density, meanLength }) };
}

function lengthsOf(tokens: number, noise: Noise): { inputs: number; targets: number } {
  const { noiseTokens, spans } = countNoise(tokens, noise);
  return { inputs: tokens - noiseTokens + spans + 1, targets: noiseTokens + spans + 1 };
}

/** At least one token is noise and one is not. */
function countNoise(tokens: number, { density, meanLength }: Noise): { noiseTokens: number; spans: number } {
  const noiseTokens = Math.min(Math.max(roundHalfEven(tokens * density), 1), tokens - 1);
  const spans = Math.max(
    1,
    Math.min(roundHalfEven(noiseTokens / meanLength), noiseTokens, tokens - noiseTokens),
  );
  return { noiseTokens, spans };
}

/** As Python and NumPy round, which the published lengths come from. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

export interface CorruptedRows {
  /** [B, inputLength], padded. */
  readonly inputs: Int32Array;
  /** [B, targetLength], −1 after their end. */
  readonly targets: Int32Array;
  /** For each of them, which token of its row it stands for, a sentinel for the first of its span; −1 for padding. */
  readonly inputOrigins: Int32Array;
  readonly targetOrigins: Int32Array;
  readonly inputLength: number;
  readonly targetLength: number;
}

/**
 * @returns inputs and targets of the lengths of a full row. A row that ends in padding is corrupted up to there; one of
 * fewer than two tokens is padding altogether
 */
export function corruptSpans(batch: ObjectiveRows, options: SpanCorruptionOptions): CorruptedRows {
  const { tokens, rows, step, firstRow = 0, lossMask } = batch;
  const { density = 0.15, meanLength = 3 } = options;
  const length = tokens.length / rows;
  const full = lengthsOf(length, { density, meanLength });
  const inputs = new Int32Array(rows * full.inputs).fill(options.padToken);
  const targets = new Int32Array(rows * full.targets).fill(-1);
  const [inputOrigins, targetOrigins] = [inputs, targets].map(({ length: size }) =>
    new Int32Array(size).fill(-1),
  );
  for (let row = 0; row < rows; row++) {
    const mask = lossMask?.subarray(row * length, (row + 1) * length);
    const used = mask === undefined ? length : mask.lastIndexOf(1) + 1;
    if (used < 2) continue;
    const random = createDraws(options.seed, step, firstRow + row);
    const pieces = partition(used, { density, meanLength }, random);
    const source = tokens.subarray(row * length, row * length + used);
    const made = replaceSpans(source, pieces, options);
    inputs.set(made.inputs, row * full.inputs);
    targets.set(made.targets, row * full.targets);
    inputOrigins.set(made.inputOrigins, row * full.inputs);
    targetOrigins.set(made.targetOrigins, row * full.targets);
  }
  const lengths = { inputLength: full.inputs, targetLength: full.targets };
  return { inputs, targets, inputOrigins, targetOrigins, ...lengths };
}

/** Lengths of clear text and noise in turn, clear text first. */
function partition(tokens: number, noise: Noise, random: () => number): number[] {
  const { noiseTokens, spans } = countNoise(tokens, noise);
  const noisy = randomSegments(noiseTokens, spans, random);
  const clear = randomSegments(tokens - noiseTokens, spans, random);
  return clear.flatMap((length, i) => [length, noisy[i]]);
}

/** `parts` positive lengths that add up to `total`, each such list as likely as any other. */
function randomSegments(total: number, parts: number, random: () => number): number[] {
  const borders = Array.from({ length: total - 1 }, (_, i) => i + 1);
  for (let i = 0; i < parts - 1; i++) {
    const j = i + Math.floor((random() / 2 ** 32) * (borders.length - i));
    [borders[i], borders[j]] = [borders[j], borders[i]];
  }
  const chosen = [0, ...borders.slice(0, parts - 1).sort((a, b) => a - b), total];
  return chosen.slice(1).map((border, i) => border - chosen[i]);
}

function replaceSpans(
  source: Int32Array,
  pieces: readonly number[],
  { firstSentinel, endOfSequence }: SpanCorruptionOptions,
) {
  const [inputs, targets]: [number[], number[]] = [[], []];
  const [inputOrigins, targetOrigins]: [number[], number[]] = [[], []];
  let at = 0;
  pieces.forEach((length, i) => {
    const places = Array.from({ length }, (_, place) => at + place);
    const piece = source.subarray(at, at + length);
    at += length;
    if (i % 2 === 0) {
      inputs.push(...piece);
      inputOrigins.push(...places);
      return;
    }
    const sentinel = firstSentinel - (i - 1) / 2;
    inputs.push(sentinel);
    inputOrigins.push(places[0]);
    targets.push(sentinel, ...piece);
    // A span is told as a whole by the document in which it begins.
    targetOrigins.push(places[0], ...places.map(() => places[0]));
  });
  inputs.push(endOfSequence);
  targets.push(endOfSequence);
  inputOrigins.push(at - 1);
  targetOrigins.push(at - 1);
  return { inputs, targets, inputOrigins, targetOrigins };
}

/** 32-bit draws, four to a block of Philox. */
function createDraws(seed: number, step: number, row: number): () => number {
  let drawn = 0;
  let words: readonly number[] = [];
  return () => {
    if (drawn % 4 === 0) words = philox4x32([drawn / 4, row, step, 0], [seed, spanStream]);
    return words[drawn++ % 4];
  };
}

/** Keeps these draws apart from those of other operations under the same seed. */
const spanStream = 0x7370616e;
