// The normal form in which texts are compared for duplicates (FineWeb's, filters.md §5, but for figures and marks): lower
// case, punctuation and symbols to spaces, white space collapsed. One pass, one table look-up a character. Differences from
// datatrove: figures stay, with the minus before them, which may be all that tells two tables apart; marks stay, which are
// tones and vowels, and letters of tone, but not the points of Hebrew and Arabic; other symbols such as © count as punctuation; the Greek final sigma equals the other one.

const unseen = 0;
const kept = 1;
const toSpace = 2;
const mapped = 4;
const dropped = 5;
const special = 6;

/** Points that readers of Hebrew and Arabic supply themselves, and what formats or is broken. */
const pointed =
  /[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u0652\u0670\u06d6-\u06dc\p{Cf}\p{Cs}]/gu;

/** Symbols by their category that a text is spelt with: tones, and the letters of Braille. */
const letterLike = /^[\u02d9\u02e5-\u02eb\u2800-\u28ff\ua700-\ua721\ua789\ua78a]$/;

const kinds = new Uint8Array(65536);
const images = new Uint16Array(65536);
const longImages = new Map<number, string>();
let output = new Uint16Array(1 << 16);

/**
 * @returns words in normal form separated by single spaces, no space at the ends
 * @example normalizeForDedup('Café №5 — cost: 12,50 €') // 'café 5 cost 12 50'
 * @example normalizeForDedup('from −5 to 10-12') // 'from -5 to 10 12'
 */
export function normalizeForDedup(text: string): string {
  // A mapping gives at most 3 units for one in all of Unicode; those that grow go through `special`, which checks.
  if (output.length < text.length + 64) output = new Uint16Array(text.length * 2 + 64);
  let length = 0;
  let pendingSpace = false;
  let widest = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    let kind = kinds[unit];
    if (kind === unseen) kind = learn(unit);
    if (kind === toSpace) {
      if ((unit !== 0x2d && unit !== 0x2212) || !isSign(text, i, pendingSpace || length === 0)) {
        pendingSpace = length > 0;
        continue;
      }
      if (pendingSpace) output[length++] = 0x20;
      pendingSpace = false;
      output[length++] = 0x2d;
      continue;
    }
    if (kind === dropped) continue;
    const image = kind === special ? longImage(text, i) : '';
    if (kind === special && text.codePointAt(i)! > 0xffff) i++;
    if (kind === special && image === '') continue;
    if (image === ' ') {
      pendingSpace = length > 0;
      continue;
    }
    if (pendingSpace) {
      output[length++] = 0x20;
      pendingSpace = false;
    }
    if (kind === special) {
      if (output.length < length + image.length + (text.length - i) + 64) output = grown(output);
      for (let k = 0; k < image.length; k++) output[length++] = image.charCodeAt(k);
      widest = 0xffff;
    } else {
      const mappedUnit = kind === mapped ? images[unit] : unit;
      output[length++] = mappedUnit;
      widest |= mappedUnit;
    }
  }
  while (length > 0 && output[length - 1] === 0x20) length--;
  return decode(length, widest);
}

/** A minus is one where a figure follows and no word goes before. */
function isSign(text: string, index: number, isFirst: boolean): boolean {
  const next = text.charCodeAt(index + 1);
  return isFirst && next >= 0x30 && next <= 0x39;
}

function learn(unit: number): number {
  if ((unit & 0xfc00) === 0xd800) return (kinds[unit] = special);
  const image = imageOf(String.fromCharCode(unit));
  if (image === ' ') return (kinds[unit] = toSpace);
  if (image === '') return (kinds[unit] = dropped);
  if (image.length > 1) return (kinds[unit] = special);
  images[unit] = image.charCodeAt(0);
  return (kinds[unit] = images[unit] === unit ? kept : mapped);
}

function longImage(text: string, index: number): string {
  const point = text.codePointAt(index)!;
  const known = longImages.get(point);
  if (known !== undefined) return known;
  const image = imageOf(String.fromCodePoint(point));
  longImages.set(point, image);
  return image;
}

function imageOf(character: string): string {
  if (letterLike.test(character)) return character;
  if (character !== '\ufeff' && /^[\s\p{Z}\p{P}\p{S}\p{Cc}]$/u.test(character)) return ' ';
  if (character === 'ς') return 'σ';
  // Composed again after the points are gone: a Hangul syllable stays one character.
  return character.toLowerCase().normalize('NFD').replace(pointed, '').normalize('NFC');
}

function grown(array: Uint16Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  const larger = new Uint16Array(array.length * 2);
  larger.set(array);
  return larger;
}

// One-byte strings where possible: everything after this is faster on them.
function decode(length: number, widest: number): string {
  const bytes = Buffer.from(output.buffer, 0, length * 2);
  if (widest > 0xff) return bytes.toString('utf16le');
  const narrow = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) narrow[i] = output[i];
  return narrow.toString('latin1');
}
