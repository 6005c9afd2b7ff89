// Pieces of Markdown for the data card.

import type { Sums, Tally } from './card-facts.ts';

export const number = (value: number) => value.toLocaleString('en-US');
export const percent = (part: number, of: number) => (of === 0 ? '–' : `${((100 * part) / of).toFixed(1)} %`);

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** Right-aligned but for the first column; undefined without rows. */
export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(heads), line(heads.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** A heading and the paragraphs that are not empty; nothing when all are. */
export function section(title: string, ...paragraphs: readonly string[]): string {
  const body = paragraphs.filter((text) => text !== '');
  return body.length === 0 ? '' : [`## ${title}`, ...body].join('\n\n');
}

const mostRows = 40;

/** The commonest first; what does not fit is one row at the end. `share` adds a column of shares of kept documents. */
export function tallyTable(head: string, tally: Tally): string {
  const rows = [...tally].sort(([a, x], [b, y]) => y.documents - x.documents || (a < b ? -1 : 1));
  const shown = rows.slice(0, mostRows);
  const rest = rows.slice(mostRows);
  if (rest.length > 0) shown.push([`${rest.length} others`, addUp(rest.map(([, sums]) => sums))]);
  return markdownTable(
    [head, 'documents', 'kept', 'bytes', 'tokens'],
    shown.map(([name, sums]) => [name, ...[sums.documents, sums.kept, sums.bytes, sums.tokens].map(number)]),
  );
}

function addUp(list: readonly Sums[]): Sums {
  const total: Sums = { documents: 0, kept: 0, bytes: 0, tokens: 0 };
  for (const { documents, kept, bytes, tokens } of list) {
    total.documents += documents;
    total.kept += kept;
    total.bytes += bytes;
    total.tokens += tokens;
  }
  return total;
}

/** A line of quantiles of some values. */
export function quantiles(name: string, values: readonly number[]): string[] {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return [name, ...[0.05, 0.25, 0.5, 0.75, 0.95].map((share) => number(Math.round(at(share) * 10) / 10))];
}
