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
  for (const piece of [...pieces].sort((a, b) => b.y - a.y || a.x - b.x)) {
    const row = rows[rows.length - 1];
    if (row !== undefined && row[0].y - piece.y < Math.max(row[0].size, piece.size) * 0.5) row.push(piece);
    else rows.push([piece]);
  }
  return rows;
}

function joinRow(row: PdfPiece[]): PdfLine[] {
  const lines: PdfLine[] = [];
  let line: PdfLine | undefined;
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
      continue;
    }
    const blank = gap > piece.size * 0.15 && !/\s$/.test(line.text) && !/^\s/.test(piece.text);
    line.text += blank ? ` ${piece.text}` : piece.text;
    line.right = Math.max(line.right, piece.x + piece.width);
    if (piece.width > widest) {
      widest = piece.width;
      line.y = piece.y;
      line.size = piece.size;
    }
  }
  return lines;
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
