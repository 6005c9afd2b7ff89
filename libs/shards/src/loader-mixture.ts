// Mixtures at reading: which component each row of the training comes from, and its how-manieth row of that component
// it is. Row n belongs to the component whose share of [0, 2^32) holds n·φ·2^32 + offset: a sequence that is spread as
// evenly as can be (Weyl), whose counts have a closed form (a sum of floors), so any row is reached at once.

import { DataError } from '@gristmill/core';
import { mixSeed } from './loader-order.ts';

/** Which documents a component takes. Every condition given must hold; a list means any of its values. */
export interface DocumentMatch {
  readonly source?: string | readonly string[];
  readonly language?: string | readonly string[];
  readonly domain?: string | readonly string[];
  readonly topic?: string | readonly string[];
  readonly minQuality?: number;
  readonly maxQuality?: number;
}

export interface MixtureComponent {
  readonly name: string;
  readonly match?: DocumentMatch;
  /** Share of the rows, relative to the other weights. Default: its samples (each token as likely as any other). */
  readonly weight?: number;
  /** Instead of a weight: how often its samples are seen while a component of one epoch is seen once. */
  readonly epochs?: number;
}

export interface Mixture {
  readonly components: readonly MixtureComponent[];
  /** Weights are raised to 1 / temperature: above 1 small components gain. Default 1. */
  readonly temperature?: number;
  /** From `fromStep` on, other weights by name (0 leaves a component out). */
  readonly curriculum?: readonly {
    readonly fromStep: number;
    readonly weights: Readonly<Record<string, number>>;
  }[];
}

export interface RowAssignment {
  readonly component: number;
  /** Rows of this component before it. */
  readonly position: number;
}

export interface RowPlan {
  /** Rows [first, end) of the whole training. */
  rows(first: number, end: number): RowAssignment[];
  /** Rows of each component among the first `end`. */
  counts(end: number): number[];
  /** The row that is `position` of its component; undefined when there is none (weight 0 from there on). */
  rowOf(component: number, position: number): number | undefined;
}

const range = 2 ** 32;
/** 2^32 / φ, odd. */
const stride = 2654435769;

/** Shares that sum to 1. @throws DataError `mixture-weights` */
export function resolveWeights(mixture: Mixture, samples: readonly number[]): number[] {
  const power = 1 / (mixture.temperature ?? 1);
  const weights = mixture.components.map((component, i) => {
    if (component.weight !== undefined && component.epochs !== undefined) {
      throw badMixture(`component “${component.name}” has a weight and epochs`);
    }
    return samples[i] === 0 ? 0 : (component.weight ?? samples[i] * (component.epochs ?? 1));
  });
  if (weights.some((weight) => !(weight >= 0))) throw badMixture('a weight is negative or no number');
  return normalise(weights.map((weight) => (weight === 0 ? 0 : weight ** power)));
}

/** The weights in force from each step on: the mixture's own, then the curriculum's. */
export function resolveCurriculum(
  mixture: Mixture,
  samples: readonly number[],
): { fromStep: number; weights: number[] }[] {
  const phases = [{ fromStep: 0, weights: resolveWeights(mixture, samples) }];
  for (const { fromStep, weights } of mixture.curriculum ?? []) {
    const unknown = Object.keys(weights).find(
      (name) => !mixture.components.some((part) => part.name === name),
    );
    if (unknown !== undefined) throw badMixture(`the curriculum names “${unknown}”, which is no component`);
    if (fromStep <= phases[phases.length - 1].fromStep && fromStep !== 0)
      throw badMixture('its steps do not rise');
    const own = mixture.components.map((part, i) => (samples[i] === 0 ? 0 : (weights[part.name] ?? 0)));
    if (fromStep === 0) phases.pop();
    phases.push({ fromStep, weights: normalise(own) });
  }
  return phases;
}

