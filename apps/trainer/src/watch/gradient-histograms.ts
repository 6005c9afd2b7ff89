// How large the gradients of a step are: a histogram for each parameter, counted by a program where the gradients lie, so
// that a few numbers leave the executor and not the gradients. A bucket is a power of two.

import { sumName, type LanguageModel } from '@gristmill/models';
import {
  createBuilder,
  operations as o,
  sizeOf,
  type Builder,
  type Executor,
  type Program,
  type Tensor,
  type Value,
} from '@gristmill/tensor';
import type { Histogram } from './event-record.ts';

export interface GradientHistograms {
  readonly step: number;
  /** Of all parameters together. */
  readonly all: Histogram;
  /** By parameter. */
  readonly parameters: Readonly<Record<string, Histogram>>;
}

/** Bucket i holds magnitudes in [2^(i − 40), 2^(i − 39)); the first and the last also what lies beyond. */
export const buckets = 48;
const firstExponent = -40;
const limits = Array.from({ length: buckets }, (_, i) => 2 ** (firstExponent + i + 1));

/** Counted at once: below 2^24, so that single precision counts exactly, and so that little memory is needed. */
const blockSize = 2 ** 20;

/**
 * Inputs: all gradient sums, targets f32[] (by which they are divided). Outputs: counts f32[P, buckets], moments f32[P, 3]
 * (the greatest magnitude, Σ of magnitudes, Σ of squares).
 */
export function buildHistogramProgram(model: LanguageModel): Program {
  const b = createBuilder();
  const specs = model.parameters();
  const sums = specs.map(({ name, shape }) => b.input(sumName(name), shape));
  const targets = b.input('targets', []);
  const rows = sums.map((sum) => countMagnitudes(b, sum, targets));
  return b.finish({
    counts: o.concat(
      b,
      rows.map(({ counts }) => counts),
      0,
    ), // [P, buckets]
    moments: o.concat(
      b,
      rows.map(({ moments }) => moments),
      0,
    ), // [P, 3]
  });
}

function countMagnitudes(b: Builder, sum: Value, targets: Value) {
  const size = sizeOf(sum.shape);
  const flat = o.reshape(b, sum, [size]);
  let counts = o.constant(b, 0, [buckets, 1]);
  let [greatest, total, squares] = [o.constant(b, 0), o.constant(b, 0), o.constant(b, 0)];
  for (let from = 0; from < size; from += blockSize) {
    const to = Math.min(size, from + blockSize);
    const block = to - from === size ? flat : o.slice(b, flat, [from], [to]);
    const magnitude = o.divide(b, o.abs(b, block), targets);
    counts = o.add(b, counts, countBlock(b, magnitude));
    greatest = o.maximum(b, greatest, o.reshape(b, o.max(b, magnitude, [0]), []));
    total = o.add(b, total, o.sumAll(b, magnitude));
    squares = o.add(b, squares, o.sumAll(b, o.multiply(b, magnitude, magnitude)));
  }
  const moments = [greatest, total, squares].map((value) => o.reshape(b, value, [1, 1]));
  return { counts: o.reshape(b, counts, [1, buckets]), moments: o.concat(b, moments, 1) };
}

function countBlock(b: Builder, magnitude: Value): Value {
  const [length] = magnitude.shape;
  const exponent = o.multiply(b, o.log(b, magnitude), Math.LOG2E); // of zero −∞, which goes to the first bucket
  const place = o.minimum(b, o.maximum(b, o.subtract(b, exponent, firstExponent), 0), buckets - 1);
  const ones = o.constant(b, 1, [length, 1]);
  return o.scatterAdd(b, o.constant(b, 0, [buckets, 1]), o.convert(b, place, 'i32'), ones);
}

export interface GradientCounter {
  /** @param sums gradient sums by `sum:NAME`, as a step holds them before its update */
  count(step: number, sums: Readonly<Record<string, Tensor>>, targets: number): Promise<GradientHistograms>;
}

export async function createGradientCounter(
  executor: Executor,
  model: LanguageModel,
): Promise<GradientCounter> {
  const executable = await executor.compile(buildHistogramProgram(model));
  const specs = model.parameters();
  const wanted = specs.map(({ name }) => sumName(name));
  return {
    async count(step, sums, targets) {
      const divisor = await executor.upload({ shape: [], dtype: 'f32' }, [targets]);
      const inputs = Object.fromEntries(wanted.map((name) => [name, sums[name]]));
      const outputs = await executor.run(executable, { ...inputs, targets: divisor });
      const counts = await executor.download(outputs.counts);
      const moments = await executor.download(outputs.moments);
      executor.dispose(divisor, ...Object.values(outputs));
      const histograms = specs.map(({ shape }, i) =>
        describe(sizeOf(shape), counts.subarray(i * buckets, (i + 1) * buckets), moments.subarray(3 * i)),
      );
      const parameters = Object.fromEntries(specs.map(({ name }, i) => [name, histograms[i]]));
      return { step, all: addAll(histograms), parameters };
    },
  };
}

function describe(count: number, counts: ArrayLike<number>, moments: ArrayLike<number>): Histogram {
  const filled = Array.from(counts);
  const lowest = filled.findIndex((value) => value > 0);
  const min = lowest > 0 ? limits[lowest - 1] : 0;
  return { min, max: moments[0], count, sum: moments[1], sumSquares: moments[2], limits, counts: filled };
}

function addAll(histograms: readonly Histogram[]): Histogram {
  const add = (pick: (one: Histogram) => number) => histograms.reduce((sum, one) => sum + pick(one), 0);
  return {
    min: Math.min(...histograms.map(({ min }) => min)),
    max: Math.max(...histograms.map(({ max }) => max)),
    count: add(({ count }) => count),
    sum: add(({ sum }) => sum),
    sumSquares: add(({ sumSquares }) => sumSquares),
    limits,
    counts: limits.map((_, i) => add(({ counts }) => counts[i])),
  };
}
