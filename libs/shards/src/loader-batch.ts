// One batch: rows of inputs and targets copied out of spans. A row that is not full ends in padding, which the loss
// mask leaves out. Arrays are fresh for each batch: the caller owns them and may move them to another thread.

import type { Component } from './loader-components.ts';
import type { SpanBuffer } from './loader-spans.ts';
import type { Tokens } from './token-reader.ts';

export interface TokenBatch {
  readonly step: number;
  /** B: rows of this rank. */
  readonly rows: number;
  /** [B, T], row-major. */
  readonly inputs: Int32Array;
  /** [B, T]: the token after each input. */
  readonly targets: Int32Array;
  /** [B, T], 1 where the target counts; absent where all do. */
  readonly lossMask?: Uint8Array;
  /** [B, T]: ordinal of the target's document within its row, −1 for padding. With `documentBounds`. */
  readonly segments?: Int32Array;
  /** [B, T]: position of the target within its document's part of the row. With `documentBounds`. */
  readonly positions?: Int32Array;
  /** Tokens in each row as it was packed; the rest is padding. */
  readonly filled: Int32Array;
  /** Targets that are no padding. */
  readonly tokens: number;
  /** Slots without a token. */
  readonly padding: number;
  /** Rows that are padding because their shard could not be read. */
  readonly skipped: number;
}

/** A batch being filled. */
export interface OpenBatch {
  step: number;
  rows: number;
  sequenceLength: number;
  inputs: Int32Array;
  targets: Int32Array;
  /** Tokens in each row; the rest is padding. */
  filled: Int32Array;
  skipped: number;
}

export function createBatch(step: number, rows: number, options: { sequenceLength: number }): OpenBatch {
  const { sequenceLength } = options;
  const [inputs, targets] = [takeArray(rows * sequenceLength), takeArray(rows * sequenceLength)];
  return { step, rows, sequenceLength, inputs, targets, filled: new Int32Array(rows), skipped: 0 };
}

/** Memory of its own that nothing has cleared: every element is written, by tokens or by padding. */
function takeArray(length: number): Int32Array<ArrayBuffer> {
  return new Int32Array(Buffer.allocUnsafeSlow(4 * length).buffer as ArrayBuffer, 0, length);
}

/** The hot loop: each token is widened from 16 or 32 bits and written twice. */
export function copySample(
  batch: OpenBatch,
  row: number,
  span: SpanBuffer,
  sample: number,
  pad: number,
): void {
  const { inputs, targets, sequenceLength } = batch;
  let at = row * sequenceLength;
  const end = at + sequenceLength;
  const last = span.samples[sample - span.first + 1];
  for (let piece = span.samples[sample - span.first]; piece < last; piece++) {
    const from = span.pieces[2 * piece];
    const length = span.pieces[2 * piece + 1];
    targets.set(span.tokens.subarray(from + 1, from + length + 1), at);
    inputs[at] = span.tokens[from];
    inputs.set(targets.subarray(at, at + length - 1), at + 1);
    at += length;
  }
  batch.filled[row] = at - row * sequenceLength;
  if (at < end) {
    inputs.fill(pad, at, end);
    targets.fill(pad, at, end);
  }
}

/** Rows that hold neighbouring samples of a span which lies in memory as in its shard: one copy for all of them. */
export function copyRun(
  batch: OpenBatch,
  rows: { readonly first: number; readonly count: number },
  span: SpanBuffer,
  sample: number,
): void {
  const { inputs, targets, sequenceLength } = batch;
  const at = rows.first * sequenceLength;
  const from = span.pieces[2 * (sample - span.first)];
  const length = rows.count * sequenceLength;
  targets.set(span.tokens.subarray(from + 1, from + length + 1), at);
  inputs.set(span.tokens.subarray(from, from + length), at);
  batch.filled.fill(sequenceLength, rows.first, rows.first + rows.count);
}

export function padSample(batch: OpenBatch, row: number, pad: number): void {
  const at = row * batch.sequenceLength;
  batch.inputs.fill(pad, at, at + batch.sequenceLength);
  batch.targets.fill(pad, at, at + batch.sequenceLength);
}

/** Adds what not every batch needs: the loss mask of padding and of documents, the bounds of documents. */
export async function finishBatch(
  batch: OpenBatch,
  components: readonly Component[],
  slots: readonly (SlotPlace | undefined)[],
  options: { documentBounds?: boolean },
  tokens: Tokens,
): Promise<TokenBatch> {
  const { step, rows, inputs, targets, filled, sequenceLength, skipped } = batch;
  const used = filled.reduce((sum, count) => sum + count, 0);
  const masked = used < rows * sequenceLength || tokens.index.hasLossMasks === true;
  const lossMask = masked ? paddingMask(batch) : undefined;
  const bounds = options.documentBounds
    ? {
        segments: new Int32Array(rows * sequenceLength).fill(-1),
        positions: new Int32Array(rows * sequenceLength),
      }
    : undefined;
  if (bounds !== undefined || tokens.index.hasLossMasks === true) {
    for (let row = 0; row < rows; row++) {
      const slot = slots[row];
      if (slot === undefined || filled[row] === 0) continue;
      const component = components[slot.component];
      const ranges = (await component.plan(slot.shard)).ranges(slot.sample);
      const head = await tokens.head(component.shards[slot.shard]);
      if (bounds !== undefined) markDocuments(bounds, row * sequenceLength, ranges, head.offsets);
      if (head.lossMask !== undefined) copyMasks(lossMask!, row * sequenceLength, ranges, head.lossMask);
    }
  }
  const padding = rows * sequenceLength - used;
  return { step, rows, inputs, targets, lossMask, ...bounds, filled, tokens: used, padding, skipped };
}

interface SlotPlace {
  readonly component: number;
  readonly shard: number;
  readonly sample: number;
}

function paddingMask(batch: OpenBatch): Uint8Array {
  const mask = new Uint8Array(batch.rows * batch.sequenceLength);
  for (let row = 0; row < batch.rows; row++) {
    const at = row * batch.sequenceLength;
    mask.fill(1, at, at + batch.filled[row]);
  }
  return mask;
}

/** A new segment begins at each range and at each document within one. */
function markDocuments(
  bounds: { segments: Int32Array; positions: Int32Array },
  rowAt: number,
  ranges: readonly number[],
  offsets: Uint32Array,
): void {
  let at = rowAt;
  let segment = -1;
  for (let i = 0; i < ranges.length; i += 2) {
    let document = documentAt(offsets, ranges[i]);
    for (let start = ranges[i]; start < ranges[i + 1]; document++) {
      const end = Math.min(ranges[i + 1], offsets[document + 1]);
      if (end <= start) continue;
      segment++;
      for (let position = 0; position < end - start; position++, at++) {
        bounds.segments[at] = segment;
        bounds.positions[at] = position;
      }
      start = end;
    }
  }
}

function copyMasks(mask: Uint8Array, rowAt: number, ranges: readonly number[], shardMask: Uint8Array): void {
  let at = rowAt;
  for (let i = 0; i < ranges.length; i += 2) {
    mask.set(shardMask.subarray(ranges[i], ranges[i + 1]), at);
    at += ranges[i + 1] - ranges[i];
  }
}

/** The document that holds a token of its shard. */
export function documentAt(offsets: Uint32Array, token: number): number {
  let [low, high] = [0, offsets.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (offsets[middle] <= token) low = middle;
    else high = middle - 1;
  }
  return low;
}