/** @param phases weights from a row on, rising, the first from row 0 */
export function planRows(
  phases: readonly { fromRow: number; weights: readonly number[] }[],
  seed: number,
): RowPlan {
  const offset = mixSeed(seed, 3);
  const borders = phases.map(({ weights }) => shareBorders(weights));
  const components = phases[0].weights.length;
  const countsBelow = (end: number): number[] => {
    const counts = new Array<number>(components).fill(0);
    phases.forEach(({ fromRow }, phase) => {
      const to = Math.min(end, phases[phase + 1]?.fromRow ?? Infinity);
      if (to <= fromRow) return;
      const [before, after] = [below(borders[phase], fromRow, offset), below(borders[phase], to, offset)];
      for (let c = 0; c < components; c++) counts[c] += after[c] - before[c];
    });
    return counts;
  };
  let next = { row: 0, counts: new Array<number>(components).fill(0) };
  return {
    counts: countsBelow,
    rows(first, end) {
      const counts = next.row === first ? next.counts : countsBelow(first);
      const rows: RowAssignment[] = [];
      let phase = phases.findLastIndex(({ fromRow }) => fromRow <= first);
      for (let row = first; row < end; row++) {
        while (phase + 1 < phases.length && phases[phase + 1].fromRow <= row) phase++;
        const component = componentAt(borders[phase], weyl(row, offset));
        rows.push({ component, position: counts[component]++ });
      }
      next = { row: end, counts };
      return rows;
    },
    rowOf: (component, position) => findRow(countsBelow, component, position),
  };
}

function findRow(counts: (end: number) => number[], component: number, position: number): number | undefined {
  let high = 1;
  while (counts(high)[component] <= position) {
    high *= 2;
    if (high > Number.MAX_SAFE_INTEGER) return undefined;
  }
  let low = 0;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (counts(middle + 1)[component] > position) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** components + 1 borders in [0, 2^32]. */
function shareBorders(weights: readonly number[]): number[] {
  const borders = [0];
  let sum = 0;
  for (const weight of weights) borders.push(Math.round((sum += weight) * range));
  const last = weights.findLastIndex((weight) => weight > 0);
  return borders.map((border, i) => (i > last ? range : border));
}

function weyl(row: number, offset: number): number {
  const low = row % range;
  return (Math.imul(low | 0, stride | 0) + offset) >>> 0;
}

function componentAt(borders: readonly number[], value: number): number {
  let component = 0;
  while (borders[component + 1] <= value) component++;
  return component;
}

/** Rows of each component among the first `rows`. */
function below(borders: readonly number[], rows: number, offset: number): number[] {
  const under = borders.map((border) =>
    border === 0 ? 0 : border === range ? rows : countUnder(border, rows, offset),
  );
  return borders.slice(1).map((_, c) => under[c + 1] - under[c]);
}

/** How many n < rows have (n·stride + offset) mod 2^32 < border. */
function countUnder(border: number, rows: number, offset: number): number {
  const [n, m, a] = [BigInt(rows), BigInt(range), BigInt(stride)];
  const whole = floorSum(n, m, a, BigInt(offset));
  const shifted = floorSum(n, m, a, BigInt(offset) - BigInt(border) + m) - n;
  return Number(whole - shifted);
}

/** Sum over i < n of floor((a·i + b) / m), by Euclid's algorithm. */
function floorSum(n: bigint, m: bigint, a: bigint, b: bigint): bigint {
  let sum = 0n;
  while (n > 0n) {
    sum += ((n * (n - 1n)) / 2n) * (a / m) + n * (b / m);
    const top = (a % m) * n + (b % m);
    [n, b, m, a] = [top / m, top % m, a % m, m];
  }
  return sum;
}

function normalise(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (!(sum > 0) || !Number.isFinite(sum)) throw badMixture('no component has documents and a weight');
  return weights.map((weight) => weight / sum);
}

function badMixture(why: string): DataError {
  return new DataError(
    'mixture-weights',
    `the mixture cannot be used: ${why}`,
    'see `gristmill-trainer train --help`',
  );
}
