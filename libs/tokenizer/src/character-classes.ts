// Classes of characters as the published patterns ask for them, in bits: the table that the WebAssembly encoder reads.
// They are those of Unicode 16, which tiktoken 0.14 and Hugging Face's tokenizers 0.23 go by; Node knows Unicode 17. The
// difference is below: what came with version 17 is unassigned, neither letter nor number.

const known = 128;
const other = 64;
const classes: readonly (readonly [RegExp, number])[] = [
  [/\p{L}+/gu, 1],
  [/\p{N}+/gu, 2],
  [/\p{White_Space}+/gu, 4],
  [/[\r\n]+/g, 8],
  [/[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+/gu, 16],
  [/[\p{Ll}\p{Lm}\p{Lo}\p{M}]+/gu, 32],
  [/[^\p{White_Space}\p{L}\p{N}]+/gu, other],
];

/** Letters, marks and numbers that Unicode 17 added: first and last of each run. */
const added: readonly number[] = [
  0x88f, 0x88f, 0xc5c, 0xc5c, 0xcdc, 0xcdc, 0x1acf, 0x1add, 0x1ae0, 0x1aeb, 0xa7ce, 0xa7cf, 0xa7d2, 0xa7d2,
  0xa7d4, 0xa7d4, 0xa7f1, 0xa7f1, 0x10940, 0x10959, 0x10ec5, 0x10ec7, 0x10efa, 0x10efb, 0x11b60, 0x11b67,
  0x11db0, 0x11ddb, 0x11de0, 0x11de9, 0x16ea0, 0x16eb8, 0x16ebb, 0x16ed3, 0x16ff2, 0x16ff6, 0x187f8, 0x187ff,
  0x18d09, 0x18d1e, 0x18d80, 0x18df2, 0x1e6c0, 0x1e6de, 0x1e6e0, 0x1e6f5, 0x1e6fe, 0x1e6ff, 0x2b73a, 0x2b73f,
  0x2cea2, 0x2cead, 0x323b0, 0x33479,
];
/** A lower-case letter in Unicode 16, a letter without case in 17. */
const changed = 'ʕ';

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
  for (let i = 0; i < added.length; i += 2) {
    for (let at = Math.max(added[i], first); at <= Math.min(added[i + 1], first + 255); at++)
      table[at] = known | other;
  }
  const lower = changed.codePointAt(0)!;
  if (first === (lower & ~255)) table[lower] &= ~16;
}

const isNewer = new RegExp(
  `[${added.map((point, i) => `\\u{${point.toString(16)}}${i % 2 === 0 ? '-' : ''}`).join('')}${changed}]`,
  'gu',
);

/** A text of the same length that Node's regular expressions cut as Unicode 16 would cut the given one. */
export function asOfUnicode16(text: string): string {
  return text.replace(isNewer, (character) => {
    if (character === changed) return 'ʒ';
    return character.length === 1 ? '\uffff' : '\u{1ffff}';
  });
}
