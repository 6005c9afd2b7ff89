// What the heuristics ask about a character, as one byte of flags per UTF-16 unit, filled as characters are met.
// The punctuation and terminal sets are datatrove's (its PUNCTUATION and TERMINAL_PUNCTUATION), as code point ranges:
// published thresholds were tuned with them, so they are not Unicode's categories.

export const Flag = {
  known: 1,
  /** In datatrove's punctuation set: a word of these alone is a symbol. */
  symbol: 2,
  /** Unicode letter (Python's isalpha). */
  letter: 4,
  /** Unicode category P. */
  punctuation: 8,
  /** Ends a line or sentence (Unicode's sentence terminals, as datatrove lists them). */
  terminal: 16,
  /** Python's white space (str.isspace). */
  space: 32,
  upper: 64,
  digit: 128,
} as const;

const punctuationRanges = [
  0, 8, 11, 31, 33, 47, 58, 64, 91, 96, 123, 159, 171, 171, 180, 180, 187, 187, 8211, 8212, 8217, 8217, 8220,
  8222, 8230, 8230, 8758, 8758, 9473, 9473, 9658, 9658, 12289, 12290, 12296, 12301, 12304, 12305, 65281,
  65281, 65285, 65285, 65288, 65289, 65292, 65292, 65294, 65294, 65297, 65297, 65306, 65307, 65311, 65311,
  65374, 65374,
];
// prettier-ignore
const terminalRanges = [
  0x21, 0x21, 0x2e, 0x2e, 0x3f, 0x3f, 0x589, 0x589, 0x61d, 0x61f, 0x6d4, 0x6d4, 0x700, 0x702, 0x7f9, 0x7f9,
  0x837, 0x837, 0x839, 0x839, 0x83d, 0x83e, 0x964, 0x965, 0x104a, 0x104b, 0x1362, 0x1362, 0x1367, 0x1368,
  0x166e, 0x166e, 0x1735, 0x1736, 0x17d4, 0x17d6, 0x17d9, 0x17da, 0x1803, 0x1803, 0x1809, 0x1809, 0x1944, 0x1945,
  0x1aa8, 0x1aab, 0x1b5a, 0x1b5b, 0x1b5e, 0x1b5f, 0x1b7d, 0x1b7e, 0x1c3b, 0x1c3c, 0x1c7e, 0x1c7f, 0x203c, 0x203d,
  0x2047, 0x2049, 0x2e2e, 0x2e2e, 0x2e3c, 0x2e3c, 0x2e53, 0x2e54, 0x3002, 0x3002, 0xa4ff, 0xa4ff, 0xa60e, 0xa60f,
  0xa6f3, 0xa6f3, 0xa6f7, 0xa6f7, 0xa876, 0xa877, 0xa8ce, 0xa8cf, 0xa92f, 0xa92f, 0xa9c8, 0xa9c9, 0xaa5d, 0xaa5f,
  0xaaf0, 0xaaf1, 0xabeb, 0xabeb, 0xfe52, 0xfe52, 0xfe56, 0xfe57, 0xff01, 0xff01, 0xff0e, 0xff0e, 0xff1f, 0xff1f,
  0xff61, 0xff61, 0x10a56, 0x10a57, 0x10f55, 0x10f59, 0x10f86, 0x10f89, 0x11047, 0x11048, 0x110be, 0x110c1,
  0x11141, 0x11143, 0x111c5, 0x111c6, 0x111cd, 0x111cd, 0x111de, 0x111df, 0x11238, 0x11239, 0x1123b, 0x1123c,
  0x112a9, 0x112a9, 0x1144b, 0x1144c, 0x115c2, 0x115c3, 0x115c9, 0x115d7, 0x11641, 0x11642, 0x1173c, 0x1173e,
  0x11944, 0x11944, 0x11946, 0x11946, 0x11a42, 0x11a43, 0x11a9b, 0x11a9c, 0x11c41, 0x11c42, 0x11ef7, 0x11ef8,
  0x11f43, 0x11f44, 0x16a6e, 0x16a6f, 0x16af5, 0x16af5, 0x16b37, 0x16b38, 0x16b44, 0x16b44, 0x16e98, 0x16e98,
  0x1bc9f, 0x1bc9f, 0x1da88, 0x1da88,
];

/** By UTF-16 unit; 0 = not met yet, or a high surrogate, whose flags are those of its pair: ask `flagsAt`. */
export const flagTable = new Uint8Array(65536);

/** Flags of the character that begins at `index`; a low surrogate has the flags of nothing. */
export function flagsAt(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  const known = flagTable[unit];
  if (known !== 0) return known;
  if ((unit & 0xfc00) === 0xd800) return flagsOf(text.codePointAt(index) ?? unit);
  return (flagTable[unit] = flagsOf(unit));
}

function flagsOf(point: number): number {
  if (point >= 0xd800 && point <= 0xdfff) return Flag.known;
  const character = String.fromCodePoint(point);
  let flags: number = Flag.known;
  const terminal = inRanges(terminalRanges, point);
  if (terminal) flags |= Flag.terminal;
  if (terminal || inRanges(punctuationRanges, point)) flags |= Flag.symbol;
  if (/\p{L}/u.test(character)) flags |= Flag.letter;
  if (/\p{P}/u.test(character)) flags |= Flag.punctuation;
  if (isPythonSpace(point, character)) flags |= Flag.space;
  if (/\p{Lu}/u.test(character)) flags |= Flag.upper;
  if (/\p{Nd}/u.test(character)) flags |= Flag.digit;
  return flags;
}

function isPythonSpace(point: number, character: string): boolean {
  return point !== 0xfeff && (/\s/u.test(character) || (point >= 0x1c && point <= 0x1f) || point === 0x85);
}

function inRanges(ranges: readonly number[], point: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) if (point >= ranges[i] && point <= ranges[i + 1]) return true;
  return false;
}
