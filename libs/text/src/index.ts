// Strings in, strings and offsets out. All offsets are UTF-16 units into the string given.
//   decodeText(bytes, hints) → {text, charset, repaired, guessed} · canonicalUrl(url, base?) → string | undefined (identity, not
//   the address to fetch) · registrableDomain(urlOrHost) → 'b.co.uk' · segmentWords(text) → {count, offsets} (word i =
//   [offsets[2i], offsets[2i+1])) · wordStrings(text, words) → string[] · normalizeForDedup(text) → words separated by
//   one space · shingles(normalized, n = 5) → Set · splitLines (Python's), splitParagraphs, codePointLength, toNfc.
export { decodeText, sniffCharset, type CharsetHints, type DecodedText } from './charset.ts';
export { canonicalCharset, decoderOf } from './charset-decoder.ts';
export { canonicalUrl, registrableDomain } from './url.ts';
export { isHostName, ruleOfHost } from './host-rules.ts';
export { scanWords, segmentWords, WordList, wordStrings, type Words } from './words.ts';
export { CharacterClass, classAt } from './character-class.ts';
export { normalizeForDedup } from './dedup-normalize.ts';
export { shingles } from './shingles.ts';
export { codePointLength, isLineBoundary, splitLines, splitParagraphs } from './lines.ts';
export { toNfc } from './nfc.ts';
export { renderTurns, splitTurns, turnMarker, type Message } from './turns.ts';
