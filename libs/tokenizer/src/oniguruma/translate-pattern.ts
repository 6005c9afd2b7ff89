// A regular expression as a tokenizer.json spells it (Oniguruma, Ruby syntax) as a JavaScript one with the v flag, where
// both can say the same; whatever cannot be said exactly is refused by name. Captures are dropped: only where a match
// lies matters. The speed of a pattern is its author's.

import { unsupported } from '../refusal.ts';
import { escapeCharacter, loneWordCharacters, readClass, readClassEscape } from './character-class.ts';
import { PatternReader } from './pattern-reader.ts';

/** Source for the v flag. DataError `unsupported-tokenizer` names what it cannot say. */
export function translatePattern(pattern: string): string {
  const state: State = { reader: new PatternReader(pattern), atoms: 0, dotAll: false };
  const source = readAlternatives(state);
  if (!state.reader.isAtEnd()) throw unsupported(`the unbalanced pattern ${JSON.stringify(pattern)}`);
  return source;
}

/** Global; JavaScript’s own opinion of the source is the last check. */
export function compilePattern(pattern: string): RegExp {
  const source = translatePattern(pattern);
  try {
    return new RegExp(source, 'gv');
  } catch {
    throw unsupported(`the pattern ${JSON.stringify(pattern)}`);
  }
}

interface State {
  readonly reader: PatternReader;
  /** Atomic groups so far: each needs a name. */
  atoms: number;
  dotAll: boolean;
}

/** Up to a closing bracket or the end. */
function readAlternatives(state: State): string {
  const { reader } = state;
  const wasDotAll = state.dotAll;
  let source = '';
  let openGroups = 0;
  while (!reader.isAtEnd() && !reader.startsWith(')')) {
    if (reader.take('|')) {
      source += '|';
      continue;
    }
    const isolated = reader.takeMatch(/^\(\?([imx]*)(?:-([imx]+))?\)/);
    if (isolated) {
      // Ruby: an isolated option holds up to the end of the group around it, alternatives included.
      source += openOption(state, isolated[1], isolated[2] ?? '');
      openGroups++;
    } else source += readRepeated(state);
  }
  state.dotAll = wasDotAll;
  return source + ')'.repeat(openGroups);
}

function openOption(state: State, on: string, off: string): string {
  if (`${on}${off}`.includes('x')) throw unsupported('a pattern with the option x');
  if (on.includes('m')) state.dotAll = true;
  if (off.includes('m')) state.dotAll = false;
  if (on.includes('i')) return '(?i:';
  return off.includes('i') ? '(?-i:' : '(?:';
}

function readRepeated(state: State): string {
  const { reader } = state;
  let atom = readAtom(state);
  for (;;) {
    const simple = reader.takeMatch(/^[?*+]/);
    if (simple) {
      if (reader.take('+')) atom = atomic(state, `${atom}${simple[0]}`);
      else atom = `(?:${atom}${simple[0]}${reader.take('?') ? '?' : ''})`;
      continue;
    }
    const interval = reader.takeMatch(/^\{(\d*)(,?)(\d*)\}/);
    if (!interval) return atom;
    const [whole, from, comma, to] = interval;
    if (from === '' && to === '') throw unsupported(`the repetition ${whole}`);
    if (comma === '' && reader.startsWith('?')) throw unsupported(`the repetition ${whole}?`);
    atom = `(?:${atom}{${from || '0'}${comma}${to}}${reader.take('?') ? '?' : ''})`;
  }
}

/** What once matched is not given back. */
function atomic(state: State, source: string): string {
  const name = `atom${++state.atoms}`;
  return `(?:(?=(?<${name}>${source}))\\k<${name}>)`;
}

function readAtom(state: State): string {
  const { reader } = state;
  if (reader.startsWith('(')) return readGroup(state);
  if (reader.startsWith('[')) return readClass(reader);
  if (reader.startsWith('\\')) return readEscape(reader);
  const character = reader.next();
  if (character === '.') return state.dotAll ? '[^]' : '[^\\n]';
  if (character === '^') return '(?:(?<![^])|(?<=\\n)(?=[^]))';
  if (character === '$') return '(?:(?=\\n)|(?![^]))';
  if ('?*+'.includes(character)) throw unsupported(`a pattern that repeats nothing: ${character}`);
  return escapeCharacter(character);
}

function readGroup(state: State): string {
  const { reader } = state;
  if (reader.takeMatch(/^\(\?#[^)]*\)/)) return '(?:)';
  const wasDotAll = state.dotAll;
  const open = reader.takeMatch(/^\((?:\?(?:[:=!>]|<[=!]|<[A-Za-z_]\w*>|([imx]*)(?:-([imx]+))?:))?/);
  const head = open?.[0] ?? '';
  if (head === '(' && reader.startsWith('?')) throw unsupported(`the group (${reader.peek(3)}`);
  const opened = /^\(\?(?:[:=!>]|<)/.test(head)
    ? undefined
    : openOption(state, open?.[1] ?? '', open?.[2] ?? '');
  const inside = readAlternatives(state);
  if (!reader.take(')')) throw unsupported('a pattern with an open bracket');
  state.dotAll = wasDotAll;
  if (opened !== undefined) return `${opened}${inside})`;
  if (head === '(?>') return atomic(state, `(?:${inside})`);
  return head.startsWith('(?<') && !/^\(\?<[=!]/.test(head) ? `(?:${inside})` : `${head}${inside})`;
}

const word = `[${loneWordCharacters}]`;
const lone: Readonly<Record<string, string>> = {
  w: word,
  W: `[^${loneWordCharacters}]`,
  b: `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`,
  B: `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`,
  A: '(?<![^])',
  z: '(?![^])',
  Z: '(?=\\n?(?![^]))',
  R: '(?:\\r\\n|[\\n\\v\\f\\r\\u{85}\\u{2028}\\u{2029}])',
};

function readEscape(reader: PatternReader): string {
  const letter = reader.peek(2)[1] ?? '';
  if (Object.hasOwn(lone, letter)) {
    reader.skip(2);
    return lone[letter];
  }
  return readClassEscape(reader);
}
