// SentencePiece's normalisation, compiled into a double-array trie (Darts) from spellings to their normal forms, as T5 and
// XLM-RoBERTa carry it. Source: SentencePiece, normalizer.cc; Hugging Face's tokenizers looks a grapheme of fewer than
// six bytes up as a whole, anything else by character, and takes the shortest entry; so do we.

import { readString, type Component } from '../json-component.ts';
import { damaged } from '../refusal.ts';
import type { Normalizer } from './read-normalizer.ts';

const longestGrapheme = 5; // bytes
const keptSpellings = 1 << 16;
const utf8 = new TextEncoder();
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

// Characters that may share a grapheme with a neighbour, and those of the blocks whose letters come before their mark.
const joining =
  '[\\p{M}\\p{Grapheme_Extend}\\p{Emoji_Modifier}\\p{Regional_Indicator}\\p{Cf}\\r\\u0e33\\u0eb3\\u1100-\\u11ff\\ua960-\\ua97f\\ud7b0-\\ud7ff\\u0d4e\\u{111c2}\\u{111c3}\\u{1193f}\\u{11941}\\u{11a3a}\\u{11a84}-\\u{11a89}\\u{11d46}\\u{11f02}]';
const apart = joining.replace('[', '[^');
const joined = `${apart}?${joining}(?:${apart}?${joining})*${apart}?`;

export function createPrecompiled(component: Component): Normalizer {
  const spelling = readString(component, 'precompiled_charsmap', '');
  return spelling === '' ? (text) => text : createCharsMap(Buffer.from(spelling, 'base64'));
}

/** @param blob size of the trie in bytes, the trie, the normal forms with a zero after each */
export function createCharsMap(blob: Uint8Array): Normalizer {
  const look = openTrie(blob);
  const known = new Map<string, string | undefined>();
  const transform = (spelling: string): string | undefined => {
    if (known.has(spelling)) return known.get(spelling);
    const normal = look(utf8.encode(spelling));
    if (known.size >= keptSpellings) known.clear();
    known.set(spelling, normal);
    return normal;
  };
  const normalizeGrapheme = (grapheme: string): string => {
    const whole = utf8.encode(grapheme).length <= longestGrapheme ? transform(grapheme) : undefined;
    if (whole !== undefined) return whole;
    return Array.from(grapheme, (character) => transform(character) ?? character).join('');
  };
  const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
  const rest = ascii.every((character) => transform(character) === undefined) ? '[^ -~]' : '[^]';
  const changing = new RegExp(`${joined}|${rest}`, 'gu');
  return (text) =>
    text.replace(changing, (part) =>
      part.length === 1
        ? normalizeGrapheme(part)
        : Array.from(graphemes.segment(part), ({ segment }) => normalizeGrapheme(segment)).join(''),
    );
}

/** The normal form of the shortest entry that begins the spelling. */
function openTrie(blob: Uint8Array): (spelling: Uint8Array) => string | undefined {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const size = blob.length < 4 ? -1 : view.getUint32(0, true);
  if (size < 4 || size % 4 !== 0 || size + 4 > blob.length)
    throw damaged('precompiled_charsmap is cut short');
  const units = Uint32Array.from({ length: size / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
  const forms = blob.subarray(4 + size);
  return (spelling) => {
    let node = offsetOf(units[0]);
    for (const byte of spelling) {
      if (byte === 0) return undefined;
      node ^= byte;
      const unit = units[node] ?? 0;
      if ((unit & 0x800000ff) >>> 0 !== byte) return undefined;
      node ^= offsetOf(unit);
      if ((unit >>> 8) & 1) return readForm(forms, units[node] & 0x7fffffff);
    }
    return undefined;
  };
}

const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 512) >>> 6);

function readForm(forms: Uint8Array, from: number): string {
  const end = forms.indexOf(0, from);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    forms.subarray(from, end < 0 ? undefined : end),
  );
}
