// Where readers of structured formats (JATS, LaTeX, PDF) put their paragraphs, headings, items and rows; it writes
// them as plain text or Markdown with the same spacing that pages get.

import { collapseSpace } from '@gristmill/markup';
import type { TextFormat } from './render.ts';

export interface DocumentWriter {
  /** `level` from 1. */
  heading(level: number, text: string): void;
  paragraph(text: string): void;
  /** One line of a list; `marker` is written in Markdown, a dash in text. */
  item(text: string, marker?: string): void;
  row(cells: readonly string[], isHead?: boolean): void;
  code(text: string): void;
  quote(text: string): void;
  finish(): string;
}

/** Collects a document's pieces; items and rows that follow each other stand line by line, all else is apart. */
export function createWriter(format: TextFormat): DocumentWriter {
  const markdown = format === 'markdown';
  let text = '';
  let last = '';
  const add = (kind: string, piece: string) => {
    if (piece.trim() === '') return;
    if (text !== '') text += kind !== '' && kind === last ? '\n' : '\n\n';
    text += piece;
    last = kind;
  };
  const oneLine = (value: string) => collapseSpace(value).trim();
  return {
    heading: (level, value) =>
      add('', oneLine(value) && (markdown ? `${'#'.repeat(Math.min(6, level))} ` : '') + oneLine(value)),
    paragraph: (value) => add('', value.trim()),
    item: (value, marker = '-') =>
      add('item', oneLine(value) && `${markdown ? marker : '-'} ${oneLine(value)}`),
    row(cells, isHead = false) {
      const line = cells.map(oneLine);
      if (line.join('') === '') return;
      if (!markdown) add('row', line.join(' | '));
      else
        add(
          'row',
          `| ${line.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |${isHead ? `\n|${' --- |'.repeat(line.length)}` : ''}`,
        );
    },
    code: (value) => add('', markdown ? `\`\`\`\n${value.trimEnd()}\n\`\`\`` : value.trimEnd()),
    quote: (value) => add('', markdown ? value.trim().replace(/^/gm, '> ') : value.trim()),
    finish: () => text,
  };
}
