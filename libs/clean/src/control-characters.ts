// Removes characters that carry no text: controls, byte order marks, zero-width and bidirectional format characters,
// soft hyphens, terminal escapes. Joiners stay where a script or an emoji needs them (Persian, the Indic scripts,
// families of emoji), and a surrogate without its partner becomes U+FFFD, since it has no UTF-8.

import type { RuleResult } from './clean-text.ts';

// Tab, line feed, and the line boundaries that the white space rule turns into line feeds, are not among them.
const suspicious =
  /[\u0000-\u0008\u000e-\u001b\u001f\u007f-\u0084\u0086-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff0-\uffff]/;
// CSI sequences of ECMA-48 (colours, cursor movement) and the window title sequence; bounded, so linear.
const terminalEscape = /\u001b\[[0-9;?]{0,32}[A-Za-z]|\u001b\][0-9];[^\u0007\u001b\n]{0,256}\u0007/g;

export function removeControlCharacters(text: string): RuleResult {
  if (!suspicious.test(text)) return { text, count: 0 };
  let count = 0;
  const plain = text.includes('\u001b') ? text.replace(terminalEscape, () => (count++, '')) : text;
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < plain.length; i++) {
    const replacement = replacementAt(plain, i);
    if (replacement === undefined) continue;
    const pair = isPair(plain, i);
    if (replacement !== keepPair) {
      parts.push(plain.slice(start, i), replacement);
      start = i + (pair ? 2 : 1);
      count++;
    }
    if (pair) i++;
  }
  if (count === 0) return { text, count: 0 };
  parts.push(plain.slice(start));
  return { text: parts.join(''), count };
}

const keepPair = 'keep';

/** What stands for the character at `i`: undefined = itself. */
function replacementAt(text: string, i: number): string | undefined {
  const c = text.charCodeAt(i);
  if (c < 0x20) return c === 0x09 || (c >= 0x0a && c <= 0x0d) || (c >= 0x1c && c <= 0x1e) ? undefined : '';
  if (c < 0x7f) return undefined;
  if (c <= 0x9f) return c === 0x85 ? undefined : '';
  if (c < 0x61c) return c === 0xad ? '' : undefined;
  if (c >= 0xd800 && c <= 0xdfff) return isPair(text, i) ? ofPair(text, i) : '\ufffd';
  if (c === 0x200c || c === 0x200d) return joinerMatters(text, i) ? undefined : '';
  if (c === 0x61c || c === 0x180e || c === 0xfeff || (c >= 0xfdd0 && c <= 0xfdef)) return '';
  if (c >= 0x200b && c <= 0x200f) return '';
  if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f)) return '';
  return c >= 0xfff0 && c !== 0xfffd ? '' : undefined;
}

/** Tag characters stay in a flag; noncharacters of the upper planes go. */
function ofPair(text: string, i: number): string {
  const point = text.codePointAt(i) ?? 0;
  if ((point & 0xfffe) === 0xfffe) return '';
  if (point < 0xe0000 || point > 0xe007f) return keepPair;
  const before = i >= 2 ? (text.codePointAt(i - 2) ?? 0) : 0;
  return before === 0x1f3f4 || (before >= 0xe0020 && before <= 0xe007f) ? keepPair : '';
}

function isPair(text: string, i: number): boolean {
  return (text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00;
}

const joining =
  /^[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Nko}\p{Extended_Pictographic}\u20e3\ufe0f\u{1f3fb}-\u{1f3ff}]$/u;
// Devanagari to Sinhala, then Tibetan, Myanmar, Khmer.
const indic = /^[\u0900-\u0dff\u0f00-\u109f\u1780-\u17ff]$/;

function joinerMatters(text: string, i: number): boolean {
  if (i === 0) return false;
  const before = (text.charCodeAt(i - 1) & 0xfc00) === 0xdc00 && i >= 2 ? i - 2 : i - 1;
  const character = String.fromCodePoint(text.codePointAt(before) ?? 0);
  return joining.test(character) || indic.test(character);
}
