// The lines of one document as offsets, with what every family of rules asks about a line. A line ends at a line feed
// (FineWeb's notion) or at any of Python's boundaries (Gopher's and C4's); in clean text the two are the same.

import { isLineBoundary, type Words } from '@gristmill/text';

export interface LineTable {
  readonly count: number;
  /** [starts[i], ends[i]) is line i without its line end. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Line i holds the words firstWord[i] … firstWord[i + 1] − 1. */
  readonly firstWord: Int32Array;
}

/** Lines as Python's `splitlines` gives them. */
export function tabulateLines(text: string, words: Words): LineTable {
  let capacity = 1024;
  let starts = new Int32Array(capacity);
  let ends = new Int32Array(capacity);
  let count = 0;
  const push = (start: number, end: number): void => {
    if (count === capacity) {
      capacity *= 4;
      starts = resized(starts, capacity);
      ends = resized(ends, capacity);
    }
    starts[count] = start;
    ends[count++] = end;
  };
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // Cheap first: nearly every character is above the ASCII controls.
    if (code > 0x1e && code !== 0x85 && code !== 0x2028 && code !== 0x2029) continue;
    if (!isLineBoundary(code)) continue;
    push(start, i);
    if (code === 0x0d && text.charCodeAt(i + 1) === 0x0a) i++;
    start = i + 1;
  }
  if (start < text.length) push(start, text.length);
  return { count, starts, ends, firstWord: wordsOfLines(starts, count, words) };
}

function wordsOfLines(starts: Int32Array, count: number, words: Words): Int32Array {
  const firstWord = new Int32Array(count + 1);
  let word = 0;
  for (let line = 0; line < count; line++) {
    while (word < words.count && words.offsets[2 * word] < starts[line]) word++;
    firstWord[line] = word;
  }
  firstWord[count] = words.count;
  return firstWord;
}

function resized(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(array);
  return larger;
}
