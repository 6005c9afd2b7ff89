// Signals over lines and paragraphs: Gopher's repeated lines and paragraphs, bullets and ellipses (Rae et al. 2021), and
// FineWeb's line rules (Penedo et al. 2024). Characters are code points. Where lines end at line feeds only, which
// cleaning sees to, the table of lines answers all; other texts are cut into strings.

import { codePointLength } from '@gristmill/text';
import { Flag, flagsAt } from './character-flags.ts';
import { firstEqualRanges } from './equal-ranges.ts';
import type { KeptLines } from './c4.ts';
import type { LineTable, TextScan } from './text-scan.ts';

const dot = 0x2e;
const ellipsis = 0x2026;
const shortLine = 30;

/** Gopher's repeated lines and paragraphs and FineWeb's measures of lines. */
export function measureLines(scan: TextScan, wordCount: number) {
  const { text, characters, lines } = scan;
  if (!lines.onlyLineFeeds || text === '') {
    return {
      ...measureRepeatedStrings(text, characters),
      ...measureLineShapes(text.split('\n'), wordCount),
    };
  }
  const firsts = firstEqualRanges(scan.units, lines);
  return { ...measureRepeatedLines(scan, firsts), ...measureTableShapes(scan, firsts, wordCount) };
}

function lengthOf(lines: LineTable, i: number): number {
  return lines.ends[i] - lines.starts[i] - lines.pairs[i];
}

/** What one or more, or two or more, line feeds separate; an empty piece stands before and after outer line feeds. */
function measureRepeatedLines(scan: TextScan, firsts: Int32Array) {
  const { text, characters, lines } = scan;
  let filled = 0;
  let duplicates = 0;
  let duplicateCharacters = 0;
  for (let i = 0; i < lines.count; i++) {
    if (lines.ends[i] === lines.starts[i]) continue;
    filled++;
    if (firsts[i] === i) continue;
    duplicates++;
    duplicateCharacters += lengthOf(lines, i);
  }
  const outer = (text.startsWith('\n') ? 1 : 0) + (text.endsWith('\n') ? 1 : 0);
  const paragraphs = measureParagraphs(scan, firsts);
  return {
    dupParagraphFraction: paragraphs.elements / paragraphs.of,
    dupParagraphCharFraction: fraction(paragraphs.characters, characters),
    dupLineFraction: (duplicates + Math.max(0, outer - 1)) / (filled + outer),
    dupLineCharFraction: fraction(duplicateCharacters, characters),
  };
}

/** Paragraphs are compared as sequences of line numbers; the outermost ones lose white space, which needs strings. */
function measureParagraphs({ text, lines }: TextScan, firsts: Int32Array): Duplicates {
  let from = 0;
  let to = lines.count;
  while (from < to && lines.firsts[from] === lines.ends[from]) from++;
  while (to > from && lines.firsts[to - 1] === lines.ends[to - 1]) to--;
  const isTrimmed =
    from === to || lines.firsts[from] > lines.starts[from] || lines.lasts[to - 1] < lines.ends[to - 1];
  if (isTrimmed) return measureDuplicates(stripSpace(text).split(/\n{2,}/));
  const seen = new Set<string | number>();
  const found = { elements: 0, characters: 0, of: 0 };
  for (let i = from; i < to; i++) {
    if (lines.ends[i] === lines.starts[i]) continue;
    // Most paragraphs are one line.
    let key: string | number = firsts[i];
    let characters = lengthOf(lines, i);
    for (; i + 1 < to && lines.ends[i + 1] > lines.starts[i + 1]; i++) {
      key = `${key},${firsts[i + 1]}`;
      characters += 1 + lengthOf(lines, i + 1);
    }
    found.of++;
    if (seen.has(key)) {
      found.elements++;
      found.characters += characters;
    } else seen.add(key);
  }
  return found;
}

function measureTableShapes(scan: TextScan, firsts: Int32Array, wordCount: number) {
  const { text, characters, lines } = scan;
  let filled = 0;
  let terminal = 0;
  let short = 0;
  let duplicateCharacters = 0;
  for (let i = 0; i < lines.count; i++) {
    if (lines.firsts[i] === lines.ends[i]) continue;
    filled++;
    if (endsTerminal(text, lines.starts[i], lines.ends[i])) terminal++;
    if (lengthOf(lines, i) <= shortLine) short++;
    if (firsts[i] !== i) duplicateCharacters += lengthOf(lines, i);
  }
  const lineFeeds = lines.count - (text.endsWith('\n') ? 0 : 1);
  return {
    terminalLineFraction: fraction(terminal, filled),
    shortLineFraction: fraction(short, filled),
    lineDupCharFraction: fraction(duplicateCharacters, characters - lineFeeds),
    newlineWordRatio: fraction(lineFeeds, wordCount),
  };
}

