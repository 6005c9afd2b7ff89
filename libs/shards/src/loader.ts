// The loader: `batch(step)` is a pure function of (pinned index, options, step), whatever was asked before, by how
// many ranks or workers. So resuming is one integer, ranks may come and go between steps, and lineage is arithmetic
// (loader-lineage.ts). Reading happens in spans (loader-spans.ts), ahead of need; the copy is the hot loop.

import { DataError } from '@gristmill/core';
import { copyRun, copySample, createBatch, finishBatch, padSample, type TokenBatch } from './loader-batch.ts';
import {
  countKey,
  openComponent,
  type Component,
  type ComponentOptions,
  type SampleCount,
} from './loader-components.ts';
import { planRows, resolveCurriculum, type Mixture, type RowPlan } from './loader-mixture.ts';
import { cutBatch } from './loader-cut.ts';
import { spanSamples } from './loader-order.ts';
import { createRamp, type Ramp, type RampPhase } from './loader-ramp.ts';
import type { Packing } from './loader-plan.ts';
import {
  createSpanCache,
  loadSpan,
  type LoadedSpan,
  type SpanBuffer,
  type SpanCache,
} from './loader-spans.ts';
import { blockBytes, indexDigest, tokenBytes, type ShardEntry, type TokenIndex } from './token-index.ts';
import { createBufferPool } from './buffer-pool.ts';
import { regionBytes } from './token-region.ts';
import { openTokens, type KeptHeads, type Tokens, type TokenStore } from './token-reader.ts';

export type { Mixture };

export interface LoaderOptions {
  /** A `tokens/<key>/` folder, or a store that holds one. */
  readonly shards: string | TokenStore;
  /** A pinned copy of index.json; absent = the one there now. */
  readonly index?: TokenIndex;
  /** Default train. */
  readonly split?: string;
  /** T: targets in a row. */
  readonly sequenceLength: number;
  /** Rows of a step over all ranks. */
  readonly globalBatchSize: number;
  /** Steps from which there are other rows, of at most sequenceLength tokens. */
  readonly ramp?: readonly RampPhase[];
  readonly seed?: number;
  /** Default true. False: as the shards lie, for evaluation. */
  readonly shuffle?: boolean;
  readonly packing?: Packing;
  readonly mixture?: Mixture;
  /** Stop after so many epochs: rows after the end are padding. Default: go on for ever. Not with a mixture. */
  readonly epochs?: number;
  /** This rank's rows are [⌊rank·B/ranks⌋, ⌊(rank+1)·B/ranks⌋) of the B of a step. Default 0 of 1. */
  readonly rank?: number;
  readonly ranks?: number;
  /** Also give `segments` and `positions`: the bounds of attention within documents. */
  readonly documentBounds?: boolean;
  /** What to do with a shard that is damaged or missing: stop, or give padding in its place and count it. */
  readonly onDamaged?: 'fail' | 'skip';
  /** Memory for tokens. Default: two shuffle windows, about 160 MiB for uint16. */
  readonly cacheBytes?: number;
  /** From `Loader.sampleCounts` of an earlier opening under the same options: opening then reads no heads. */
  readonly sampleCounts?: Readonly<Record<string, SampleCount>>;
  /** Heads kept before their shards went: lineage then needs no shard. */
  readonly keptHeads?: KeptHeads;
}

export type { TokenBatch } from './loader-batch.ts';

/** Where a row of a step comes from. */
export interface RowSource {
  /** Row of the global batch, from 0. */
  readonly row: number;
  /** Slots [start, end) of the sample that the row has: all of them, but for shorter rows of a ramp. */
  readonly start: number;
  readonly end: number;
  readonly component: string;
  readonly epoch: number;
  readonly shard: ShardEntry;
  /** Sample of the shard under this component. */
  readonly sample: number;
}

export interface ComponentReport {
  readonly name: string;
  readonly shards: number;
  /** In one epoch of the component. */
  readonly samples: number;
  readonly tokens: number;
  /** Slots without a token in one epoch. */
  readonly padding: number;
}

