// Signals over lines and paragraphs: Gopher's repeated lines and paragraphs, bullets and ellipses (Rae et al. 2021), and
// FineWeb's line rules (Penedo et al. 2024). Characters are code points.

import { codePointLength } from '@gristmill/text';
import { Flag, flagsAt } from './character-flags.ts';
import type { LineTable } from './line-table.ts';

const dot = 0x2e;
const ellipsis = 0x2026;

/** Gopher's repeated lines and paragraphs: what one or more, or two or more, line feeds separate. */
export function measureRepeatedLines(text: string, characters: number) {
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
    if (endsTerminal(line)) terminal++;
    // 30 code points are at most 60 units.
    if (line.length <= 30 || (line.length <= 60 && codePointLength(line) <= 30)) short++;
  }
  return {
    terminalLineFraction: fraction(terminal, filled.length),
    shortLineFraction: fraction(short, filled.length),
    lineDupCharFraction: fraction(measureDuplicates(filled).characters, characters),
    newlineWordRatio: fraction(lines.length - 1, wordCount),
  };
}

/** Lines as Python splits them: how many begin with a bullet, how many end with an ellipsis. */
export function measureLineEdges(text: string, lines: LineTable) {
  let bullets = 0;
  let ellipses = 0;
  for (let i = 0; i < lines.count; i++) {
    let start = lines.starts[i];
    let end = lines.ends[i];
    while (start < end && isSpaceAt(text, start)) start++;
    while (end > start && isSpaceAt(text, end - 1)) end--;
    const first = start < end ? text.charCodeAt(start) : 0;
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

/** The second and later occurrences of equal elements, and their characters. */
function measureDuplicates(elements: readonly string[]): {
  elements: number;
  characters: number;
  of: number;
} {
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

function endsTerminal(line: string): boolean {
  let last = line.length - 1;
  if (last > 0 && (line.charCodeAt(last) & 0xfc00) === 0xdc00) last--;
  return (flagsAt(line, last) & Flag.terminal) !== 0;
}
