// Which legacy charset undeclared bytes are in. Japanese and Chinese, Korean and Japanese among each other, by cheap signs:
// which encodings accept the bytes without an error, and how often the decoded letters are common ones of that script.
// Everything else by jschardet, which knows pairs of bytes of some fifty languages. No replacement for a declaration.

import { createRequire } from 'node:module';
import type * as JsChardet from 'jschardet';
import { canonicalCharset, decoderOf } from './charset-decoder.ts';

const sampleBytes = 16384;

interface Candidate {
  readonly charset: string;
  /** The characters that dominate text in this charset. */
  readonly common: RegExp;
  /** Share of non-ASCII characters that must match. */
  readonly floor: number;
}

const kana = /[\u3040-\u30ff]/g;
// The most frequent characters of Chinese prose, simplified and traditional.
const simplified = /[的一是不了在人有我他这中大来上国们到说以]/g;
const traditional = /[的一是不了在人有我他這中大來上國們到說以]/g;
const hangul = /[\uac00-\ud7a3]/g;

// Order breaks ties: an encoding that accepts less comes first.
const candidates: readonly Candidate[] = [
  { charset: 'iso-2022-jp', common: kana, floor: 0.2 },
  { charset: 'euc-jp', common: kana, floor: 0.25 },
  { charset: 'shift_jis', common: kana, floor: 0.25 },
  { charset: 'euc-kr', common: hangul, floor: 0.7 },
  { charset: 'gb18030', common: simplified, floor: 0.05 },
  { charset: 'big5', common: traditional, floor: 0.05 },
];

/** The likeliest legacy charset of bytes that are not UTF-8; windows-1252 when nothing speaks for another. */
export function guessLegacyCharset(bytes: Uint8Array): string {
  const sample = sampleAroundHighBytes(bytes);
  const eastern = guessEastern(sample);
  // Nothing else has so many kana.
  if (eastern !== undefined && isJapanese(eastern)) return eastern;
  const detected = detect(sample);
  if (eastern !== undefined && (detected === undefined || isEastern(detected))) return eastern;
  return detected ?? 'windows-1252';
}

const isJapanese = (charset: string): boolean => /jp$|jis$/.test(charset);
const isEastern = (charset: string): boolean => isJapanese(charset) || /^(?:euc-kr|gb|big5)/.test(charset);

function guessEastern(sample: Uint8Array): string | undefined {
  let best: string | undefined;
  let bestScore = 1;
  for (const { charset, common, floor } of candidates) {
    const score = shareOfCommon(decoderOf(charset).decode(sample), common) / floor;
    if (score > bestScore) [best, bestScore] = [charset, score];
  }
  return best;
}

function shareOfCommon(text: string, common: RegExp): number {
  const foreign = text.match(/[^\x00-\x7f]/g)?.length ?? 0;
  // The sample may begin or end inside a character; more errors than that exclude the charset.
  const errors = text.match(/\ufffd/g)?.length ?? 0;
  if (foreign < 4 || errors > 4 + foreign / 200) return 0;
  return (text.match(common)?.length ?? 0) / foreign;
}

const wideScripts = [
  [kana, 0.2],
  [hangul, 0.7],
  [simplified, 0.05],
  [traditional, 0.05],
] as const;

/** True for Chinese, Japanese or Korean prose, which shows no zeros in UTF-16: nothing else decodes to so much of it. */
export function isEasternProse(text: string): boolean {
  if (/[\u0000-\u0008\u000e-\u001f\ufffd\ufffe\uffff\ue000-\uf8ff]|\p{Cn}/u.test(text)) return false;
  return wideScripts.some(([common, floor]) => shareOfCommon(text, common) > floor);
}

/** Fewer bytes beyond ASCII tell nothing. */
const leastHighBytes = 2;
/** What few programs of the last thirty years write wants more of them. */
const [unusual, leastOfUnusual] = [/^(?:macintosh|x-mac-cyrillic|ibm866|iso-8859-4)$/, 8];
/** Of the best confidence: below it windows-1252, by far the commonest, is still the better guess. */
const nearlyAsGood = 0.9;
/** On the web only where somebody declares them; their letters are those of commoner ones. */
const rare = /^iso-8859-(?:3|10|14|16)$/;
const otherNames = new Map([
  ['cp874', 'windows-874'],
  ['maccyrillic', 'x-mac-cyrillic'],
  ['macroman', 'macintosh'],
  ['cp1258', 'windows-1258'],
]);

/** By statistics of languages; undefined where nothing is found that the web has. */
function detect(sample: Uint8Array): string | undefined {
  const high = sample.reduce((count, byte) => count + (byte > 0x7f ? 1 : 0), 0);
  if (high < leastHighBytes) return undefined;
  // Loaded when it is needed: its tables take half a second and 60 MB.
  const { detectAll } = require('jschardet') as typeof JsChardet;
  const found = detectAll(sample).flatMap(({ encoding, confidence }) => {
    const charset = encoding === null ? undefined : webName(encoding.toLowerCase());
    const isOdd = charset === undefined || rare.test(charset);
    return isOdd || (high < leastOfUnusual && unusual.test(charset)) ? [] : [{ charset, confidence }];
  });
  const latin = found.find(({ charset }) => charset === 'windows-1252');
  if (latin && latin.confidence > found[0].confidence * nearlyAsGood) return 'windows-1252';
  return found.find(({ charset }) => !charset.startsWith('utf-'))?.charset;
}

const require = createRequire(import.meta.url);

function webName(name: string): string | undefined {
  return canonicalCharset(otherNames.get(name) ?? name.replace(/^iso8859/, 'iso-8859'));
}

/** The first lines that hold bytes above 0x7f (or an escape), so that a long ASCII head does not hide them. */
function sampleAroundHighBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= sampleBytes) return bytes;
  const first = bytes.findIndex((byte) => byte > 0x7f || byte === 0x1b);
  const start = first < 0 ? 0 : bytes.lastIndexOf(0x0a, first) + 1;
  const from = first - start > sampleBytes / 2 ? first : start;
  return bytes.subarray(from, from + sampleBytes);
}
