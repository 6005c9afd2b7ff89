// Prefix language model (Raffel et al. 2020, section 3.2.1): a row is cut at a random place; what stands before it is
// seen by all, what follows is predicted token by token. For a decoder that is a mask, for an encoder-decoder the
// encoder reads what stands before.

import { philox4x32 } from '@gristmill/tensor';
import type { BatchArrays } from '../batch.ts';
import { createRows, shapeOfRows } from './paired-rows.ts';
import {
  maskTargets,
  perRow,
  perToken,
  type BatchPlace,
  type LoadedRows,
  type Objective,
} from './objective.ts';

export interface PrefixOptions {
  readonly sequenceLength: number;
  readonly seed: number;
  readonly documentMask?: boolean;
}

/** For a decoder. */
export function createPrefix({ sequenceLength, seed, documentMask = false }: PrefixOptions): Objective {
  const whole = perToken(sequenceLength);
  return {
    name: 'prefix',
    sampleLength: sequenceLength,
    documentBounds: documentMask,
    shape: (batch) => ({
      batch,
      length: sequenceLength,
      further: { prefix: perRow, ...(documentMask ? { segments: whole, positions: whole } : {}) },
    }),
    build(loaded, place): BatchArrays {
      const { rows, inputs: tokens, segments, positions } = loaded;
      const prefix = Int32Array.from({ length: rows }, (_, row) => drawCut(sequenceLength, seed, place, row));
      // Input i is the token before target i: the prefix shows all targets but its last.
      const targets = maskTargets(loaded).map((target, i) =>
        i % sequenceLength < prefix[Math.floor(i / sequenceLength)] - 1 ? -1 : target,
      );
      if (!documentMask) return { tokens, targets, prefix };
      if (!segments || !positions) throw new TypeError('the bounds of documents are missing');
      return { tokens, targets, prefix, segments, positions };
    },
  };
}

export interface SplitPrefixOptions extends Omit<PrefixOptions, 'documentMask'> {
  readonly tokens: { readonly pad: number; readonly decoderStart: number; readonly endOfText: number };
}

/** For an encoder-decoder, which reads the prefix and writes the rest. */
export function createSplitPrefix({ sequenceLength, seed, tokens }: SplitPrefixOptions): Objective {
  const sampleLength = sequenceLength - 1; // the end of the prefix takes a place
  const lengths = { encoder: sequenceLength, decoder: sequenceLength };
  return {
    name: 'prefix',
    sampleLength,
    documentBounds: true,
    shape: shapeOfRows(lengths),
    build(loaded, place) {
      const rows = createRows(loaded.rows, lengths, tokens);
      for (let row = 0; row < loaded.rows; row++) {
        const text = textOf(loaded, row, sampleLength);
        if (text.length < 2) continue;
        const cut = drawCut(text.length, seed, place, row);
        const [source, target] = [[...text.subarray(0, cut), tokens.endOfText], text.subarray(cut)];
        rows.add(row, { source, target, segment: 0 });
      }
      return rows.arrays;
    },
  };
}

function textOf({ targets, segments }: LoadedRows, row: number, length: number): Int32Array {
  let used = length;
  while (used > 0 && segments && segments[row * length + used - 1] < 0) used--;
  return targets.subarray(row * length, row * length + used);
}

/** How many of a row's tokens come before the cut: 1 … length − 1, each as likely. */
function drawCut(length: number, seed: number, { step, firstRow = 0 }: BatchPlace, row: number): number {
  const [drawn] = philox4x32([0, firstRow + row, step, 0], [seed, prefixStream]);
  return 1 + (drawn % Math.max(1, length - 1));
}

/** Keeps these draws apart from those of other operations under the same seed. */
const prefixStream = 0x70726566;
