// From the scattered pieces of a PDF page to lines in reading order: pieces on one baseline become segments, columns are
// found by recursive cuts along white gutters (XY-cut, Nagy and Seth 1984), and lines come out column by column.

/** A run of characters as the file places it; y grows upwards, sizes in points. */
export interface PdfPiece {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly size: number;
}

export interface PdfLine {
  text: string;
  readonly x: number;
  y: number;
  right: number;
  size: number;
  /** Number of the column or region on its page: paragraphs may run on across, headers do not. */
  region: number;
}

const mostCuts = 200;

/** Lines of one page in reading order. */
export function orderLines(pieces: readonly PdfPiece[]): PdfLine[] {
  const segments = joinPieces(pieces);
  const state = { cuts: 0, region: 0 };
  return cut(segments, state);
}

/** Joins pieces that stand on one baseline without a gap as wide as a gutter. */
function joinPieces(pieces: readonly PdfPiece[]): PdfLine[] {
  return groupRows(pieces).flatMap(joinRow);
}

/** Pieces by baseline, top row first; raised and lowered figures belong to the row they are set in. */
function groupRows(pieces: readonly PdfPiece[]): PdfPiece[][] {
  const rows: PdfPiece[][] = [];
  const sorted = [...pieces].sort((a, b) => b.y - a.y || a.x - b.x);
  for (const piece of sorted) {
    const row = rows[rows.length - 1];
    if (row !== undefined && row[0].y - piece.y < Math.max(row[0].size, piece.size) * 0.5) row.push(piece);
    else rows.push([piece]);
  }
  return takeInIndices(rows);
}

const indexSize = 0.86;

/** Rows of small figures that stand at the letters of the row above or below are part of it. */
function takeInIndices(rows: PdfPiece[][]): PdfPiece[][] {
  for (let at = 0; at < rows.length; at++) {
    rows[at] = rows[at].filter((piece) => {
      for (const other of [at - 1, at + 1, at - 2, at + 2]) {
        const host = rows[other]?.find((letters) => isIndexOf(piece, letters));
        if (!host) continue;
        rows[other].push(piece);
        return false;
      }
      return true;
    });
  }
  return rows.filter((row) => row.length > 0);
}

/** Smaller, within the height of the letters, and right behind (or before) them. */
function isIndexOf(piece: PdfPiece, letters: PdfPiece): boolean {
  if (piece.size > letters.size * indexSize || piece.text.length > 24) return false;
  const raised = piece.y - letters.y;
  if (raised > letters.size * 0.75 || raised < -letters.size * 0.55) return false;
  const behind = piece.x - (letters.x + letters.width);
  const before = letters.x - (piece.x + piece.width);
  const most = letters.size * 0.4;
  return (behind > -most && behind < most) || (before > -most && before < most);
}

function joinRow(row: PdfPiece[]): PdfLine[] {
  const lines: PdfLine[] = [];
  let line: PdfLine | undefined;
  let last: PdfPiece | undefined;
  let widest = 0;
  for (const piece of row.sort((a, b) => a.x - b.x)) {
    const gap = line === undefined ? 0 : piece.x - line.right;
    if (line === undefined || gap > Math.max(line.size, piece.size) * 1.6) {
      line = {
        text: piece.text,
        x: piece.x,
        y: piece.y,
        right: piece.x + piece.width,
        size: piece.size,
        region: 0,
      };
      widest = piece.width;
      lines.push(line);
    } else {
      line.text += `${last ? between(last, piece, line.text, gap) : ''}${piece.text}`;
      line.right = Math.max(line.right, piece.x + piece.width);
      if (piece.width > widest) {
        widest = piece.width;
        line.y = piece.y;
        line.size = piece.size;
      }
    }
    last = piece;
  }
  return lines;
}

/** A blank where there is room for one; a mark between a figure and one that is raised or lowered: 10^6 is not 106. */
function between(last: PdfPiece, piece: PdfPiece, text: string, gap: number): string {
  const room = Math.max(last.size, piece.size) * 0.15;
  if (gap > room && !/\s$/.test(text) && !/^\s/.test(piece.text)) return ' ';
  const isSmaller = piece.size <= last.size * indexSize;
  const raised = piece.y - last.y;
  if (!isSmaller || gap > room || !/\p{N}$/u.test(text) || !/^[\p{N}+−–-]/u.test(piece.text)) return '';
  if (raised > last.size * 0.15) return '^';
  return raised < -last.size * 0.1 ? '_' : '';
}

interface CutState {
  cuts: number;
  region: number;
}

function cut(lines: PdfLine[], state: CutState): PdfLine[] {
  if (lines.length < 6 || state.cuts >= mostCuts) return flow(lines, state);
  const gutter = findGutter(lines);
  if (gutter !== undefined) {
    state.cuts++;
    const left = lines.filter((line) => line.right <= gutter);
    const right = lines.filter((line) => line.right > gutter);
    return [...cut(left, state), ...cut(right, state)];
  }
  const at = findBreak(lines);
  if (at === undefined) return flow(lines, state);
  state.cuts++;
  return [...cut(lines.slice(0, at), state), ...cut(lines.slice(at), state)];
}

/** One region: top to bottom, and left to right on one baseline. */
function flow(lines: PdfLine[], state: CutState): PdfLine[] {
  state.region++;
  const rows: PdfLine[] = [];
  for (const line of lines) {
    const last = rows[rows.length - 1];
    line.region = state.region;
    if (last !== undefined && Math.abs(last.y - line.y) < last.size * 0.3) {
      last.text += ` ${line.text}`;
      last.right = Math.max(last.right, line.right);
    } else rows.push(line);
  }
  return rows;
}

/** An x that no line crosses, with several lines at both sides: the white between two columns. */
function findGutter(lines: readonly PdfLine[]): number | undefined {
  const size = medianSize(lines);
  const byLeft = [...lines].sort((a, b) => a.x - b.x);
  let right = -Infinity;
  let best: number | undefined;
  let bestGap = size * 0.8;
  byLeft.forEach((line, index) => {
    const gap = line.x - right;
    if (
      index >= 3 &&
      byLeft.length - index >= 3 &&
      gap > bestGap &&
      isTall(byLeft.slice(0, index)) &&
      isTall(byLeft.slice(index))
    ) {
      best = right + 1e-6;
      bestGap = gap;
    }
    right = Math.max(right, line.right);
  });
  return best;
}

/** A column is several lines tall and mostly prose; a table's column of figures is neither cut off nor read alone. */
function isTall(lines: readonly PdfLine[]): boolean {
  const letters = lines.reduce((sum, line) => sum + line.text.length, 0);
  return letters / lines.length > 18;
}

/** Where the lines above or below a break have a gutter that all together do not: a title over two columns. */
function findBreak(lines: readonly PdfLine[]): number | undefined {
  const step = Math.max(1, Math.floor(lines.length / 60));
  for (let at = 1; at < lines.length - 5; at += step) {
    if (lines[at - 1].y - lines[at].y < lines[at].size * 0.5) continue;
    if (findGutter(lines.slice(at)) !== undefined) return at;
  }
  for (let at = lines.length - 1; at > 5; at -= step) {
    if (lines[at - 1].y - lines[at].y < lines[at].size * 0.5) continue;
    if (findGutter(lines.slice(0, at)) !== undefined) return at;
  }
  return undefined;
}

function medianSize(lines: readonly PdfLine[]): number {
  const sizes = lines.map((line) => line.size).sort((a, b) => a - b);
  return sizes[sizes.length >> 1] ?? 10;
}
