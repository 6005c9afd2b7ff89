// CSV as RFC 4180 has it, safe to open in a spreadsheet: a cell that a program would take for a formula begins with an
// apostrophe, and a cell is one line.

import { stringify } from 'csv-stringify/sync';

export type CsvCell = string | number | undefined;

/** Lines that end in CR LF; the first is the heading where there is one. */
export function csvLines(rows: readonly (readonly CsvCell[])[]): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'string' ? oneLine(cell) : cell)));
  return stringify(cells, { escape_formulas: true, record_delimiter: '\r\n' });
}

/** Blanks in front would hide a formula from the one and not from the other program. */
const oneLine = (text: string) => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