export interface Loader {
  readonly index: TokenIndex;
  /** SHA-256 of the index: what a run is bound to. */
  readonly pin: string;
  /** Samples in one epoch of everything (without a mixture: rows until each token was a target once). */
  readonly samples: number;
  /** Steps until `epochs` are over; Infinity without `epochs`. */
  readonly steps: number;
  readonly components: readonly ComponentReport[];
  readonly sampleCounts: Readonly<Record<string, SampleCount>>;
  /** What was skipped so far under `onDamaged: 'skip'`, by shard file. */
  readonly damage: ReadonlyMap<string, DataError>;
  /** This rank's rows of a step, in fresh arrays that the caller owns. */
  batch(step: number): Promise<TokenBatch>;
  /** Sources of all rows of a step, without reading a token; undefined for padding after the last epoch. */
  rows(step: number): (RowSource | undefined)[];
  /** Rows and tokens of each component until `steps`: what to print before training. */
  forecast(steps: number): { name: string; rows: number; tokens: number; epochs: number }[];
  /** For lineage: see loader-lineage.ts. */
  readonly internals: LoaderInternals;
  close(): Promise<void>;
}

export interface LoaderInternals {
  readonly tokens: Tokens;
  readonly components: readonly Component[];
  readonly rowPlan: RowPlan;
  readonly ramp: Ramp;
  readonly epochs: number;
}

interface Slot {
  readonly component: number;
  readonly epoch: number;
  readonly position: number;
  readonly shard: number;
  readonly sample: number;
}

/** @throws DataError for an index that cannot be read, an empty split, wrong options */
export async function openLoader(options: LoaderOptions): Promise<Loader> {
  checkOptions(options);
  const tokens = await openTokens(options.shards, { index: options.index, keptHeads: options.keptHeads });
  const damage = new Map<string, DataError>();
  const components = await openComponents(tokens, options, damage);
  const epochs = options.epochs ?? Infinity;
  const samples = components.reduce((sum, component) => sum + component.order.total, 0);
  const { sequenceLength } = options;
  const ramp = createRamp(options, options.ramp);
  const rowsBefore = (step: number) => Math.ceil(ramp.at(step).first / sequenceLength);
  const rowPlan = planComponents(components, options, rowsBefore);
  const caches = components.map((component) =>
    createComponentCache(tokens, component, components.length, options),
  );
  const slotsOf = (first: number, end: number) =>
    rowPlan.rows(first, end).map(({ component, position }): Slot | undefined => {
      const { order } = components[component];
      const epoch = Math.floor(position / order.total);
      if (epoch >= epochs) return undefined;
      const within = position - epoch * order.total;
      return { component, epoch, position: within, ...order.at(epoch, within) };
    });
  const readAhead = createReadAhead(components, caches, options.sequenceLength);
  const { rank = 0, ranks = 1 } = options;
  return {
    index: tokens.index,
    pin: indexDigest(tokens.index),
    samples,
    steps: ramp.stepsWithin(samples * epochs * sequenceLength),
    components: components.map((component) => reportComponent(component, options.sequenceLength)),
    sampleCounts: collectCounts(components),
    damage,
    async batch(step) {
      const { first: begin, globalBatchSize, sequenceLength: length } = ramp.at(step);
      const [first, end] = [rank, rank + 1].map((r) => Math.floor((r * globalBatchSize) / ranks));
      const [from, to] = [begin + first * length, begin + end * length];
      const firstRow = Math.floor(from / sequenceLength);
      const slots = slotsOf(firstRow, Math.ceil(to / sequenceLength));
      const spans = await holdSpans(slots, caches, options.sequenceLength);
      const batch = createBatch(step, slots.length, options);
      for (let row = 0; row < slots.length; row++) {
        const [slot, span] = [slots[row], spans[row]];
        if (slot === undefined || span === undefined) padSample(batch, row, tokens.index.endOfText);
        else if (span instanceof DataError) {
          if (options.onDamaged !== 'skip') throw span;
          damage.set(components[slot.component].shards[slot.shard].file, span);
          padSample(batch, row, tokens.index.endOfText);
          batch.skipped++;
        } else {
          const count = countRun(slots, spans, row);
          if (count > 1) copyRun(batch, { first: row, count }, span, slot.sample);
          else copySample(batch, row, span, slot.sample, tokens.index.endOfText);
          row += Math.max(0, count - 1);
        }
      }
      for (const span of spans) if (span !== undefined && !(span instanceof DataError)) span.buffer.release();
      readAhead(slots);
      const whole = await finishBatch(batch, components, slots, options, tokens);
      const stretch = { from: from - firstRow * sequenceLength, rows: end - first, sequenceLength: length };
      return cutBatch(whole, sequenceLength, stretch);
    },
    rows(step) {
      const { first, end, globalBatchSize, sequenceLength: length } = ramp.at(step);
      const firstRow = Math.floor(first / sequenceLength);
      const slots = slotsOf(firstRow, Math.ceil(end / sequenceLength));
      return Array.from({ length: globalBatchSize }, (_, row) => {
        const at = first + row * length - firstRow * sequenceLength;
        const slot = slots[Math.floor(at / sequenceLength)];
        if (slot === undefined) return undefined;
        const start = at % sequenceLength;
        const { name, shards } = components[slot.component];
        const { epoch, sample } = slot;
        return { row, start, end: start + length, component: name, epoch, shard: shards[slot.shard], sample };
      });
    },
    forecast: (steps) => forecast(components, rowPlan.counts(rowsBefore(steps))),
    internals: { tokens, components, rowPlan, ramp, epochs },
    close: () => tokens.close(),
  };
}

