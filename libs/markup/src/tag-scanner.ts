// Reading one tag: its name as a number, where it ends, and its attributes when somebody asks for one. Attributes
// are not stored; a page asks for few of them, and reading the span again costs less than keeping all.

import { decodeAttribute } from './entities.ts';
import type { FlatTree } from './html-tree.ts';
import { flag, tagFlags, tagNames, tagNumber, unknownTag } from './tags.ts';

export interface TagScan {
  /** One past the closing bracket. */
  end: number;
  tag: number;
  nameEnd: number;
  selfClosing: boolean;
}

const quote = 0x22;
const apostrophe = 0x27;
const bracket = 0x3e;
const slash = 0x2f;
const equals = 0x3d;

/** Scans the tag whose name begins at `from`; an unclosed tag reaches to the end of the source. */
export function scanTag(source: string, from: number, scan: TagScan): void {
  const nameEnd = endOfName(source, from);
  scan.nameEnd = nameEnd;
  scan.tag = numberOfName(source, from, nameEnd);
  const close = endOfTag(source, nameEnd);
  scan.end = Math.min(close + 1, source.length);
  scan.selfClosing = source.charCodeAt(close - 1) === slash;
}

export function isVoidTag(number: number): boolean {
  return (tagFlags[number] & flag.void) !== 0;
}

function endOfName(source: string, from: number): number {
  let i = from;
  for (; i < source.length; i++) {
    const code = source.charCodeAt(i);
    if (code <= 0x20 || code === bracket || code === slash) break;
  }
  return i;
}

/** Position of the closing bracket: brackets inside quoted values do not count. */
function endOfTag(source: string, from: number): number {
  const length = source.length;
  let i = from;
  while (i < length) {
    const code = source.charCodeAt(i);
    if (code === bracket) return i;
    if (code === equals) {
      i = skipSpace(source, i + 1);
      const opening = source.charCodeAt(i);
      if (opening === quote || opening === apostrophe) {
        const close = source.indexOf(opening === quote ? '"' : "'", i + 1);
        if (close < 0) return unclosed(source, i);
        i = close + 1;
      }
    } else i++;
  }
  return length;
}

/** A quote that never closes would swallow the rest of the page; the tag then ends at the next bracket. */
function unclosed(source: string, from: number): number {
  const close = source.indexOf('>', from);
  return close < 0 ? source.length : close;
}

function skipSpace(source: string, from: number): number {
  let i = from;
  while (source.charCodeAt(i) <= 0x20) i++;
  return i;
}

// Names are hashed to find their number without making a string: length, first, second and last letter.
const slots = new Uint16Array(4096);
const spellings: string[][] = [];
for (const name of tagNames.slice(2)) {
  const slot = hashOfName(name, 0, name.length);
  if (slots[slot] === 0) slots[slot] = spellings.push([]);
  spellings[slots[slot] - 1].push(name);
}

function hashOfName(source: string, from: number, to: number): number {
  const first = source.charCodeAt(from) | 32;
  const second = source.charCodeAt(from + 1) | 32;
  const last = source.charCodeAt(to - 1) | 32;
  return ((to - from) * 37 + first * 211 + (to - from > 1 ? second * 17 : 0) + last * 5) & 4095;
}

function numberOfName(source: string, from: number, to: number): number {
  const slot = slots[hashOfName(source, from, to)];
  if (slot === 0) return unknownTag;
  for (const name of spellings[slot - 1]) {
    if (name.length === to - from && equalsIgnoringCase(source, from, name)) return tagNumber(name);
  }
  return unknownTag;
}

function equalsIgnoringCase(source: string, from: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = source.charCodeAt(from + i);
    if ((code >= 0x41 && code <= 0x5a ? code | 32 : code) !== name.charCodeAt(i)) return false;
  }
  return true;
}

/** An element's name in lower case, also for elements without a number; '' for the root. */
export function nameOf(tree: FlatTree, node: number): string {
  const number = tree.tag[node];
  if (node === 0) return '';
  if (number !== unknownTag) return tagNames[number];
  const from = tree.start[node];
  return tree.source.slice(from, endOfName(tree.source, from)).toLowerCase();
}

