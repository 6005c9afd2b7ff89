// Bytes to text, as browsers do it (WHATWG Encoding and the HTML prescan), then with the two repairs that a
// corpus wants and a browser must not make: a declaration that the bytes contradict is not believed, and bytes
// without any declaration are judged by their content instead of being called windows-1252.

import { isUtf8 } from 'node:buffer';
import sniffEncoding from 'html-encoding-sniffer';
import { canonicalCharset, decoderOf } from './charset-decoder.ts';
import { guessLegacyCharset, isEasternProse } from './charset-guess.ts';

export interface CharsetHints {
  /** Charset that the transport or the container declared, as written there. */
  readonly charset?: string;
  /** Where the bytes themselves may carry a declaration: HTML meta, XML declaration, or nowhere. */
  readonly markup?: 'html' | 'xml' | 'none';
}

export interface DecodedText {
  readonly text: string;
  /** WHATWG name of the encoding that was used, in lower case. */
  readonly charset: string;
  /** True when the declared charset was not the one used. */
  readonly repaired: boolean;
  /** True when nothing declared it and statistics of the bytes decided. */
  readonly guessed: boolean;
}

/** A browser prescans 1,024 bytes and starts over when a meta comes later; scanning further finds the same meta. */
const maxPrescanBytes = 65536;

/**
 * The charset that a browser would use, or undefined where a browser would fall back to its locale.
 * Order: byte order mark, transport, declaration in the bytes.
 */
export function sniffCharset(bytes: Uint8Array, hints: CharsetHints = {}): string | undefined {
  const known = hints.charset === undefined ? undefined : canonicalCharset(hints.charset);
  const markup = hints.markup ?? 'none';
  const options = { transportLayerEncodingLabel: known, defaultEncoding: 'replacement' };
  const found =
    markup === 'xml'
      ? sniffEncoding(bytes, { ...options, xml: true, defaultEncoding: 'UTF-8' })
      : sniffEncoding(markup === 'none' ? bytes.subarray(0, 3) : bytes, { ...options, maxPrescanBytes });
  return found === 'replacement' ? undefined : found.toLowerCase();
}

/**
 * Decodes a document. Never throws: what cannot be decoded becomes U+FFFD.
 * @example decodeText(bytes, { charset: 'iso-8859-1', markup: 'html' }).text
 */
export function decodeText(bytes: Uint8Array, hints: CharsetHints = {}): DecodedText {
  const declared = sniffCharset(bytes, hints);
  const told = (charset: string, guessed: boolean): DecodedText => ({
    text: decoderOf(charset).decode(bytes),
    ...{ charset, repaired: charset !== declared, guessed },
  });
  const wide = declared === undefined ? guessUtf16(bytes) : undefined;
  if (wide !== undefined) return told(wide, true);
  if (isUtf8(bytes) && (declared === undefined || declared === 'utf-8' || isLegacySingleByte(declared)))
    return told('utf-8', false);
  if ((declared ?? 'utf-8') !== 'utf-8') return told(declared!, false);
  return isMostlyUtf8(bytes) ? told('utf-8', false) : told(guessLegacyCharset(bytes), true);
}

// A page of ASCII decodes alike in all of these, so believing UTF-8 costs nothing there.
function isLegacySingleByte(charset: string): boolean {
  return /^(windows-|iso-8859-|koi8-|macintosh|x-mac|ibm866)/.test(charset);
}

const sampleBytes = 1 << 20;

/** True when most of the non-ASCII runs are UTF-8: a broken character or two is no other charset. */
function isMostlyUtf8(bytes: Uint8Array): boolean {
  let valid = 0;
  let invalid = 0;
  const end = Math.min(bytes.length, sampleBytes);
  for (let i = 0; i < end;) {
    const length = sequenceLength(bytes, i);
    if (length === 0) invalid++;
    else if (length > 1) valid++;
    i += length || 1;
  }
  return valid > invalid;
}

/** Length of the UTF-8 sequence at `i`, 0 where there is none. */
function sequenceLength(bytes: Uint8Array, i: number): number {
  const lead = bytes[i];
  if (lead < 0x80) return 1;
  const length = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (lead >= 0xf5 || length === 0) return 0;
  for (let k = 1; k < length; k++) if ((bytes[i + k] & 0xc0) !== 0x80) return 0;
  return length;
}

/** UTF-16 without a byte order mark: zeros at every other byte of markup or western text, or prose of East Asia. */
function guessUtf16(bytes: Uint8Array): string | undefined {
  const pairs = Math.min(bytes.length, 4096) >> 1;
  if (pairs < 8) return undefined;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < pairs; i++) {
    if (bytes[2 * i] === 0) even++;
    if (bytes[2 * i + 1] === 0) odd++;
  }
  if (odd > pairs * 0.6 && even < pairs * 0.05) return 'utf-16le';
  if (even > pairs * 0.6 && odd < pairs * 0.05) return 'utf-16be';
  const sample = bytes.subarray(0, 2 * pairs);
  // Such text has bytes below the blank, which no text in single bytes has.
  if (!sample.some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) || isUtf8(bytes))
    return undefined;
  return ['utf-16le', 'utf-16be'].find((charset) => isEasternProse(decoderOf(charset).decode(sample)));
}
