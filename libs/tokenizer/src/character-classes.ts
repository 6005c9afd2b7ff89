// Classes of characters as the published patterns ask for them, in bits: the table that the WebAssembly encoder reads.

const known = 128;
const classes: readonly (readonly [RegExp, number])[] = [
  [/\p{L}+/gu, 1],
  [/\p{N}+/gu, 2],
  [/\p{White_Space}+/gu, 4],
  [/[\r\n]+/g, 8],
  [/[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+/gu, 16],
  [/[\p{Ll}\p{Lm}\p{Lo}\p{M}]+/gu, 32],
  [/[^\p{White_Space}\p{L}\p{N}]+/gu, 64],
];

/** Fills `table`, a byte for each code point, for the 256 of which `point` is one. No surrogates. */
export function learnClasses(table: Uint8Array, point: number): void {
  const first = point & ~255;
  const text = String.fromCodePoint(...Array.from({ length: 256 }, (_, i) => first + i));
  const units = text.length / 256;
  table.fill(known, first, first + 256);
  for (const [pattern, bit] of classes) {
    for (const match of text.matchAll(pattern)) {
      const from = first + match.index / units;
      const to = from + match[0].length / units;
      for (let at = from; at < to; at++) table[at] |= bit;
    }
  }
}
