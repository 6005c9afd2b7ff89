// Small programs, one for each operation that has a gradient, with the ranges its inputs are drawn from.
import { createRandom } from '@gristmill/core';
import type { Builder, Program, Value } from '@gristmill/tensor';
import { cases as attentionCases } from './attention-cases.ts';
import { cases as layerCases } from './layer-cases.ts';
import { cases as primitiveCases } from './primitive-cases.ts';

export interface Case {
  readonly name: string;
  readonly inputs: readonly {
    readonly shape: readonly number[];
    readonly from?: number;
    readonly to?: number;
  }[];
  build(b: Builder, inputs: readonly Value[]): Value;
}

export const cases: readonly Case[] = [...primitiveCases, ...layerCases, ...attentionCases];

/** Draws values for the inputs of a program. */
export function drawInputs(of: Pick<Case, 'inputs'>, seed: number): number[][] {
  const random = createRandom(seed);
  return of.inputs.map(({ shape: dimensions, from = -2, to = 2 }) =>
    Array.from({ length: dimensions.reduce((a, n) => a * n, 1) }, () => from + (to - from) * random()),
  );
}

export const byName = (values: readonly ArrayLike<number>[]) =>
  Object.fromEntries(values.map((value, i) => [`x${i}`, value]));

/** The largest difference, relative to the largest magnitude of what is expected. */
export function relativeError(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, magnitude] = [0, 1e-30];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(got[i] - expected[i]));
    magnitude = Math.max(magnitude, Math.abs(expected[i]));
  }
  return Number.isNaN(difference) ? Infinity : difference / magnitude;
}

export type { Program };
