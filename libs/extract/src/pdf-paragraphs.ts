// Lines of a PDF become paragraphs: running headers, footers and page numbers go, hyphens at line ends close, a new
// paragraph begins after white space, an indent, another size of type or a short last line.

import type { PdfLine } from './pdf-layout.ts';

const edgeLines = 2;

/** Removes lines at the top or bottom of pages that return, digits aside, on many pages, and bare page numbers. */
export function removeRunningLines(pages: readonly (readonly PdfLine[])[]): PdfLine[][] {
  const counts = new Map<string, number>();
  for (const page of pages)
    for (const key of new Set(edges(page).map(runningKey))) counts.set(key, (counts.get(key) ?? 0) + 1);
  const many = pages.length === 2 ? 2 : Math.max(3, pages.length * 0.2);
  return pages.map((page) => {
    const edge = new Set(edges(page));
    return page.filter(
      (line) =>
        !edge.has(line) ||
        ((counts.get(runningKey(line)) ?? 0) < many &&
          !/^[\s\-–—]*(?:\d{1,4}|[ivxlc]{1,7})[\s\-–—]*$/.test(line.text)),
    );
  });
}

function edges(page: readonly PdfLine[]): PdfLine[] {
  const byHeight = [...page].sort((a, b) => b.y - a.y);
  return [...byHeight.slice(0, edgeLines), ...byHeight.slice(-edgeLines)];
}

function runningKey(line: PdfLine): string {
  return line.text.replace(/\d+/g, '#').replace(/\s+/g, ' ').trim().toLowerCase();
}

/** Joins all pages' lines to paragraphs, apart by a blank line. */
export function joinParagraphs(pages: readonly (readonly PdfLine[])[]): string {
  const words = vocabularyOf(pages);
  const paragraphs: string[] = [];
  let text = '';
  for (const page of pages) {
    const rightEdge = regionEdges(page);
    page.forEach((line, index) => {
      const previous = page[index - 1];
      const breaks =
        text !== '' &&
        (previous === undefined
          ? endsSentence(text)
          : startsParagraph(previous, line, page[index + 1], rightEdge.get(previous.region) ?? 0));
      if (breaks) {
        paragraphs.push(text);
        text = '';
      }
      text = append(text, line.text.trim(), words);
    });
  }
  if (text !== '') paragraphs.push(text);
  return paragraphs
    .map((paragraph) => paragraph.replace(/\s+/g, ' ').trim())
    .filter(Boolean)
    .join('\n\n');
}

function regionEdges(page: readonly PdfLine[]): Map<number, number> {
  const edges = new Map<number, number>();
  for (const line of page) edges.set(line.region, Math.max(edges.get(line.region) ?? 0, line.right));
  return edges;
}

function startsParagraph(
  previous: PdfLine,
  line: PdfLine,
  next: PdfLine | undefined,
  rightEdge: number,
): boolean {
  if (Math.abs(previous.size - line.size) > 0.8) return true;
  if (previous.region !== line.region) return endsSentence(previous.text);
  const spacing = previous.y - line.y;
  if (spacing > line.size * 1.75 || spacing < 0) return spacing < 0 ? endsSentence(previous.text) : true;
  const isIndented =
    line.x - previous.x > line.size * 0.8 &&
    (next === undefined || next.region !== line.region || line.x - next.x > line.size * 0.8);
  return (
    isIndented ||
    (rightEdge - previous.right > (rightEdge - previous.x) * 0.25 && endsSentence(previous.text))
  );
}

function endsSentence(text: string): boolean {
  return /[.!?:。！？]["'”’)\]]*\s*$/.test(text);
}

const divided = /(?<![\p{L}\p{M}-])((?:[\p{L}\p{M}]+-)*)([\p{L}\p{M}]+)[-\u00ad\u2010]$/u;

/**
 * Adds a line. A hyphen between a letter and a small letter was put there by the line's end, unless the document writes the
 * word with it, or the word has other hyphens: state-of-the-art.
 */
function append(text: string, line: string, words: ReadonlySet<string>): string {
  if (text === '') return line;
  const tail = divided.exec(text.slice(-100));
  const head = /^\p{Ll}[\p{L}\p{M}]*(?=(-?))/u.exec(line);
  if (tail && head) {
    const [, before, last] = tail;
    const joined = `${before}${last}${head[0]}`.toLowerCase();
    const hyphenated = `${before}${last}-${head[0]}`.toLowerCase();
    const isCompound = before !== '' || (head[1] === '-' && !words.has(joined));
    const keeps = text.endsWith('\u00ad') ? false : words.has(hyphenated) ? !words.has(joined) : isCompound;
    return `${text.slice(0, -1)}${keeps ? '-' : ''}${line}`;
  }
  const wide = /[\u3040-\u30ff\u4e00-\u9fff]$/.test(text) && /^[\u3040-\u30ff\u4e00-\u9fff]/.test(line);
  return wide ? text + line : `${text} ${line}`;
}

/** Words as they stand inside lines, in small letters. */
function vocabularyOf(pages: readonly (readonly PdfLine[])[]): Set<string> {
  const words = new Set<string>();
  for (const page of pages)
    for (const { text } of page)
      for (const [run] of text.toLowerCase().matchAll(/[\p{L}\p{M}-]+/gu)) {
        const dashes = run.lastIndexOf('--');
        const word = run.slice(dashes >= 0 ? dashes + 2 : run.startsWith('-') ? 1 : 0);
        if (word !== '' && !word.endsWith('-')) words.add(word);
      }
  return words;
}
