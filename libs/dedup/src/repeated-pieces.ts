// Lines and paragraphs of one text: those long enough to be compared, and of these the ones that others have.

import type { Pieces } from './fingerprint.ts';
import { toUnits } from './to-units.ts';

/** The pieces of at least so many words. */
export function longPieces(pieces: Pieces, least: number): Pieces {
  const kept = [...pieces.words.keys()].filter((i) => pieces.words[i] >= least);
  return pick(pieces, kept);
}

function pick({ hashes, spans, words }: Pieces, kept: readonly number[]): Pieces {
  return {
    hashes: BigUint64Array.from(kept, (i) => hashes[i]),
    spans: Uint32Array.from({ length: kept.length * 2 }, (_, i) => spans[2 * kept[i >> 1] + (i & 1)]),
    words: Uint32Array.from(kept, (i) => words[i]),
  };
}

export interface RepeatedPieces {
  readonly hashes: BigUint64Array;
  /** Start and end of each in UTF-16 units. */
  readonly spans: Uint32Array;
  /** UTF-16 units in them. */
  readonly units: number;
  /** Of the piece that most texts have, in how many. */
  readonly documents: number;
}

/** @param marks for each piece of `text` 0, or how many texts have it */
export function repeatedPieces(text: string, pieces: Pieces, marks: Uint8Array): RepeatedPieces {
  const repeated = pick(
    pieces,
    [...marks.keys()].filter((i) => marks[i] > 0),
  );
  const spans = toUnits(text, repeated.spans);
  let units = 0;
  for (let i = 0; i < spans.length; i += 2) units += spans[i + 1] - spans[i];
  return {
    hashes: repeated.hashes,
    spans,
    units,
    documents: marks.reduce((most, mark) => Math.max(most, mark), 0),
  };
}