function checkOptions(options: LoaderOptions): void {
  const { sequenceLength, globalBatchSize, rank = 0, ranks = 1, epochs = Infinity } = options;
  const wrong = (what: string) =>
    new DataError('loader-option', `the loader cannot be opened: ${what}`, 'correct it');
  if (!(Number.isInteger(sequenceLength) && sequenceLength > 0))
    throw wrong(`sequenceLength is ${sequenceLength}`);
  if (!(Number.isInteger(globalBatchSize) && globalBatchSize > 0))
    throw wrong(`globalBatchSize is ${globalBatchSize}`);
  if (!(rank >= 0 && rank < ranks && ranks <= globalBatchSize)) {
    throw wrong(`rank ${rank} of ${ranks} with ${globalBatchSize} rows`);
  }
  if (!(epochs > 0)) throw wrong(`epochs is ${epochs}`);
  if (options.epochs !== undefined && options.mixture !== undefined) {
    throw wrong('epochs and a mixture exclude each other; give epochs to its components');
  }
}

async function openComponents(
  tokens: Tokens,
  options: LoaderOptions,
  damage: Map<string, DataError>,
): Promise<Component[]> {
  const split = options.split ?? 'train';
  const definitions = options.mixture?.components ?? [{ name: 'all' }];
  const shared: ComponentOptions = {
    split,
    sequenceLength: options.sequenceLength,
    packing: options.packing ?? 'concat',
    shuffle: options.shuffle ?? true,
    seed: options.seed ?? 0,
    windowSpans: windowSpansFor(definitions.length),
    skipDamaged: options.onDamaged === 'skip',
    sampleCounts: options.sampleCounts,
    onDamage: (error) => damage.set(error.message, error),
  };
  const components: Component[] = [];
  for (const [ordinal, definition] of definitions.entries()) {
    components.push(await openComponent(tokens, definition, ordinal, shared));
  }
  if (components.every((component) => component.order.total === 0)) {
    throw new DataError(
      'split-empty',
      `${tokens.location} has no tokens in the split “${split}”`,
      `its splits are ${Object.keys(tokens.index.splits).join(', ') || 'none'}`,
    );
  }
  return components;
}

/** Memory stays the same however many components there are. */
function windowSpansFor(components: number): number {
  return Math.max(4, Math.floor(64 / components));
}

function planComponents(
  components: readonly Component[],
  options: LoaderOptions,
  rowsBefore: (step: number) => number,
): RowPlan {
  if (options.mixture === undefined) return planOne();
  const samples = components.map((component) => component.order.total);
  const phases = resolveCurriculum(options.mixture, samples);
  return planRows(
    phases.map(({ fromStep, weights }) => ({ fromRow: rowsBefore(fromStep), weights })),
    options.seed ?? 0,
  );
}

function planOne(): RowPlan {
  return {
    rows: (first, end) =>
      Array.from({ length: end - first }, (_, i) => ({ component: 0, position: first + i })),
    counts: (end) => [end],
    rowOf: (_, position) => position,
  };
}

