// Finds the terms of a list in a text in one pass, without regard to case. Every place where a term may begin costs a
// look into a table over its first three characters; only a hit there is compared, so a list may be long.
// A term is found as whole words, or anywhere for scripts without spaces. It knows no inflection.

import { CharacterClass, classAt } from '@gristmill/text';

export interface TermOptions {
  /** True: also inside of words, for scripts that are written without spaces. */
  readonly anywhere?: boolean;
}

/** Called with the place of a term and its number in the list. */
export type TermVisitor = (start: number, end: number, term: number) => void;

/** Visits terms from left to right without overlaps, at each place the longest. */
export type TermMatcher = (text: string, visit: TermVisitor) => void;

const folded = new Uint16Array(65536);
const kinds = new Uint8Array(65536);
const inWord = 1;
const outside = 2;

/** The small letter, where that is one UTF-16 unit too. */
function fold(unit: number): number {
  const known = folded[unit];
  if (known !== 0) return known;
  const small = String.fromCharCode(unit).toLowerCase();
  return (folded[unit] = (small.length === 1 ? small.charCodeAt(0) : unit) || 1);
}

/** Letters, digits, marks and the underscore are parts of words, as in regular expressions; surrogates are not. */
function kindOf(unit: number): number {
  const known = kinds[unit];
  if (known !== 0) return known;
  const kind = (unit & 0xf800) === 0xd800 ? CharacterClass.mark : classAt(String.fromCharCode(unit), 0);
  const isWord = unit === 0x5f || (kind !== CharacterClass.space && kind !== CharacterClass.mark);
  return (kinds[unit] = isWord ? inWord : outside);
}

interface TermIndex {
  /** UTF-16 units of each term. */
  readonly terms: readonly Uint16Array[];
  /** Hash of a term's first three units (0 where it is shorter) → the longest such term + 1. */
  readonly heads: Int32Array;
  /** By term: the next one of the same hash + 1, longest first. */
  readonly next: Int32Array;
}

const hashMask = 0xffff;
const hashOf = (a: number, b: number, c: number) =>
  (Math.imul(a, 0x9e5) ^ Math.imul(b, 0x1f3) ^ Math.imul(c, 0x3d)) & hashMask;

function indexTerms(list: readonly string[]): TermIndex {
  const terms = list.map((term) => Uint16Array.from(term, (_, i) => fold(term.charCodeAt(i))));
  const heads = new Int32Array(hashMask + 1);
  const next = new Int32Array(terms.length);
  const shortestFirst = terms.map((_, i) => i).sort((a, b) => terms[a].length - terms[b].length || b - a);
  for (const number of shortestFirst) {
    const [first, second = 0, third = 0] = terms[number];
    if (first === undefined) continue;
    const hash = hashOf(first, second, third);
    next[number] = heads[hash];
    heads[hash] = number + 1;
  }
  return { terms, heads, next };
}

/**
 * @param terms in any case; several words are divided by one space, and match one white space of a text
 * @example createTermMatcher(['sea', 'north sea'])('The North Sea', (start, end, term) => …) // 4, 13, 1
 */
export function createTermMatcher(terms: readonly string[], options: TermOptions = {}): TermMatcher {
  const index = indexTerms(terms);
  const { heads } = index;
  const anywhere = options.anywhere === true;
  return (text, visit) => {
    let before = outside;
    for (let i = 0; i < text.length;) {
      const unit = text.charCodeAt(i);
      if (anywhere || before === outside) {
        const first = fold(unit);
        const second = foldAt(text, i + 1);
        let term = termIn(index, heads[hashOf(first, second, foldAt(text, i + 2))], text, i, anywhere);
        if (term < 0) term = termIn(index, heads[hashOf(first, second, 0)], text, i, anywhere);
        if (term < 0) term = termIn(index, heads[hashOf(first, 0, 0)], text, i, anywhere);
        if (term >= 0) {
          const end = i + index.terms[term].length;
          visit(i, end, term);
          before = kindOf(text.charCodeAt(end - 1));
          i = end;
          continue;
        }
      }
      before = kindOf(unit);
      i++;
    }
  };
}

function foldAt(text: string, i: number): number {
  return i < text.length ? fold(text.charCodeAt(i)) : 0;
}

/** The longest of the terms of one hash that stands here, or -1. */
function termIn(index: TermIndex, head: number, text: string, at: number, anywhere: boolean): number {
  for (let number = head - 1; number >= 0; number = index.next[number] - 1) {
    const term = index.terms[number];
    if (standsAt(text, at, term) && (anywhere || endsAt(text, at + term.length))) return number;
  }
  return -1;
}

function standsAt(text: string, at: number, term: Uint16Array): boolean {
  if (at + term.length > text.length) return false;
  for (let i = 0; i < term.length; i++) {
    const unit = text.charCodeAt(at + i);
    const wanted = term[i];
    if (fold(unit) === wanted) continue;
    if (wanted !== 0x20 || classAt(text, at + i) !== CharacterClass.space) return false;
  }
  return true;
}

function endsAt(text: string, end: number): boolean {
  return end === text.length || kindOf(text.charCodeAt(end)) === outside;
}
