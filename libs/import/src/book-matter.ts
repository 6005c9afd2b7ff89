// What surrounds a book's text in a plain text edition: Project Gutenberg's header and licence, credits, page marks and
// running headers, and a title line in brackets. Facts are read from it before it goes.

import type { Metadata } from '@gristmill/core';

export interface BookText {
  /** Without the surroundings; lines end in \n. */
  readonly text: string;
  readonly metadata: Metadata;
}

const startMark = /^[ \t]*\*{3} ?START OF (?:THE|THIS) PROJECT GUTENBERG[^\n]*$/im;
const endMark =
  /^[ \t]*(?:\*{3} ?END OF (?:THE|THIS) PROJECT GUTENBERG|End of (?:the |this )?Project Gutenberg)[^\n]*$/im;
/** The header of editions before 2004 ends here. */
const smallPrint = /^\*END[ *]*THE SMALL PRINT![^\n]*$/im;

const languages: Readonly<Record<string, string>> = {
  english: 'en',
  french: 'fr',
  german: 'de',
  spanish: 'es',
  italian: 'it',
  portuguese: 'pt',
  dutch: 'nl',
  finnish: 'fi',
  latin: 'la',
  swedish: 'sv',
  danish: 'da',
  norwegian: 'no',
  chinese: 'zh',
  japanese: 'ja',
  russian: 'ru',
  greek: 'el',
  hungarian: 'hu',
  polish: 'pl',
  czech: 'cs',
  esperanto: 'eo',
  catalan: 'ca',
  welsh: 'cy',
  tagalog: 'tl',
};

/** @example readBook('[Emma by Jane Austen 1816]\n\nVOLUME I…').metadata // { title: 'Emma', author: 'Jane Austen', date: '1816' } */
export function readBook(decoded: string): BookText {
  const whole = decoded
    .replace(/\r\n?/g, '\n')
    .replace(/^\uFEFF/, '')
    // Not /\n{6,}/: V8 keeps a place to go back to for each, and runs out of stack on a file of line ends.
    .replace(/(?<=\n{5})\n/g, '');
  const start = startOf(whole);
  const header = start ? whole.slice(0, start.index) : '';
  let body = start ? whole.slice(start.index + start[0].length) : whole;
  const end = endMark.exec(body);
  if (end) body = body.slice(0, end.index);
  const titled = readTitleLine(start ? body : whole.slice(0, end ? end.index : undefined));
  const metadata = { ...titled.metadata, ...readHeader(header) };
  return { text: removeCredits(removePageMarks(titled.text)), metadata };
}

/** Marks stand near the beginning; a start mark in the later half of a file is a misplaced end mark. */
function startOf(whole: string): RegExpExecArray | undefined {
  const found = startMark.exec(whole) ?? smallPrint.exec(whole);
  return found && found.index < whole.length / 2 ? found : undefined;
}

function readHeader(header: string): Metadata {
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}: *([^\\n]+(?:\\n {2,}[^\\n]+)*)`, 'im')
      .exec(header)?.[1]
      .replace(/\s+/g, ' ')
      .trim();
  const language = languages[field('Language')?.toLowerCase() ?? ''];
  const given = {
    title: field('Title'),
    author: field('Author'),
    language,
    licence: header === '' ? undefined : 'Project Gutenberg License',
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** Some collections begin a book with `[Title by Author Year]`. */
function readTitleLine(text: string): BookText {
  const match = /^\s*\[([^\]\n]{3,200})\]\s*\n/.exec(text);
  if (!match) return { text, metadata: {} };
  const [, title, author, date] = /^(.+?)(?:,? by (.+?))?(?: (\d{4}))?$/.exec(match[1]) ?? [];
  return {
    text: text.slice(match[0].length),
    metadata: { title, ...(author && { author }), ...(date && { date }) },
  };
}

/** "Produced by …" below the start mark: a paragraph of its own that is no part of the book. */
function removeCredits(text: string): string {
  return text.replace(
    /^\s*(?:(?:Produced|Transcribed|Prepared|E-text prepared|This etext was prepared)\b[^\n]*(?:\n[^\n]+)*\n\s*\n)/i,
    '',
  );
}

const fewestRepeats = 5;
const longestHeader = 70;

/**
 * Removes `[Pg 12]`, lone page numbers in brackets, and running headers: lines that stand alone, carry a page number
 * before or after the words, and whose words come back at least five times.
 */
function removePageMarks(text: string): string {
  const lines = text.replace(/(?<![ \t])[ \t]*[[{]Pg? ?\d{1,4}[\]}]/g, '').split(/\f|\n/);
  const wordsOf = (line: string, index: number): string | undefined => {
    if (!/^\s*\d|\d\s*$/.test(line)) return undefined;
    const trimmed = line.trim();
    if (trimmed.length > longestHeader || lines[index - 1]?.trim() || lines[index + 1]?.trim())
      return undefined;
    const words = /^\d{1,4}\s+(\D+)$|^(\D*[^\d\s])\s+\d{1,4}$/.exec(trimmed);
    const found = words?.[1] ?? words?.[2];
    return found && !/^(?:chapter|book|part|act|scene|canto|letter|section|volume)\b/i.test(found)
      ? found
      : undefined;
  };
  const counts = new Map<string, number>();
  const marks = lines.map(wordsOf);
  for (const words of marks) if (words) counts.set(words, (counts.get(words) ?? 0) + 1);
  if (![...counts.values()].some((count) => count >= fewestRepeats)) return lines.join('\n');
  return lines.filter((_, index) => (counts.get(marks[index] ?? '') ?? 0) < fewestRepeats).join('\n');
}