const spanFactor = 2 ** 24;

function spanKey(reference: { shard: number; sample: number }, sequenceLength: number): number {
  return reference.shard * spanFactor + Math.floor(reference.sample / spanSamples(sequenceLength));
}

/** The spans of a step's rows, each held until its row is copied. What is in memory needs no turn of the event loop. */
async function holdSpans(
  slots: readonly (Slot | undefined)[],
  caches: readonly SpanCache[],
  sequenceLength: number,
): Promise<(LoadedSpan | undefined)[]> {
  const spans: (LoadedSpan | undefined)[] = [];
  const missing: Promise<void>[] = [];
  slots.forEach((slot, row) => {
    if (slot === undefined) return;
    const key = spanKey(slot, sequenceLength);
    const cache = caches[slot.component];
    spans[row] = cache.hold(key);
    if (spans[row] === undefined) missing.push(cache.load(key).then((span) => void (spans[row] = span)));
  });
  if (missing.length > 0) await Promise.all(missing);
  return spans;
}

/** How many rows from `row` on are neighbouring full samples of one span. */
function countRun(
  slots: readonly (Slot | undefined)[],
  spans: readonly (LoadedSpan | undefined)[],
  row: number,
): number {
  const [span, first] = [spans[row] as SpanBuffer, slots[row]!.sample];
  let count = 0;
  while (
    spans[row + count] === span &&
    slots[row + count]!.sample === first + count &&
    first + count - span.first < span.straight
  )
    count++;
  return count;
}

function createComponentCache(
  tokens: Tokens,
  component: Component,
  components: number,
  options: LoaderOptions,
): SpanCache {
  const size = spanSamples(options.sequenceLength);
  const spanBytes = size * options.sequenceLength * tokenBytes(tokens.index.dtype);
  const isAligned = spanBytes % blockBytes === 0 && (options.packing ?? 'concat') === 'concat';
  const limit = (options.cacheBytes ?? 160 * spanBytes) / components;
  const pool = createBufferPool(
    regionBytes(size * options.sequenceLength, tokens.index.dtype, isAligned),
    64,
  );
  return createSpanCache(async (key) => {
    const shard = Math.floor(key / spanFactor);
    const first = (key % spanFactor) * size;
    const end = Math.min(component.counts[shard].samples, first + size);
    return loadSpan(tokens, component.shards[shard], await component.plan(shard), { first, end, pool });
  }, limit);
}

/** Starts loading the next window in step with the progress through this one. */
function createReadAhead(
  components: readonly Component[],
  caches: readonly SpanCache[],
  sequenceLength: number,
) {
  return (slots: readonly (Slot | undefined)[]): void => {
    components.forEach(({ order }, component) => {
      const slot = slots.findLast((candidate) => candidate?.component === component);
      if (slot === undefined) return;
      const { first, end } = order.windowAt(slot.epoch, slot.position);
      if (end >= order.total) return;
      const { spans } = order.windowAt(slot.epoch, end);
      const wanted = Math.ceil(((slot.position - first + 1) / (end - first)) * spans.length);
      for (const span of spans.slice(0, wanted)) {
        const key = spanKey({ shard: span.shard, sample: span.first }, sequenceLength);
        caches[component].prepare(key);
      }
    });
  };
}

function reportComponent(component: Component, sequenceLength: number): ComponentReport {
  const tokens = component.counts.reduce((sum, count) => sum + count.tokens, 0);
  const samples = component.order.total;
  const { name, shards } = component;
  return { name, shards: shards.length, samples, tokens, padding: samples * sequenceLength - tokens };
}

function collectCounts(components: readonly Component[]): Record<string, SampleCount> {
  return Object.fromEntries(
    components.flatMap((component) =>
      component.shards.map((shard, i) => [countKey(component.name, shard), component.counts[i]]),
    ),
  );
}

function forecast(components: readonly Component[], rows: readonly number[]) {
  return components.map((component, i) => {
    const epochs = component.order.total === 0 ? 0 : rows[i] / component.order.total;
    const tokens = component.counts.reduce((sum, count) => sum + count.tokens, 0);
    return { name: component.name, rows: rows[i], tokens: Math.round(epochs * tokens), epochs };
  });
}
