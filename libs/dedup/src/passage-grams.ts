// Candidates for repeated passages: the word n-grams (n = the least length of a passage, 50) that contain a shared
// fingerprint. Every n-gram that occurs twice is among the candidates at all its places, because winnowing chooses the same
// fingerprints within equal runs; whether it occurs twice is settled by its own hash, over every candidate of the corpus.

import type { Fingerprinter } from './fingerprint.ts';
import { toUnits } from './to-units.ts';
import { printWindow, printWords } from './winnowing.ts';

export interface PassageGrams {
  readonly hashes: BigUint64Array;
  /** Start and end of each in UTF-16 units: from its first word to the word behind it, so that nothing is left between. */
  readonly spans: Uint32Array;
}

/**
 * @param marks 1 for each fingerprint of the text, in order, that occurs at another place too
 * @param words least length of a passage
 */
export function passageGrams(
  fingerprinter: Fingerprinter,
  text: string,
  { marks, words }: { marks: Uint8Array; words: number },
): PassageGrams {
  const { positions } = fingerprinter.winnowed(text, printWords, printWindow);
  const { shingles, spans } = fingerprinter.locate(text, words);
  const count = spans.length / 2;
  if (count < words) return { hashes: new BigUint64Array(0), spans: new Uint32Array(0) };
  const starts = toUnits(
    text,
    Uint32Array.from({ length: count }, (_, i) => spans[2 * i]),
  );
  const chosen = gramsAround(positions, marks, { words, last: count - words });
  const ends = (gram: number): number => (gram + words < count ? starts[gram + words] : text.length);
  const found = { hashes: new BigUint64Array(chosen.length), spans: new Uint32Array(chosen.length * 2) };
  for (const [i, gram] of chosen.entries()) {
    found.hashes[i] = shingles[gram];
    found.spans[2 * i] = gram === 0 ? 0 : starts[gram];
    found.spans[2 * i + 1] = ends(gram);
  }
  return found;
}

/** Numbers of the n-grams that contain a marked fingerprint, ascending. */
function gramsAround(
  positions: Uint32Array,
  marks: Uint8Array,
  { words, last }: { words: number; last: number },
): number[] {
  const chosen: number[] = [];
  for (const [i, position] of positions.entries()) {
    if (marks[i] === 0) continue;
    const from = Math.max(position + printWords - words, 0, (chosen.at(-1) ?? -1) + 1);
    for (let gram = from; gram <= Math.min(position, last); gram++) chosen.push(gram);
  }
  return chosen;
}
