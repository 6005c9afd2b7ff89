// Takes a chunk with punctuation apart as English treebanks do (Penn Treebank; spaCy's English rules are the measured
// model, see docs/filters.md for the classes of difference): marks before and after a word are words, contractions are
// two words, abbreviations keep their full stop, hyphens between letters separate, addresses stay whole.

import { CharacterClass, classAt } from './character-class.ts';
import type { WordList } from './words.ts';

const code = (character: string): number => character.charCodeAt(0);
const dot = code('.');
const apostrophes = "'’";
const quotes = '\'"”“`‘´’‚„»«「」『』（）〔〕【】《》〈〉⟦⟧';
const brackets = ',:;!?¿؟¡()[]{}<>_#*&。？！，、；：～·।،۔؛٪';
const currency = '$£€¥฿₽﷼₴₠₡₢₣₤₥₦₧₨₩₪₫₭₮₯₰₱₲₳₵₶₷₸₹₺₻₼₾₿';
const prefixes = new Set([...quotes, ...brackets, ...currency, ...'§%=—–…'].map(code));
const suffixes = new Set([...quotes, ...brackets, ...'—–…'].map(code));

const abbreviations = new Set(
  (
    'mr. mrs. ms. messrs. dr. prof. gen. sen. rep. rev. gov. lt. col. sgt. capt. st. mt. jr. sr. inc. ltd. co. corp. bros. ' +
    'vs. e.g. i.e. a.m. p.m. adm. ph.d. jan. feb. mar. apr. jun. jul. aug. sep. sept. oct. nov. dec. ' +
    'ala. ariz. ark. calif. colo. conn. del. fla. ga. ill. ind. kan. kans. ky. la. mass. mich. minn. miss. mo. mont. ' +
    'neb. nebr. nev. okla. ore. pa. tenn. va. wash. wis. n.c. n.d. n.h. n.j. n.m. n.y. s.c. s.d. d.c. u.s. etc.'
  ).split(' '),
);
abbreviations.delete('etc.');

const negatable = new Set(
  'do does did has have had is are was were would should could might must need ca wo sha ai dare can'.split(
    ' ',
  ),
);
const pronouns = new Set(
  'i you he she it we they who what when where why how there that this those these would could should might must'.split(
    ' ',
  ),
);
const clitics = new Set(['ll', 've', 're', 'd', 'm']);
const units = new Set(
  'km km² km³ m m² m³ dm dm² dm³ cm cm² cm³ mm mm² mm³ ha µm nm yd in ft kg g mg µg t lb oz m/s km/h mph hpa pa mbar mb kb gb tb t g m k % км м'.split(
    ' ',
  ),
);

function isAlpha(text: string, i: number): boolean {
  const kind = classAt(text, i);
  return kind === CharacterClass.word || kind === CharacterClass.unspaced;
}

function isDigit(text: string, i: number): boolean {
  return classAt(text, i) === CharacterClass.digit;
}

/** A letter that is no capital; letters without case count. */
function isLower(text: string, i: number): boolean {
  if (!isAlpha(text, i)) return false;
  const c = text.charCodeAt(i);
  if (c < 128) return c >= 0x61;
  return text[i] === text[i].toLowerCase();
}

const isSymbol = /^\p{So}$/u;

/** Appends the words of the chunk [start, end), which holds no white space, in order. */
export function splitChunk(text: string, start: number, end: number, list: WordList): void {
  let from = start;
  let to = end;
  // Ends of trailing words, innermost last; each begins where the one before it in this list ends.
  const trailing: number[] = [];
  while (from < to && !isWhole(text, from, to)) {
    const prefix = prefixLength(text, from, to);
    if (prefix > 0) {
      list.push(from, from + prefix);
      from += prefix;
    }
    if (from >= to || isWhole(text, from, to)) break;
    const suffix = suffixLength(text, from, to);
    if (suffix > 0) {
      trailing.push(to);
      to -= suffix;
    }
    if (prefix === 0 && suffix === 0) break;
  }
  if (from < to && isWhole(text, from, to)) list.push(from, to);
  else if (from < to) pushCore(text, from, to, list);
  let at = to;
  for (let i = trailing.length - 1; i >= 0; i--) {
    list.push(at, trailing[i]);
    at = trailing[i];
  }
}

