// Pieces of Markdown for the texts of an audit. Words from documents and from the web come into cells and paragraphs, so
// they are one line and no markup.

export const count = (value: number) => value.toLocaleString('en-US');
export const countOf = (value: number, word: string) => `${count(value)} ${word}${value === 1 ? '' : 's'}`;

/** Plain words: no markup, no line break. */
export const plain = (text: string) =>
  text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/[\\`*_[\]<>|#]/g, (sign) => `\\${sign}`)
    .trim();

/** A table; nothing without rows. */
export function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const isNumber = heads.map((_, i) => typeof rows[0][i] === 'number');
  const shown = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? count(cell) : plain(cell))));
  return [line(heads), line(isNumber.map((one) => (one ? '---:' : '---'))), ...shown.map(line)].join('\n');
}

/** Paragraphs apart by a blank line; empty ones are left out. */
export const paragraphs = (...texts: readonly string[]) =>
  `${texts.filter((text) => text !== '').join('\n\n')}\n`;

export const list = (items: readonly string[]) => items.map((item) => `- ${item}`).join('\n');
