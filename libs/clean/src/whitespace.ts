// One line end (LF), one kind of space, no trailing spaces, at most one blank line in a row, none at the ends.
// Indentation at the start of a line stays, since it is meaning in code, verse and lists; tabs stay only there.

import type { RuleResult } from './clean-text.ts';

const lineEnd = /\r\n?|[\u000b\u000c\u001c-\u001e\u0085\u2028\u2029]/g;
const exoticSpace = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;
// A run is taken whole or not at all: nothing after it can fail, so no run is read twice.
const innerRun = /(?<=[^\s])(?:\t| {2})[ \t]*/g;
const blankLines = /\n{3,}/g;

export function normalizeWhitespace(text: string): RuleResult {
  let count = 0;
  const replace = (input: string, pattern: RegExp, by: string): string =>
    input.replace(pattern, (found) => {
      if (found !== by) count++;
      return by;
    });
  const spaced = replace(replace(text, lineEnd, '\n'), exoticSpace, ' ');
  const lines = spaced.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const trimmed = lines[i].trimEnd();
    if (trimmed.length !== lines[i].length) count++;
    lines[i] = trimmed;
  }
  const result = replace(replace(lines.join('\n'), innerRun, ' '), blankLines, '\n\n');
  const trimmed = trimLines(result);
  if (trimmed.length !== result.length) count++;
  return { text: trimmed, count };
}

/** Without blank lines at both ends; the first line keeps its indentation. */
function trimLines(text: string): string {
  let start = 0;
  while (start < text.length && text[start] === '\n') start++;
  let end = text.length;
  while (end > start && text[end - 1] === '\n') end--;
  return text.slice(start, end);
}
