// Mends what a PDF's pieces of text show of how they were drawn: words that were drawn again as a shadow or to look bold,
// letters spread apart by letter spacing, ligatures.

import type { PdfPiece } from './pdf-layout.ts';

/** The pieces as a reader sees them, in their order. */
export function mendPieces(pieces: readonly PdfPiece[]): PdfPiece[] {
  return closeLetters(dropShadows(pieces.map(spellLigatures)));
}

function spellLigatures(piece: PdfPiece): PdfPiece {
  return /[\ufb00-\ufb06]/.test(piece.text)
    ? { ...piece, text: piece.text.replace(/[\ufb00-\ufb06]/g, (sign) => sign.normalize('NFKC')) }
    : piece;
}

/** Pieces as short are looked at letter by letter. */
const fewLetters = 3;

/** Words at a place where the same word stands already: no two words can share it. */
function dropShadows(pieces: readonly PdfPiece[]): PdfPiece[] {
  const rows = new Map<number, PdfPiece[]>();
  const keyOf = ({ y, size }: PdfPiece): number => Math.round(y / Math.max(2, size * 0.2));
  const near = (piece: PdfPiece): PdfPiece[] => [-1, 0, 1].flatMap((by) => rows.get(keyOf(piece) + by) ?? []);
  const kept: PdfPiece[] = [];
  for (const drawn of pieces) {
    const piece = halveLetters(drawn);
    const others = near(piece).filter((other) => overlap(piece, other) > 0.25 && isLevel(piece, other));
    const unit = piece.text.length <= fewLetters ? /\S/gu : /\S+/gu;
    const left =
      others.length === 0
        ? [piece]
        : partsOf(piece, unit).filter((part) => !others.some((other) => repeats(part, other, unit)));
    for (const part of left) {
      kept.push(part);
      const key = keyOf(part);
      rows.set(key, [...(rows.get(key) ?? []).slice(-40), part]);
    }
  }
  return kept;
}

/** Each letter drawn twice before the next one: `TToottaall`, half as wide as it should be. */
function halveLetters(piece: PdfPiece): PdfPiece {
  const { text, width, size } = piece;
  const isDouble =
    text.length <= fewLetters || (text.length >= 6 && /^(?:(\S)\1| )+$/u.test(text) && /\p{L}/u.test(text));
  return isDouble && width < naturalWidth(text) * size * 0.72
    ? { ...piece, text: text.replace(/(\S)\1/gu, '$1') }
    : piece;
}

function isLevel(a: PdfPiece, b: PdfPiece): boolean {
  return Math.abs(a.y - b.y) < Math.max(a.size, b.size) * 0.15 && Math.abs(a.size - b.size) < 0.5;
}

/** Which part of the narrower one lies on the other. */
function overlap(a: PdfPiece, b: PdfPiece): number {
  const shared = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  return shared / Math.max(0.1, Math.min(a.width, b.width));
}

function repeats(part: PdfPiece, other: PdfPiece, unit: RegExp): boolean {
  return partsOf(other, unit).some(
    (known) => known.text === part.text && overlap(known, part) > (part.text.length === 1 ? 0.3 : 0.6),
  );
}

/** Words, or letters, with the places that the widths of their letters suggest. */
function partsOf(piece: PdfPiece, unit: RegExp): PdfPiece[] {
  const { text, x, width } = piece;
  const scale = width / Math.max(0.01, naturalWidth(text));
  const parts: PdfPiece[] = [];
  for (const match of text.matchAll(unit)) {
    const from = x + scale * naturalWidth(text.slice(0, match.index));
    parts.push({ ...piece, text: match[0], x: from, width: scale * naturalWidth(match[0]) });
  }
  return parts;
}

/** In ems, roughly as in Helvetica. */
function naturalWidth(text: string): number {
  let sum = 0;
  for (const sign of text)
    sum += /[iljtfrI.,:;'|!()[\] ]/.test(sign)
      ? 0.28
      : /[mwMW@%]/.test(sign)
        ? 0.85
        : /\p{Lu}/u.test(sign)
          ? 0.68
          : 0.54;
  return sum;
}

const spread = /^\S(?: \S)+$/u;
const fewestLetters = 4;

/** Pieces of single letters on one line are words with letter spacing: the wider gaps between the pieces part words. */
function closeLetters(pieces: readonly PdfPiece[]): PdfPiece[] {
  if (!pieces.some(({ text }) => spread.test(text))) return [...pieces];
  const closed: PdfPiece[] = [];
  for (let at = 0; at < pieces.length;) {
    let end = at + 1;
    while (end < pieces.length && isLevel(pieces[at], pieces[end])) end++;
    const row = pieces.slice(at, end);
    closed.push(
      ...row.map((piece) =>
        isSpread(piece, row) ? { ...piece, text: piece.text.replaceAll(' ', '') } : piece,
      ),
    );
    at = end;
  }
  return closed;
}

function isSpread({ text }: PdfPiece, row: readonly PdfPiece[]): boolean {
  if (!spread.test(text) || !/\p{L}/u.test(text)) return false;
  const groups = row.filter((piece) => spread.test(piece.text));
  const letters = groups.reduce((sum, piece) => sum + piece.text.replaceAll(' ', '').length, 0);
  const isAlone = groups.length === 1;
  // One group in other words, or alone on its line: five letters are no list of letters.
  return isAlone ? /^(?:\p{L} ){4,}\p{L}[.,:;!?]?$/u.test(text) : letters >= fewestLetters;
}
