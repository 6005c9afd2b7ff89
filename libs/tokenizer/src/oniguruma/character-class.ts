// Characters and classes of characters of Oniguruma, spelled for JavaScript's v flag. A class is given by the inside of
// its brackets, so that classes nest.

import { newerCharacters } from '../normalizers/older-unicode.ts';
import { unsupported } from '../refusal.ts';
import type { PatternReader } from './pattern-reader.ts';

/** Less what Unicode has added since. */
function known(inside: string): string {
  return `[[${inside}]--[${newerCharacters}]]`;
}

const wordCharacters = known('\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}');
/** Outside brackets Oniguruma counts the superscripts and fractions of Latin-1 as parts of words. */
export const loneWordCharacters = `${wordCharacters}\\u{b2}\\u{b3}\\u{b9}\\u{bc}-\\u{be}`;

/** The inside of a class by the letter of its escape. */
const characterClass = {
  s: '\\p{White_Space}',
  d: known('\\p{Nd}'),
  w: wordCharacters,
  h: '0-9a-fA-F',
} as const;

const posixClasses: Readonly<Record<string, string>> = {
  alpha: known('\\p{Alphabetic}'),
  digit: known('\\p{Nd}'),
  alnum: known('\\p{Alphabetic}\\p{Nd}'),
  space: '\\p{White_Space}',
  blank: '\\p{Zs}\\t',
  upper: known('\\p{Uppercase}'),
  punct: known('\\p{P}\\p{S}'),
  cntrl: '\\p{Cc}',
  xdigit: known('0-9a-fA-F'),
  word: wordCharacters,
};

const controls: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  f: '\f',
  v: '\v',
  a: '\u0007',
  e: '\u001b',
};

/** A literal character, inside or outside a class. */
export function escapeCharacter(character: string): string {
  return /^[A-Za-z0-9 ]$/.test(character) ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

/** A bracketed class, from its opening bracket. */
export function readClass(reader: PatternReader): string {
  reader.skip(1);
  const isNegated = reader.take('^');
  const operands: string[] = [];
  let inside = reader.take(']') ? '\\u{5d}' : '';
  while (!reader.take(']')) {
    if (reader.isAtEnd()) throw unsupported('a pattern with an open class of characters');
    if (reader.take('&&')) {
      operands.push(inside);
      inside = '';
    } else inside += readMember(reader);
  }
  const all = operands.length === 0 ? inside : [...operands, inside].map((part) => `[${part}]`).join('&&');
  return `[${isNegated ? '^' : ''}${all}]`;
}

function readMember(reader: PatternReader): string {
  const posix = reader.takeMatch(/^\[:(\^?)(\w+):\]/);
  if (posix) {
    const [, not, name] = posix;
    if (!Object.hasOwn(posixClasses, name)) throw unsupported(`the class of characters [:${name}:]`);
    return not ? `[^${posixClasses[name]}]` : posixClasses[name];
  }
  if (reader.startsWith('[')) return readClass(reader);
  const from = readEnd(reader);
  if (!isCharacter(from) || !/^-[^\]]/.test(reader.peek(2)) || reader.startsWith('-[')) return from;
  reader.skip(1);
  const to = readEnd(reader);
  if (!isCharacter(to)) return `${from}\\u{2d}${to}`;
  return `${from}-${to}`;
}

const isCharacter = (spelling: string): boolean => /^(?:[A-Za-z0-9 ]|\\u\{[0-9a-f]+\})$/.test(spelling);

function readEnd(reader: PatternReader): string {
  if (!reader.startsWith('\\')) return escapeCharacter(reader.next());
  if (reader.take('\\b')) return '\\u{8}';
  const escape = readClassEscape(reader);
  return /^\[[^[^]/.test(escape) ? escape.slice(1, -1) : escape;
}

/** An escape that stands for a character or a class; the class comes with its brackets. */
export function readClassEscape(reader: PatternReader): string {
  const coded = reader.takeMatch(/^\\(?:x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4}))/);
  if (coded) return `\\u{${Number.parseInt(coded[1] ?? coded[2] ?? coded[3], 16).toString(16)}}`;
  const property = reader.takeMatch(/^\\([pP])\{(\^?)([^}]+)\}/);
  if (property) return readProperty(property[3], (property[1] === 'P') !== (property[2] === '^'));
  reader.skip(1);
  const letter = reader.next();
  if (Object.hasOwn(controls, letter)) return escapeCharacter(controls[letter]);
  const lower = letter.toLowerCase();
  if (/^[A-Za-z]$/.test(letter) && Object.hasOwn(characterClass, lower)) {
    const inside = characterClass[lower as keyof typeof characterClass];
    return letter === lower ? `[${inside}]` : `[^${inside}]`;
  }
  if (letter === '' || /^[A-Za-z0-9]$/.test(letter)) throw unsupported(`the escape \\${letter} in a pattern`);
  return escapeCharacter(letter);
}

function readProperty(name: string, isNegated: boolean): string {
  const spaced = name.replace(/[ _-]/g, '').toLowerCase();
  if (Object.hasOwn(posixClasses, spaced) && spaced !== 'punct')
    return `[${isNegated ? '^' : ''}${posixClasses[spaced]}]`;
  const titled = name.charAt(0).toUpperCase() + name.slice(1);
  const spellings = [name, titled, `Script=${titled}`, ...(spaced === 'punct' ? ['P'] : [])];
  const spelled = spellings.find(isProperty);
  if (spelled === undefined) throw unsupported(`the property ${name} in a pattern`);
  return isNegated ? `[^${known(`\\p{${spelled}}`)}]` : known(`\\p{${spelled}}`);
}

function isProperty(name: string): boolean {
  if (!/^[\w=]+$/.test(name)) return false;
  try {
    return new RegExp(`\\p{${name}}`, 'v').test('') || true;
  } catch {
    return false;
  }
}