// Faces, and the one slash that treebanks do not split at.
const wholes = new Set(":) :( ;) :D :P :/ :* ): (: (; =) ;-) :-) :-( :'( '' and/or".split(' '));

/** Abbreviations, single small letters with a full stop, and a few spellings that stay whole. */
function isWhole(text: string, from: number, to: number): boolean {
  const length = to - from;
  if (length > 7 || length < 2) return false;
  if (text.charCodeAt(to - 1) !== dot)
    return (length < 4 || length === 6) && wholes.has(text.slice(from, to));
  if (length === 2) return isAlpha(text, from);
  const word = text.slice(from, to);
  const lower = word.toLowerCase();
  // "Apr." is April; "APR." ends a sentence with an acronym. "U.S." has an inner stop.
  return abbreviations.has(lower) && (word.slice(1) === lower.slice(1) || word.indexOf('.') < length - 1);
}

function prefixLength(text: string, from: number, to: number): number {
  const c = text.charCodeAt(from);
  if (c === dot) return from + 1 < to && text.charCodeAt(from + 1) === dot ? dots(text, from, to) : 0;
  if (prefixes.has(c)) return 1;
  if (c === code('+')) return from + 1 < to && isDigit(text, from + 1) ? 0 : 1;
  if (c < 128 || classAt(text, from) !== CharacterClass.mark) return 0;
  return symbolLength(text, from);
}

function dots(text: string, from: number, to: number): number {
  let i = from;
  while (i < to && text.charCodeAt(i) === dot) i++;
  return i - from;
}

function symbolLength(text: string, i: number): number {
  const point = text.codePointAt(i) ?? 0;
  return isSymbol.test(String.fromCodePoint(point)) ? (point > 0xffff ? 2 : 1) : 0;
}

function suffixLength(text: string, from: number, to: number): number {
  const last = to - 1;
  const c = text.charCodeAt(last);
  if (c === dot) return dotSuffix(text, from, to);
  if (suffixes.has(c)) return 1;
  if ((c | 0x20) === 0x73 && last > from && apostrophes.includes(text[last - 1])) return 2;
  if (c < 128) return afterDigits(text, from, to);
  if (currency.includes(text[last]) && last > from && isDigit(text, last - 1)) return 1;
  if ((c & 0xfc00) === 0xdc00 && last > from) return symbolLength(text, last - 1) === 2 ? 2 : 0;
  return classAt(text, last) === CharacterClass.mark ? symbolLength(text, last) : 0;
}

/** A final full stop ends a word after a small letter, a digit, a closing mark or two capitals; "A." keeps it. */
function dotSuffix(text: string, from: number, to: number): number {
  let i = to - 1;
  while (i > from && text.charCodeAt(i - 1) === dot) i--;
  if (to - i > 1) return to - i;
  const before = to - 2;
  if (before < from) return 0;
  const c = text.charCodeAt(before);
  if (isLower(text, before) || isDigit(text, before) || suffixes.has(c) || '%²-+'.includes(text[before]))
    return 1;
  const twoCapitals = before > from && isAlpha(text, before) && isAlpha(text, before - 1);
  return twoCapitals && !isLower(text, before - 1) ? 1 : 0;
}

/** A unit, a percent sign or a plus right after digits. */
function afterDigits(text: string, from: number, to: number): number {
  const c = text.charCodeAt(to - 1);
  if (c === code('+') || c === code('$')) return to - 1 > from && isDigit(text, to - 2) ? 1 : 0;
  if (!isDigit(text, from) && !isDigit(text, Math.max(from, to - 2))) return 0;
  let i = to;
  while (i > from && to - i < 4 && !isDigit(text, i - 1)) i--;
  if (i === to || i === from || !isDigit(text, i - 1)) return 0;
  return units.has(text.slice(i, to).toLowerCase()) ? to - i : 0;
}

