// Columns of text for people: numbers to the right, words to the left.

export type Cell = string | number | undefined;

/** Lines with a heading; numbers get separators. */
export function formatTable(heading: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const spelled = rows.map((row) => row.map((cell) => spell(cell)));
  const widths = heading.map((name, i) => Math.max(name.length, ...spelled.map((row) => row[i].length)));
  const isNumber = heading.map((_, i) => rows.some((row) => typeof row[i] === 'number'));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (isNumber[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd();
  return [line(heading), ...spelled.map(line)].join('\n') + '\n';
}

function spell(cell: Cell): string {
  if (cell === undefined) return '';
  return typeof cell === 'number' ? cell.toLocaleString('en-US') : cell;
}
