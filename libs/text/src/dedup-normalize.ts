// The normal form in which texts are compared for duplicates (FineWeb's, filters.md §5): lower case, every number one
// 0, punctuation and symbols to spaces, marks stripped, white space collapsed. One pass, one table look-up a character.
// Differences from datatrove: symbols such as © count as punctuation, and the Greek final sigma equals the other one.

const unseen = 0;
const kept = 1;
const toSpace = 2;
const toZero = 3;
const mapped = 4;
const dropped = 5;
const special = 6;

const kinds = new Uint8Array(65536);
const images = new Uint16Array(65536);
const longImages = new Map<number, string>();
let output = new Uint16Array(1 << 16);

/**
 * @returns words in normal form separated by single spaces, no space at the ends
 * @example normalizeForDedup('Café №5 — cost: 12,50 €') // 'cafe 0 cost 0'
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
      pendingSpace = length > 0;
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
    if (kind === toZero) {
      output[length++] = 0x30;
      i = endOfNumber(text, i + 1) - 1;
    } else if (kind === special) {
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

/** The end of a run of digits with at most one decimal part, as datatrove's number pattern has it. */
function endOfNumber(text: string, from: number): number {
  let i = from;
  while (isDigit(text, i)) i++;
  const separator = text.charCodeAt(i);
  // Dot, comma, Arabic comma, Arabic decimal separator.
  if (separator !== 0x2e && separator !== 0x2c && separator !== 0x60c && separator !== 0x66b) return i;
  if (!isDigit(text, i + 1)) return i;
  i += 2;
  while (isDigit(text, i)) i++;
  return i;
}

function isDigit(text: string, i: number): boolean {
  if (i >= text.length) return false;
  const unit = text.charCodeAt(i);
  return (kinds[unit] || learn(unit)) === toZero;
}

function learn(unit: number): number {
  if ((unit & 0xfc00) === 0xd800) return (kinds[unit] = special);
  const image = imageOf(String.fromCharCode(unit));
  if (image === ' ') return (kinds[unit] = toSpace);
  if (image === '0') return (kinds[unit] = toZero);
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
  if (/^\p{Nd}$/u.test(character)) return '0';
  if (character !== '\ufeff' && /^[\s\p{Z}\p{P}\p{S}\p{Cc}]$/u.test(character)) return ' ';
  if (character === 'ς') return 'σ';
  // Composed again after the marks are gone: a Hangul syllable stays one character.
  return character
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\p{Mn}\p{Cf}\p{Cs}]/gu, '')
    .normalize('NFC');
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
