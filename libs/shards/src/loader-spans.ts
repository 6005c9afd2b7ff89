// Spans in memory: the tokens of some neighbouring samples of a shard, gathered into one compact buffer, so that a row
// is copied out of it without looking at blocks, documents or filters. The cache is bounded in bytes, least recently
// used out first. A span that cannot be read is remembered as damage, not retried.

import { DataError } from '@gristmill/core';
import type { SamplePlan } from './loader-plan.ts';
import type { BufferPool, PooledBuffer } from './buffer-pool.ts';
import { tokenBytes, type ShardEntry } from './token-index.ts';
import type { Tokens } from './token-reader.ts';
import { viewTokens, type TokenArray } from './token-region.ts';

export interface SpanBuffer {
  /** For each range: the token before it, then its tokens. */
  readonly tokens: TokenArray;
  /** For each range: where its leading token lies in `tokens`, and its length. */
  readonly pieces: Uint32Array;
  /** Where each range starts in the shard. */
  readonly starts: Uint32Array;
  /** samples + 1: first range of each. */
  readonly samples: Uint32Array;
  /** First sample. */
  readonly first: number;
  /** How many samples from the first on are full and lie one after the other in `tokens`, one piece each. */
  readonly straight: number;
  /** What holds `tokens`: hold it while reading, since the cache may give the memory to another span. */
  readonly buffer: PooledBuffer;
}

/** @throws DataError of `Tokens.readBlock` */
export async function loadSpan(
  tokens: Tokens,
  shard: ShardEntry,
  plan: SamplePlan,
  samples: { first: number; end: number; pool: BufferPool },
): Promise<SpanBuffer> {
  const ranges: number[] = [];
  const borders = new Uint32Array(samples.end - samples.first + 1);
  for (let sample = samples.first; sample < samples.end; sample++) {
    ranges.push(...plan.ranges(sample));
    borders[sample - samples.first + 1] = ranges.length / 2;
  }
  const starts = Uint32Array.from({ length: ranges.length / 2 }, (_, i) => ranges[2 * i]);
  const place = { first: samples.first, samples: borders, starts };
  if (isContiguous(ranges)) {
    const isStraight = starts.length === samples.end - samples.first;
    const straight = isStraight ? countFull(ranges) : 0;
    return { ...place, straight, ...(await readThrough(tokens, shard, ranges, samples.pool)) };
  }
  return { ...place, straight: 0, ...(await gather(tokens, shard, ranges, samples.pool)) };
}

function isContiguous(ranges: readonly number[]): boolean {
  for (let i = 2; i < ranges.length; i += 2) if (ranges[i] !== ranges[i - 1]) return false;
  return true;
}

/** All but the last one may be shorter than the first. */
function countFull(ranges: readonly number[]): number {
  const last = ranges.length - 2;
  return last / 2 + (ranges[last + 1] - ranges[last] === ranges[1] - ranges[0] ? 1 : 0);
}

/** One read; pieces overlap by the leading token. */
async function readThrough(
  tokens: Tokens,
  shard: ShardEntry,
  ranges: readonly number[],
  pool: BufferPool,
): Promise<Pick<SpanBuffer, 'tokens' | 'pieces' | 'buffer'>> {
  const start = ranges[0];
  const pieces = Uint32Array.from(ranges, (at, i) => (i % 2 === 0 ? at - start : at - ranges[i - 1]));
  return { pieces, ...(await tokens.readRegion(shard, start, ranges[ranges.length - 1], pool)) };
}

/** Reads the region that the ranges lie in, stretch by stretch, and copies the ranges together. */
async function gather(
  tokens: Tokens,
  shard: ShardEntry,
  ranges: readonly number[],
  pool: BufferPool,
): Promise<Pick<SpanBuffer, 'tokens' | 'pieces' | 'buffer'>> {
  const pieces = new Uint32Array(ranges.length);
  let total = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    pieces[i] = total;
    pieces[i + 1] = ranges[i + 1] - ranges[i];
    total += pieces[i + 1] + 1;
  }
  const buffer = pool.take(total * tokenBytes(tokens.index.dtype));
  const gathered = viewTokens(buffer.bytes, tokens.index.dtype);
  const byStart = Array.from({ length: ranges.length / 2 }, (_, i) => i).sort(
    (a, b) => ranges[2 * a] - ranges[2 * b],
  );
  const stretch = 1 << 19;
  for (let i = 0; i < byStart.length;) {
    const from = ranges[2 * byStart[i]];
    let to = ranges[2 * byStart[i] + 1];
    let end = i + 1;
    for (; end < byStart.length && ranges[2 * byStart[end] + 1] - from <= stretch; end++) {
      if (ranges[2 * byStart[end]] - to > stretch / 16) break;
      to = Math.max(to, ranges[2 * byStart[end] + 1]);
    }
    const region = await tokens.readRegion(shard, from, to, pool);
    for (; i < end; i++) {
      const at = ranges[2 * byStart[i]] - from;
      gathered.set(region.tokens.subarray(at, at + pieces[2 * byStart[i] + 1] + 1), pieces[2 * byStart[i]]);
    }
    region.buffer.release();
  }
  return { tokens: gathered, pieces, buffer };
}

export type LoadedSpan = SpanBuffer | DataError;

export interface SpanCache {
  /** The span when it is in memory, held for the caller: no promise, for the hot path. */
  hold(key: number): LoadedSpan | undefined;
  /** Loads it unless it is there or on its way; held for the caller. */
  load(key: number): Promise<LoadedSpan>;
  /** Starts loading without holding; a failure shows when the span is asked for. */
  prepare(key: number): void;
}

/** @param load makes the span of a key; a DataError is kept as its value, any other error is thrown */
export function createSpanCache(load: (key: number) => Promise<SpanBuffer>, limitBytes: number): SpanCache {
  const ready = new Map<number, LoadedSpan>();
  const pending = new Map<number, Promise<LoadedSpan>>();
  let held = 0;
  const admit = (key: number, span: LoadedSpan) => {
    ready.set(key, span);
    held += sizeOf(span);
    for (const [oldest, value] of ready) {
      if (held <= limitBytes || oldest === key) break;
      ready.delete(oldest);
      held -= sizeOf(value);
      if (!(value instanceof DataError)) value.buffer.release();
    }
    return span;
  };
  const start = (key: number): Promise<LoadedSpan> => {
    const started = load(key)
      .catch((error: unknown) => {
        // A server that cannot be reached says nothing about a shard.
        if (error instanceof DataError && !error.code.startsWith('s3-')) return error;
        throw error;
      })
      .then((span) => admit(key, span))
      .finally(() => pending.delete(key));
    pending.set(key, started);
    return started;
  };
  const holdFor = (span: LoadedSpan) => {
    if (!(span instanceof DataError)) span.buffer.hold();
    return span;
  };
  return {
    hold(key) {
      const span = ready.get(key);
      return span && holdFor(span);
    },
    load: async (key) => holdFor(ready.get(key) ?? (await (pending.get(key) ?? start(key)))),
    prepare(key) {
      if (ready.has(key) || pending.has(key)) return;
      start(key).catch(() => {});
    },
  };
}

function sizeOf(span: LoadedSpan): number {
  return span instanceof DataError
    ? 0
    : span.tokens.byteLength + 4 * (span.pieces.length + span.samples.length);
}
