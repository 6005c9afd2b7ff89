// Rows of an encoder-decoder: two texts packed side by side, each under the number of the document or pair that it is
// of, the decoder's tokens one behind its targets.

import type { BatchArrays } from '../batch.ts';
import { perToken, type Objective } from './objective.ts';

export interface RowLengths {
  readonly encoder: number;
  readonly decoder: number;
}

export const shapeOfRows =
  ({ encoder, decoder }: RowLengths): Objective['shape'] =>
  (batch) => ({
    batch,
    length: decoder,
    further: {
      segments: perToken(decoder),
      positions: perToken(decoder),
      encoderTokens: perToken(encoder),
      encoderSegments: perToken(encoder),
      encoderPositions: perToken(encoder),
    },
  });

export interface RowWriter {
  /** Adds a pair to a row as number `segment`, or as much of its target as there is room for; a source without room is left out. */
  add(
    row: number,
    pair: {
      readonly source: ArrayLike<number>;
      readonly target: ArrayLike<number>;
      readonly segment: number;
    },
  ): void;
  readonly arrays: BatchArrays;
}

export function createRows(
  rows: number,
  { encoder, decoder }: RowLengths,
  { pad, decoderStart }: { readonly pad: number; readonly decoderStart: number },
): RowWriter {
  const whole = (length: number, filler: number) => new Int32Array(rows * length).fill(filler);
  const arrays = {
    tokens: whole(decoder, pad),
    targets: whole(decoder, -1),
    segments: whole(decoder, -1),
    positions: whole(decoder, 0),
    encoderTokens: whole(encoder, pad),
    encoderSegments: whole(encoder, -1),
    encoderPositions: whole(encoder, 0),
  };
  const filled = Array.from({ length: rows }, () => ({ encoder: 0, decoder: 0 }));
  return {
    arrays,
    add(row, { source, target, segment }) {
      const used = filled[row];
      const wanted = Math.min(target.length, decoder - used.decoder);
      if (wanted === 0 || used.encoder + source.length > encoder) return;
      for (let i = 0; i < source.length; i++) {
        const at = row * encoder + used.encoder++;
        arrays.encoderTokens[at] = source[i];
        arrays.encoderSegments[at] = segment;
        arrays.encoderPositions[at] = i;
      }
      for (let i = 0; i < wanted; i++) {
        const at = row * decoder + used.decoder++;
        arrays.tokens[at] = i === 0 ? decoderStart : target[i - 1];
        arrays.targets[at] = target[i];
        arrays.segments[at] = segment;
        arrays.positions[at] = i;
      }
    },
  };
}