/**
 * Value of an attribute with its entities decoded; '' for one without a value, undefined when absent.
 * `name` is lower case. The first of two equal names counts.
 */
export function attribute(tree: FlatTree, node: number, name: string): string | undefined {
  const { source } = tree;
  const span = { from: 0, to: 0 };
  return findAttribute(source, tree.start[node], tree.stop[node], name, span)
    ? decodeAttribute(source.slice(span.from, span.to))
    : undefined;
}

/**
 * Reads several attributes in one pass: `values[k]` receives the raw value of `names[k]`, or undefined. Entities are
 * left as they are. `names` are lower case.
 */
export function rawAttributes(
  tree: FlatTree,
  node: number,
  names: readonly string[],
  values: (string | undefined)[],
): void {
  const { source } = tree;
  const stop = tree.stop[node];
  const span = { from: 0, to: 0 };
  values.fill(undefined);
  let i = endOfName(source, tree.start[node]);
  while (i < stop) {
    const code = source.charCodeAt(i);
    if (code <= 0x20 || code === slash) {
      i++;
      continue;
    }
    const nameFrom = i;
    const nameTo = (i = endOfAttributeName(source, i + 1, stop));
    i = readValue(source, i, stop, span);
    for (let k = 0; k < names.length; k++) {
      const name = names[k];
      if (nameTo - nameFrom !== name.length || values[k] !== undefined) continue;
      if (equalsIgnoringCase(source, nameFrom, name)) values[k] = source.slice(span.from, span.to);
    }
  }
}

/** All attributes, entities decoded, names in lower case; the first of two equal names counts. */
export function attributesOf(tree: FlatTree, node: number): Record<string, string> {
  const { source } = tree;
  const stop = tree.stop[node];
  const span = { from: 0, to: 0 };
  const pairs = new Map<string, string>();
  let i = endOfName(source, tree.start[node]);
  while (i < stop) {
    const code = source.charCodeAt(i);
    if (code <= 0x20 || code === slash) {
      i++;
      continue;
    }
    const nameFrom = i;
    const nameTo = (i = endOfAttributeName(source, i + 1, stop));
    i = readValue(source, i, stop, span);
    const name = source.slice(nameFrom, nameTo).toLowerCase();
    if (!pairs.has(name)) pairs.set(name, decodeAttribute(source.slice(span.from, span.to)));
  }
  return Object.fromEntries(pairs);
}

function findAttribute(
  source: string,
  start: number,
  stop: number,
  name: string,
  span: { from: number; to: number },
): boolean {
  let i = endOfName(source, start);
  while (i < stop) {
    const code = source.charCodeAt(i);
    if (code <= 0x20 || code === slash) {
      i++;
      continue;
    }
    const nameFrom = i;
    i = endOfAttributeName(source, i + 1, stop);
    const nameTo = i;
    i = readValue(source, i, stop, span);
    if (nameTo - nameFrom === name.length && equalsIgnoringCase(source, nameFrom, name)) return true;
  }
  return false;
}

function endOfAttributeName(source: string, from: number, stop: number): number {
  let i = from;
  for (; i < stop; i++) {
    const code = source.charCodeAt(i);
    if (code <= 0x20 || code === equals || code === slash) break;
  }
  return i;
}

/** Sets `span` to the value after an attribute name (empty when there is none); returns where it ends. */
function readValue(source: string, from: number, stop: number, span: { from: number; to: number }): number {
  let i = skipSpace(source, from);
  span.from = span.to = from;
  if (i >= stop || source.charCodeAt(i) !== equals) return from;
  i = skipSpace(source, i + 1);
  const opening = source.charCodeAt(i);
  if (opening === quote || opening === apostrophe) {
    const close = source.indexOf(opening === quote ? '"' : "'", i + 1);
    span.from = i + 1;
    span.to = close < 0 ? stop : Math.min(close, stop);
    return span.to + 1;
  }
  span.from = i;
  while (i < stop && source.charCodeAt(i) > 0x20) i++;
  span.to = i;
  return i;
}
