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
  const starts = new Uint32Array(count);
  for (let i = 0; i < count; i++) starts[i] = spans[2 * i];
  const units = toUnits(text, starts);
  const chosen = gramsAround(positions, marks, { words, last: count - words });
  const halves = new Uint32Array(shingles.buffer);
  const [hashes, gramSpans] = [new Uint32Array(chosen.length * 2), new Uint32Array(chosen.length * 2)];
  for (let i = 0; i < chosen.length; i++) {
    const gram = chosen[i];
    hashes[2 * i] = halves[2 * gram];
    hashes[2 * i + 1] = halves[2 * gram + 1];
    gramSpans[2 * i] = gram === 0 ? 0 : units[gram];
    gramSpans[2 * i + 1] = gram + words < count ? units[gram + words] : text.length;
  }
  return { hashes: new BigUint64Array(hashes.buffer), spans: gramSpans };
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
