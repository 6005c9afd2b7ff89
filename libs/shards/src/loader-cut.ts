// A step of a ramp out of the whole rows that it lies in: a stretch of their slots, as shorter rows.

import type { TokenBatch } from './loader-batch.ts';

export interface Stretch {
  /** Slot of the batch at which it begins. */
  readonly from: number;
  readonly rows: number;
  readonly sequenceLength: number;
}

/** @param length tokens of a row of the batch */
export function cutBatch(
  batch: TokenBatch,
  length: number,
  { from, rows, sequenceLength }: Stretch,
): TokenBatch {
  const count = rows * sequenceLength;
  if (from === 0 && sequenceLength === length && rows === batch.rows) return batch;
  const cut = <T extends Int32Array | Uint8Array>(all: T) => all.slice(from, from + count) as T;
  const lossMask = batch.lossMask && cut(batch.lossMask);
  const { segments, positions } = batch;
  const bounds = segments && positions && countAnew(cut(segments), cut(positions), sequenceLength);
  const padding = countPadding(batch, length, { from, rows, sequenceLength });
  return {
    step: batch.step,
    rows,
    inputs: cut(batch.inputs),
    targets: cut(batch.targets),
    ...(lossMask?.includes(0) ? { lossMask } : {}),
    ...bounds,
    filled: batch.filled,
    tokens: count - padding,
    padding,
    skipped: batch.skipped,
  };
}

/** Segments and positions from 0 in each of the shorter rows. */
function countAnew(segments: Int32Array, positions: Int32Array, length: number) {
  for (let row = 0; row < segments.length; row += length) {
    const [firstSegment, firstPosition] = [segments[row], positions[row]];
    for (let at = row; at < row + length && segments[at] >= 0; at++) {
      if (segments[at] === firstSegment) positions[at] -= firstPosition;
      segments[at] -= firstSegment;
    }
  }
  return { segments, positions };
}

function countPadding(
  { filled }: TokenBatch,
  length: number,
  { from, rows, sequenceLength }: Stretch,
): number {
  const end = from + rows * sequenceLength;
  return filled.reduce((sum, count, row) => {
    const [first, last] = [Math.max(from, row * length + count), Math.min(end, (row + 1) * length)];
    return sum + Math.max(0, last - first);
  }, 0);
}