/** What is left between prefixes and suffixes: a contraction, an address, or parts around infixes. */
function pushCore(text: string, from: number, to: number, list: WordList): void {
  const cut = contractionCut(text, from, to);
  if (cut > 0) {
    list.push(from, cut);
    list.push(cut, to);
    return;
  }
  if (isAddress(text, from, to)) {
    list.push(from, to);
    return;
  }
  let start = from;
  for (let i = from; i < to;) {
    const length = infixLength(text, i, from, to);
    if (length === 0) {
      i++;
      continue;
    }
    if (i > start) list.push(start, i);
    list.push(i, i + length);
    i += length;
    start = i;
  }
  if (start < to) list.push(start, to);
}

/** Where "don't" and "we'll" divide; 0 for what is no contraction. */
function contractionCut(text: string, from: number, to: number): number {
  if (to - from < 3 || to - from > 9) return 0;
  let at = to - 1;
  while (at > from && to - at < 4 && !apostrophes.includes(text[at])) at--;
  if (at === from || !apostrophes.includes(text[at])) return 0;
  const tail = text.slice(at + 1, to).toLowerCase();
  if (tail === 't' && (text.charCodeAt(at - 1) | 0x20) === 0x6e) {
    return negatable.has(text.slice(from, at - 1).toLowerCase()) ? at - 1 : 0;
  }
  return clitics.has(tail) && pronouns.has(text.slice(from, at).toLowerCase()) ? at : 0;
}

// Longer addresses exist, but a chunk that long is no word in any reading.
const address =
  /^(?:[A-Za-z][A-Za-z0-9+.-]{0,20}:\/\/\S|[^\s@]{1,64}@[^\s@]{1,80}\.[a-z]{2}|(?:[A-Za-z0-9_-]{1,63}\.){1,8}[a-z]{2,63}(?:[/:?#]|$))/;

function isAddress(text: string, from: number, to: number): boolean {
  let dotInside = false;
  for (let i = from + 1; i < to - 1 && !dotInside; i++) dotInside = text.charCodeAt(i) === dot;
  return dotInside && address.test(text.slice(from, Math.min(to, from + 300)));
}

function infixLength(text: string, i: number, from: number, to: number): number {
  const c = text.charCodeAt(i);
  const inside = i > from && i + 1 < to;
  if (c < 128) {
    if ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a) return 0;
    if (c === dot) return dotInfix(text, i, from, to);
    return inside ? asciiInfix(text, i, to) : 0;
  }
  if (c === code('…')) return 1;
  if (inside && (c === code('—') || c === code('–') || c === code('‐') || c === code('‑')))
    return isAlpha(text, i - 1) && isAlpha(text, i + 1) ? 1 : 0;
  return classAt(text, i) === CharacterClass.mark ? symbolLength(text, i) : 0;
}

function dotInfix(text: string, i: number, from: number, to: number): number {
  if (i + 1 < to && text.charCodeAt(i + 1) === dot) return dots(text, i, to);
  if (i === from || i + 1 >= to) return 0;
  const after = isAlpha(text, i + 1) && !isLower(text, i + 1);
  return (isLower(text, i - 1) || quotes.includes(text[i - 1])) && (after || quotes.includes(text[i + 1]))
    ? 1
    : 0;
}

function asciiInfix(text: string, i: number, to: number): number {
  const before = isAlpha(text, i - 1);
  switch (text[i]) {
    case '-': {
      let end = i + 1;
      while (end < to && end - i < 3 && text.charCodeAt(end) === code('-')) end++;
      if ((before || isDigit(text, i - 1)) && end < to && isAlpha(text, end)) return end - i;
      return isDigit(text, i - 1) && (isDigit(text, i + 1) || text[i + 1] === '-') ? 1 : 0;
    }
    case '+':
    case '*':
    case '^':
      return isDigit(text, i - 1) && (isDigit(text, i + 1) || text[i + 1] === '-') ? 1 : 0;
    case '~':
    case ',':
      return before && isAlpha(text, i + 1) ? 1 : 0;
    case ':':
    case '<':
    case '>':
    case '=':
    case '/':
      return (before || isDigit(text, i - 1)) && isAlpha(text, i + 1) ? 1 : 0;
    default:
      return 0;
  }
}