/** Gopher's repeated lines and paragraphs of any text. */
function measureRepeatedStrings(text: string, characters: number) {
  const lines = measureDuplicates(text.split(/\n+/));
  const paragraphs = measureDuplicates(stripSpace(text).split(/\n{2,}/));
  return {
    dupParagraphFraction: paragraphs.elements / paragraphs.of,
    dupParagraphCharFraction: fraction(paragraphs.characters, characters),
    dupLineFraction: lines.elements / lines.of,
    dupLineCharFraction: fraction(lines.characters, characters),
  };
}

/** FineWeb's measures of the lines between line feeds; blank ones count only as line feeds. */
export function measureLineShapes(lines: readonly string[], wordCount: number) {
  const filled = lines.filter((line) => !isBlank(line));
  let terminal = 0;
  let short = 0;
  let characters = 0;
  for (const line of lines) characters += codePointLength(line);
  for (const line of filled) {
    if (endsTerminal(line, 0, line.length)) terminal++;
    // 30 code points are at most 60 units.
    if (line.length <= shortLine || (line.length <= 2 * shortLine && codePointLength(line) <= shortLine))
      short++;
  }
  return {
    terminalLineFraction: fraction(terminal, filled.length),
    shortLineFraction: fraction(short, filled.length),
    lineDupCharFraction: fraction(measureDuplicates(filled).characters, characters),
    newlineWordRatio: fraction(lines.length - 1, wordCount),
  };
}

/** The same over lines of the table, without white space at their ends. */
export function measureKeptShapes(scan: TextScan, kept: KeptLines, wordCount: number) {
  if (kept.strings !== undefined) return measureLineShapes(kept.strings, wordCount);
  const { text, lines } = scan;
  const { indices } = kept;
  const starts = Int32Array.from(indices, (i) => lines.firsts[i]);
  const ends = Int32Array.from(indices, (i) => lines.lasts[i]);
  const firsts = firstEqualRanges(scan.units, { starts, ends, count: indices.length });
  let [terminal, short, characters, duplicateCharacters] = [0, 0, 0, 0];
  indices.forEach((line, k) => {
    const length = ends[k] - starts[k] - lines.pairs[line];
    characters += length;
    if (endsTerminal(text, starts[k], ends[k])) terminal++;
    if (length <= shortLine) short++;
    if (firsts[k] !== k) duplicateCharacters += length;
  });
  return {
    terminalLineFraction: fraction(terminal, indices.length),
    shortLineFraction: fraction(short, indices.length),
    lineDupCharFraction: fraction(duplicateCharacters, characters),
    newlineWordRatio: fraction(indices.length - 1, wordCount),
  };
}

/** Lines as Python splits them: how many begin with a bullet, how many end with an ellipsis. */
export function measureLineEdges({ text, units, lines }: TextScan) {
  let bullets = 0;
  let ellipses = 0;
  for (let i = 0; i < lines.count; i++) {
    const start = lines.firsts[i];
    const end = lines.lasts[i];
    if (start === end) continue;
    const first = units[start];
    if (first === 0x2022 || first === 0x2d) bullets++;
    if (endsWithEllipsis(text, start, end)) ellipses++;
  }
  return {
    bulletLineFraction: fraction(bullets, lines.count),
    ellipsisLineFraction: fraction(ellipses, lines.count),
  };
}

export function endsWithEllipsis(text: string, start: number, end: number): boolean {
  if (end <= start) return false;
  const last = text.charCodeAt(end - 1);
  if (last === ellipsis) return true;
  return (
    last === dot && end - start >= 3 && text.charCodeAt(end - 2) === dot && text.charCodeAt(end - 3) === dot
  );
}

export function isSpaceAt(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  if (code > 0x20 && code < 0x7f) return false;
  return (flagsAt(text, index) & Flag.space) !== 0;
}

export function fraction(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

/** Occurrences without overlap. */
export function countOf(text: string, part: string): number {
  let count = 0;
  for (let i = text.indexOf(part); i >= 0; i = text.indexOf(part, i + part.length)) count++;
  return count;
}

interface Duplicates {
  readonly elements: number;
  readonly characters: number;
  readonly of: number;
}

/** The second and later occurrences of equal elements, and their characters. */
function measureDuplicates(elements: readonly string[]): Duplicates {
  const seen = new Set<string>();
  let duplicates = 0;
  let characters = 0;
  for (const element of elements) {
    if (seen.has(element)) {
      duplicates++;
      characters += codePointLength(element);
    } else {
      seen.add(element);
    }
  }
  return { elements: duplicates, characters, of: elements.length };
}

function stripSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpaceAt(text, start)) start++;
  while (end > start && isSpaceAt(text, end - 1)) end--;
  return text.slice(start, end);
}

function isBlank(line: string): boolean {
  for (let i = 0; i < line.length; i++) if (!isSpaceAt(line, i)) return false;
  return true;
}

function endsTerminal(text: string, start: number, end: number): boolean {
  let last = end - 1;
  if (last > start && (text.charCodeAt(last) & 0xfc00) === 0xdc00) last--;
  return (flagsAt(text, last) & Flag.terminal) !== 0;
}
