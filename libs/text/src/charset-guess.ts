// Which legacy charset undeclared bytes are in, by two cheap signs: which multi-byte encodings accept them without
// an error, and how often the decoded letters are common ones of that script. Candidates are the legacy charsets
// that the web still uses; it is no replacement for a declaration and does not tell Latin charsets apart.

const sampleBytes = 16384;

interface Candidate {
  readonly charset: string;
  /** The characters that dominate text in this charset; alphabets in runs, as accented letters stand alone. */
  readonly common: RegExp;
  /** Share of non-ASCII characters that must match. */
  readonly floor: number;
}

// Order breaks ties: an encoding that accepts less comes first.
const candidates: readonly Candidate[] = [
  { charset: 'iso-2022-jp', common: /[\u3040-\u30ff]/g, floor: 0.2 },
  { charset: 'euc-jp', common: /[\u3040-\u30ff]/g, floor: 0.25 },
  { charset: 'shift_jis', common: /[\u3040-\u30ff]/g, floor: 0.25 },
  { charset: 'euc-kr', common: /[\uac00-\ud7a3]/g, floor: 0.7 },
  // The most frequent characters of Chinese prose, simplified and traditional.
  { charset: 'gb18030', common: /[的一是不了在人有我他这中大来上国们到说以]/g, floor: 0.05 },
  { charset: 'big5', common: /[的一是不了在人有我他這中大來上國們到說以]/g, floor: 0.05 },
  { charset: 'windows-1251', common: /[а-яё]{3,}/g, floor: 0.7 },
  { charset: 'koi8-r', common: /[а-яё]{3,}/g, floor: 0.7 },
  { charset: 'windows-1253', common: /[α-ωάέήίόύώ]{3,}/g, floor: 0.7 },
  { charset: 'windows-1255', common: /[א-ת]{2,}/g, floor: 0.8 },
  { charset: 'windows-1256', common: /[\u0621-\u064a]{2,}/g, floor: 0.8 },
];

/** The likeliest legacy charset of bytes that are not UTF-8; windows-1252 when nothing speaks for another. */
export function guessLegacyCharset(bytes: Uint8Array): string {
  const sample = sampleAroundHighBytes(bytes);
  let best = 'windows-1252';
  let bestScore = 1;
  for (const { charset, common, floor } of candidates) {
    const score = shareOfCommon(sample, charset, common) / floor;
    if (score > bestScore) {
      best = charset;
      bestScore = score;
    }
  }
  return best;
}

function shareOfCommon(sample: Uint8Array, charset: string, common: RegExp): number {
  const text = new TextDecoder(charset).decode(sample);
  const foreign = text.match(/[^\x00-\x7f]/g)?.length ?? 0;
  // The sample may begin or end inside a character; more errors than that exclude the charset.
  const errors = text.match(/\ufffd/g)?.length ?? 0;
  if (foreign < 4 || errors > 4 + foreign / 200) return 0;
  const matched = text.match(common)?.reduce((sum, run) => sum + run.length, 0) ?? 0;
  return matched / foreign;
}

/** The first lines that hold bytes above 0x7f (or an escape), so that a long ASCII head does not hide them. */
function sampleAroundHighBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= sampleBytes) return bytes;
  const first = bytes.findIndex((byte) => byte > 0x7f || byte === 0x1b);
  const start = first < 0 ? 0 : bytes.lastIndexOf(0x0a, first) + 1;
  const from = first - start > sampleBytes / 2 ? first : start;
  return bytes.subarray(from, from + sampleBytes);
}
