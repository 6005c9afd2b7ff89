// Divides a book into chapters by its own headings. Several ways of heading are tried, the plainest first; the first one
// that divides the book is taken. A book that none divides becomes parts of bounded size, cut between paragraphs.

export interface Chapter {
  /** `chapter-iv`; `part-2` where there is no heading. Not unique. */
  readonly name: string;
  /** The heading as it is written; undefined where there is none. */
  readonly title?: string;
  /** Text with its heading. */
  readonly text: string;
}

const numeral = String.raw`(?:[IVXLC]+|\d{1,3}|the\s+\w+|one|two|three|four|five|six|seven|eight|nine|ten|first|second|third|fourth|fifth|primus|secundus|tertius|quartus|quintus|prima|secunda|tertia|quarta|quinta)`;

/** A heading's first line; each in the order in which they are tried. */
const headings: readonly RegExp[] = [
  // CHAPTER I. Down the Rabbit-Hole · VOLUME II · Book I · [BOOK IX] · ACT THE SECOND · Actus Primus. Scoena Prima.
  new RegExp(
    String.raw`^\s*\[?(?:chapter|book|part|volume|canto|letter|stave|act|actus|scene|scoena|section|epilogue|prologue)(?:\s+${numeral})?(?:[.:\s\]—–-].{0,80})?\]?$`,
    'i',
  ),
  // I. A DISCUSSION SOMEWHAT IN THE AIR · XII
  /^\s*(?:[IVXLC]{1,8}|\d{1,3})(?:\.?|\.\s+\S.{0,70})$/,
  // TWO LITTLE RIDDLES IN RHYME
  /^\s{0,40}(?=.{0,110}[A-Z]{3})[^a-z]{4,70}$/,
  // The First Book of Moses:  Called Genesis
  /^(?:The|An?) [A-Z].{2,70}[^.,;?!]$/,
];

/** Longer chapters are cut into parts; a book has at most one chapter for so many characters. */
export const longestChapter = 60_000;
const shortestChapter = 300;
const longestHeading = 120;
const fewestChapters = 3;
/** A division is of no use when one chapter is nearly the whole book. */
const greatestShare = 0.8;

interface Piece {
  heading: string;
  text: string;
}

/** The chapters in order; together they hold every paragraph of the text. */
export function divideBook(text: string): Chapter[] {
  const lines = text.split('\n');
  const candidates = findCandidates(lines);
  for (const heading of headings) {
    const found = candidates.filter((index) => heading.test(lines[index]));
    const pieces = gather(cutAt(lines, found));
    const longest = pieces.reduce((most, piece) => Math.max(most, piece.text.length), 0);
    const fits = pieces.length >= fewestChapters && longest <= greatestShare * text.length;
    if (fits && text.length / pieces.length <= 4 * longestChapter) return pieces.flatMap(bound);
  }
  return bound({ heading: '', text });
}

/** Lines that may be headings: short, with a blank line before them and one soon after. */
function findCandidates(lines: readonly string[]): number[] {
  const isBlank = (line: string | undefined): boolean => line === undefined || line.trim() === '';
  const found: number[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index];
    if (line === '' || line.length > longestHeading || !isBlank(lines[index - 1]) || isBlank(line)) continue;
    if (isBlank(lines[index + 1]) || isBlank(lines[index + 2])) found.push(index);
  }
  return found;
}

/** Cuts before each of these lines. */
function cutAt(lines: readonly string[], found: readonly number[]): Piece[] {
  const starts = found[0] === 0 ? found : [0, ...found];
  return starts
    .map((start, index) => ({
      heading: index > 0 || found[0] === 0 ? lines[start].trim() : '',
      text: lines.slice(start, starts[index + 1]).join('\n'),
    }))
    .filter((piece) => piece.text.trim() !== '');
}

/**
 * A heading without a text of its own joins what follows (VOLUME I, then CHAPTER I). Three or more of them in a row
 * are a table of contents and stay together as one piece.
 */
function gather(pieces: readonly Piece[]): Piece[] {
  const gathered: Piece[] = [];
  let short: Piece[] = [];
  const flush = (): void => {
    if (short.length === 0) return;
    gathered.push({
      heading: short[0].heading || 'contents',
      text: short.map((piece) => piece.text).join('\n'),
    });
    short = [];
  };
  for (const piece of pieces) {
    if (piece.text.trim().length < shortestChapter) short.push(piece);
    else if (short.length > 2) {
      flush();
      gathered.push(piece);
    } else {
      const text = [...short, piece].map((part) => part.text).join('\n');
      const heading = [...short, piece].map((part) => part.heading).filter(Boolean);
      gathered.push({ heading: heading.join(' '), text });
      short = [];
    }
  }
  if (gathered.length > 0 && short.length <= 2) {
    gathered[gathered.length - 1].text += short.map((piece) => `\n${piece.text}`).join('');
  } else flush();
  return gathered;
}

function bound({ heading, text }: Piece): Chapter[] {
  const trimmed = text.replace(/^\s*\n/, '').trimEnd();
  if (trimmed === '') return [];
  const name = slug(heading);
  const title =
    /[\p{Ll}\p{Lu}\p{Lo}\p{N}]/u.test(heading) && heading !== 'contents' ? heading.replace(/\s+/g, ' ') : '';
  const titled = title === '' ? {} : { title };
  if (trimmed.length <= longestChapter) return [{ name: name || 'text', ...titled, text: `${trimmed}\n` }];
  return cutAtParagraphs(trimmed).map((part, index) => ({
    ...titled,
    name: `${name ? `${name}/` : ''}part-${index + 1}`,
    text: `${part}\n`,
  }));
}

/** Parts of about equal length, at most `longestChapter` characters unless one paragraph alone is longer. */
function cutAtParagraphs(text: string): string[] {
  const aim = text.length / Math.ceil(text.length / (longestChapter * 0.9));
  const parts: string[] = [];
  let part = '';
  for (const paragraph of text.split(/\n[ \t]*\n/)) {
    if (part !== '' && part.length + paragraph.length / 2 > aim) {
      parts.push(part);
      part = '';
    }
    part += `${part && '\n\n'}${paragraph}`;
  }
  const isTail = part.length < aim / 4 && parts.length > 0;
  if (isTail) parts[parts.length - 1] += `\n\n${part}`;
  else parts.push(part);
  return parts;
}

/** `CHAPTER IV. The Rabbit Sends` → `chapter-iv-the-rabbit-sends`; at most 60 characters. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
}
