// The order of samples in an epoch: a pure function of (seed, epoch) over the samples of each shard, with any position
// reached at once. Shards are cut into spans of neighbouring samples (about a megabyte of tokens); the spans of all
// shards are permuted, and samples are permuted within windows of some spans. So a sample may meet any other, while a
// reader holds one window. Cf. the block shuffle `py1e` of MosaicML streaming; ours needs no state to resume.

import { createRandom } from '@gristmill/core';

/** Tokens in a span, about. */
export const spanTokens = 1 << 19;
/** Spans in a shuffle window, unless told otherwise. */
export const defaultWindowSpans = 64;

export interface SampleReference {
  /** Position of the shard in the list given. */
  readonly shard: number;
  /** Sample of that shard, from 0. */
  readonly sample: number;
}

export interface OrderOptions {
  /** Samples of each shard. */
  readonly samples: readonly number[];
  readonly sequenceLength: number;
  readonly seed: number;
  /** False: shards and samples as they lie. */
  readonly shuffle: boolean;
  readonly windowSpans?: number;
}

export interface SampleOrder {
  /** In an epoch. */
  readonly total: number;
  at(epoch: number, position: number): SampleReference;
  /** The inverse of `at`. */
  positionOf(epoch: number, reference: SampleReference): number;
  /** The spans of the window that holds a position, and of the one after it: what to read ahead. */
  windowAt(
    epoch: number,
    position: number,
  ): { window: number; first: number; end: number; spans: readonly Span[] };
}

/** Samples [first, end) of a shard. */
export interface Span {
  readonly shard: number;
  readonly first: number;
  readonly end: number;
}

interface Window {
  readonly window: number;
  readonly first: number;
  readonly spans: readonly Span[];
  /** Span starts within the window, then its samples in total. */
  readonly starts: readonly number[];
  readonly order: Uint32Array | undefined;
}

/** Mixes integers to a 32-bit seed (the finaliser of MurmurHash3 after each). */
export function mixSeed(...parts: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const part of parts) {
    state = Math.imul(state ^ (part >>> 0), 0x85ebca6b);
    state ^= state >>> 13;
    state = Math.imul(state, 0xc2b2ae35);
    state ^= state >>> 16;
  }
  return state >>> 0;
}

export function createOrder(options: OrderOptions): SampleOrder {
  const windowSpans = options.windowSpans ?? defaultWindowSpans;
  const spans = cutSpans(options.samples, options.sequenceLength);
  const total = options.samples.reduce((sum, samples) => sum + samples, 0);
  const epochs = new Map<number, { order: Uint32Array; starts: Float64Array }>();
  const windows = new Map<number, Window>();
  const epochOf = (epoch: number) =>
    keep(epochs, epoch, 2, () => orderSpans(spans, options, windowSpans, epoch));
  let recent: { epoch: number; first: number; end: number; window: Window } | undefined;
  const windowOf = (epoch: number, position: number): Window => {
    if (recent?.epoch === epoch && recent.first <= position && position < recent.end) return recent.window;
    const window = findWindowOf(epoch, position);
    recent = { epoch, first: window.first, end: window.first + window.starts[window.spans.length], window };
    return window;
  };
  const findWindowOf = (epoch: number, position: number): Window => {
    const { order, starts } = epochOf(epoch);
    const window = findWindow(starts, position);
    const key = epoch * 4294967296 + window;
    return keep(windows, key, 4, () => {
      const chosen = Array.from(
        order.subarray(window * windowSpans, (window + 1) * windowSpans),
        (i) => spans[i],
      );
      const seed = mixSeed(options.seed, epoch, 2, window);
      return openWindow(chosen, { window, first: starts[window], seed }, options);
    });
  };
  return {
    total,
    at(epoch, position) {
      const window = windowOf(epoch, position);
      const local = position - window.first;
      return locate(window, window.order === undefined ? local : window.order[local]);
    },
    positionOf(epoch, { shard, sample }) {
      const wanted = spans.findIndex(
        (span) => span.shard === shard && span.first <= sample && sample < span.end,
      );
      const at = epochOf(epoch).order.indexOf(wanted);
      const window = windowOf(epoch, epochOf(epoch).starts[Math.floor(at / windowSpans)]);
      const local = window.starts[at % windowSpans] + sample - spans[wanted].first;
      return window.first + (window.order === undefined ? local : window.order.indexOf(local));
    },
    windowAt(epoch, position) {
      const window = windowOf(epoch, position);
      const end = window.first + window.starts[window.spans.length];
      return { window: window.window, first: window.first, end, spans: window.spans };
    },
  };
}

/** Samples in a full span. */
export function spanSamples(sequenceLength: number): number {
  return Math.max(1, Math.floor(spanTokens / sequenceLength));
}

function cutSpans(samples: readonly number[], sequenceLength: number): Span[] {
  const size = spanSamples(sequenceLength);
  return samples.flatMap((count, shard) =>
    Array.from({ length: Math.ceil(count / size) }, (_, i) => ({
      shard,
      first: i * size,
      end: Math.min(count, (i + 1) * size),
    })),
  );
}

/** The permutation of spans and the first position of each window, then the total. */
function orderSpans(
  spans: readonly Span[],
  options: OrderOptions,
  windowSpans: number,
  epoch: number,
): { order: Uint32Array; starts: Float64Array } {
  const order = Uint32Array.from(spans, (_, i) => i);
  if (options.shuffle) shuffleArray(order, mixSeed(options.seed, epoch, 1));
  const starts = new Float64Array(Math.ceil(spans.length / windowSpans) + 1);
  order.forEach((i, at) => {
    starts[Math.floor(at / windowSpans) + 1] += spans[i].end - spans[i].first;
  });
  for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
  return { order, starts };
}

function openWindow(
  spans: readonly Span[],
  place: { window: number; first: number; seed: number },
  options: OrderOptions,
): Window {
  const starts = [0];
  for (const span of spans) starts.push(starts[starts.length - 1] + span.end - span.first);
  const order = options.shuffle ? Uint32Array.from({ length: starts[spans.length] }, (_, i) => i) : undefined;
  if (order !== undefined) shuffleArray(order, place.seed);
  return { window: place.window, first: place.first, spans, starts, order };
}

function locate(window: Window, local: number): SampleReference {
  const { starts, spans } = window;
  // Most spans are full, so the guess is nearly always right.
  const guess = Math.min(spans.length - 1, Math.floor(local / (starts[1] || 1)));
  const isRight = starts[guess] <= local && local < starts[guess + 1];
  const span = isRight ? guess : lastAtMost(starts, local, spans.length);
  const { shard, first } = window.spans[span];
  return { shard, sample: first + local - window.starts[span] };
}

function findWindow(starts: Float64Array, position: number): number {
  return lastAtMost(starts, position, starts.length - 1);
}

/** Greatest i below `length` with starts[i] <= value. */
function lastAtMost(starts: ArrayLike<number>, value: number, length: number): number {
  let [low, high] = [0, length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Fisher-Yates as in core's `shuffle`, on a typed array. */
export function shuffleArray(items: Uint32Array, seed: number): void {
  const random = createRandom(seed);
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const held = items[i];
    items[i] = items[j];
    items[j] = held;
  }
}

function keep<K, V>(cache: Map<K, V>, key: K, limit: number, make: () => V): V {
  const found = cache.get(key);
  if (found !== undefined) return found;
  const made = make();
  cache.set(key, made);
  if (cache.size > limit) cache.delete(cache.keys().next().value!);
  return made;
}
