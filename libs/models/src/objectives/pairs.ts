// Sequence to sequence (Sutskever et al. 2014): each document of the shards is a pair, its source being what the loss
// mask leaves out and its target what counts, as packing marks conversations. Pairs are packed into rows and do not see
// each other.

import { createRows, shapeOfRows } from './paired-rows.ts';
import type { LoadedRows, Objective } from './objective.ts';

export interface PairsOptions {
  /** Tokens of the encoder's row, and of the decoder's. */
  readonly sequenceLength: number;
  readonly targetLength: number;
  readonly tokens: { readonly pad: number; readonly decoderStart: number; readonly endOfText: number };
}

export function createPairs({ sequenceLength, targetLength, tokens }: PairsOptions): Objective {
  const lengths = { encoder: sequenceLength, decoder: targetLength };
  return {
    name: 'pairs',
    sampleLength: sequenceLength,
    documentBounds: true,
    wholeDocuments: true,
    shape: shapeOfRows(lengths),
    build(loaded) {
      const rows = createRows(loaded.rows, lengths, tokens);
      for (const { row, ...pair } of readPairs(loaded, tokens.endOfText)) rows.add(row, pair);
      return rows.arrays;
    },
  };
}

interface Pair {
  readonly row: number;
  readonly segment: number;
  /** Ends with the end-of-text token. */
  readonly source: readonly number[];
  /** Ends with it too, unless the document was cut. */
  readonly target: readonly number[];
}

/** The pairs of some rows; a piece of a document without a source or without a target is none. */
export function* readPairs(loaded: LoadedRows, endOfText: number): Generator<Pair> {
  const { rows, targets, segments, lossMask } = loaded;
  if (!segments) throw new TypeError('the bounds of documents are missing');
  const length = targets.length / rows;
  for (let row = 0; row < rows; row++) {
    let at = row * length;
    const end = at + length;
    while (at < end && segments[at] >= 0) {
      const segment = segments[at];
      const source: number[] = [];
      const target: number[] = [];
      for (; at < end && segments[at] === segment; at++) {
        const isLast = at + 1 === end || segments[at + 1] !== segment;
        const isEnd = isLast && targets[at] === endOfText;
        (isEnd || lossMask?.[at] !== 0 ? target : source).push(targets[at]);
      }
      if (source.length > 0 && target.length > 0)
        yield { row, segment, source: [...source, endOfText], target };
    }
  }
}
