// Lines and paragraphs of one text that other texts have too.

import type { Pieces } from './fingerprint.ts';
import { toUnits } from './to-units.ts';

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
  const halves = new Uint32Array(pieces.hashes.buffer, pieces.hashes.byteOffset, marks.length * 2);
  const [hashes, spans] = [new Uint32Array(marks.length * 2), new Uint32Array(marks.length * 2)];
  let [length, documents] = [0, 0];
  for (let i = 0; i < marks.length; i++) {
    if (marks[i] === 0) continue;
    documents = Math.max(documents, marks[i]);
    for (const half of [0, 1]) {
      hashes[length + half] = halves[2 * i + half];
      spans[length + half] = pieces.spans[2 * i + half];
    }
    length += 2;
  }
  if (length === 0) return { hashes: new BigUint64Array(0), spans: new Uint32Array(0), units: 0, documents };
  const inUnits = toUnits(text, spans.subarray(0, length));
  let units = 0;
  for (let i = 0; i < length; i += 2) units += inUnits[i + 1] - inUnits[i];
  return { hashes: new BigUint64Array(hashes.slice(0, length).buffer), spans: inUnits, units, documents };
}
