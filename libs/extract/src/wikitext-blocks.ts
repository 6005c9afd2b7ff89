// The lines of a page of wikitext as blocks of HTML: headings, paragraphs, lists by their marks, tables, indented text.

import { markEmphasis } from './wikitext-inline.ts';

export interface BlockWriter {
  /** Takes the next line, its links and templates resolved. */
  line(text: string): void;
  /** @returns the HTML of all lines */
  end(): string;
}

interface Block {
  readonly html: string;
  /** Level of a heading; 0 for anything else. */
  readonly heading: number;
}

interface Table {
  hasRow: boolean;
  cell: 'td' | 'th' | 'caption' | undefined;
}

const listTags: Readonly<Record<string, readonly [list: string, item: string]>> = {
  '*': ['ul', 'li'],
  '#': ['ol', 'li'],
  ';': ['dl', 'dt'],
  ':': ['dl', 'dd'],
};
const deepestList = 30;
const deepestTable = 20;

export function createBlockWriter(): BlockWriter {
  const blocks: Block[] = [];
  const tables: Table[] = [];
  let paragraph: string[] = [];
  let preformatted: string[] = [];
  let marks = '';

  const put = (html: string, heading = 0): void => void blocks.push({ html, heading });
  const flush = (): void => {
    if (paragraph.length > 0) {
      const text = paragraph.join('\n');
      put(tables.at(-1)?.cell ? `${text}\n` : `<p>${text}</p>\n`);
    }
    if (preformatted.length > 0) put(`<pre>${preformatted.join('\n')}</pre>\n`);
    [paragraph, preformatted] = [[], []];
  };
  const closeLists = (length = 0): void => {
    for (; marks.length > length; marks = marks.slice(0, -1)) {
      const [list, item] = listTags[marks.at(-1)!];
      put(`</${item}></${list}>\n`);
    }
  };
  const close = (): void => {
    flush();
    closeLists();
  };

  const list = (wanted: string, text: string): void => {
    flush();
    let common = 0;
    // A term and its definition are one list.
    const isSame = (at: number): boolean =>
      marks[at] !== undefined && listTags[marks[at]][0] === listTags[wanted[at]]?.[0];
    while (common < wanted.length && isSame(common)) common++;
    closeLists(common);
    if (common === wanted.length && common > 0) {
      put(`</${listTags[marks.at(-1)!][1]}>\n<${listTags[wanted.at(-1)!][1]}>`);
      marks = wanted;
    }
    for (let at = common; at < wanted.length; at++) {
      const [tag, item] = listTags[wanted[at]];
      put(`<${tag}><${item}>`);
    }
    marks = wanted;
    const parts = wanted.endsWith(';') ? /^(.+?)(?<!https?|ftp)\s?:\s(.*)$/.exec(text) : null;
    put(markEmphasis(parts ? `${parts[1]}</dt><dd>${parts[2]}` : text));
    if (parts) marks = `${wanted.slice(0, -1)}:`;
  };

  const closeCell = (): void => {
    close();
    const table = tables.at(-1)!;
    if (table.cell) put(`</${table.cell}>\n`);
    table.cell = undefined;
  };
  const openCell = (tag: 'td' | 'th' | 'caption', text: string): void => {
    closeCell();
    const table = tables.at(-1)!;
    if (tag !== 'caption' && !table.hasRow) {
      put('<tr>');
      table.hasRow = true;
    }
    const [attributes, content] = cellParts(text);
    table.cell = tag;
    put(`<${tag}${attributes}>`);
    // A list or a table may begin behind the mark only on the next line.
    if (content.trim() !== '') paragraph.push(markEmphasis(content.trim()));
  };
  /** True when the line is one of the table's own. */
  const tableLine = (line: string): boolean => {
    const table = tables.at(-1);
    const text = line.trimStart();
    if (text.startsWith('{|') && tables.length < deepestTable) {
      if (!table || table.cell) {
        close();
        tables.push({ hasRow: false, cell: undefined });
        put('<table>');
      }
      return true;
    }
    if (!table) return false;
    if (text.startsWith('|}')) {
      closeCell();
      put(`${table.hasRow ? '</tr>' : ''}</table>\n`);
      tables.pop();
      if (text.length > 2) writer.line(text.slice(2));
    } else if (text.startsWith('|-')) {
      closeCell();
      if (table.hasRow) put('</tr>\n');
      table.hasRow = false;
    } else if (text.startsWith('|+')) openCell('caption', text.slice(2));
    else if (text.startsWith('|')) for (const cell of text.slice(1).split('||')) openCell('td', cell);
    else if (text.startsWith('!')) for (const cell of text.slice(1).split(/!!|\|\|/)) openCell('th', cell);
    else return table.cell === undefined; // Words before the first cell are shown nowhere.
    return true;
  };

  const writer: BlockWriter = {
    line(text) {
      if (tableLine(text)) return;
      const heading = /^(={1,6})(?!=)(.+?)\1[ \t]*$/.exec(text.trimEnd());
      const item = /^([*#:;]+)[ \t]*(.*)$/.exec(text);
      if (text.trim() === '') close();
      else if (heading && tables.length === 0) {
        close();
        const level = heading[1].length;
        put(`<h${level}>${markEmphasis(heading[2].trim())}</h${level}>\n`, level);
      } else if (item && item[2] !== '' && item[1].length <= deepestList) list(item[1], item[2]);
      else if (/^-{4,}/.test(text)) {
        close();
        put('<hr>\n');
      } else if (/^\u007f\d+;$/.test(text)) {
        flush();
        put(text);
      } else if (text.startsWith(' ') && tables.length === 0 && !/<(?:\/?[a-z]+)/i.test(text)) {
        if (paragraph.length > 0) flush();
        closeLists();
        preformatted.push(markEmphasis(text.slice(1)));
      } else {
        closeLists();
        if (preformatted.length > 0) flush();
        paragraph.push(markEmphasis(text));
      }
    },
    end() {
      while (tables.length > 0) writer.line('|}');
      close();
      return withoutEmptySections(blocks);
    },
  };
  return writer;
}

/** `style="…" | words`: a bar divides attributes from words; those that say how many cells it spans are kept. */
function cellParts(text: string): [attributes: string, content: string] {
  const bar = text.indexOf('|');
  if (bar < 0 || /<|\u007f/.test(text.slice(0, bar))) return ['', text];
  const spans = [...text.slice(0, bar).matchAll(/\b(rowspan|colspan)\s*=\s*["']?\s*(\d{1,3})/gi)];
  return [spans.map(([, name, count]) => ` ${name.toLowerCase()}="${count}"`).join(''), text.slice(bar + 1)];
}

/** Without headings that have nothing under them, such as those of notes. */
function withoutEmptySections(blocks: readonly Block[]): string {
  const kept: string[] = [];
  // Level of the shallowest heading below which something stands; 7: there is something right behind.
  let filled = 0;
  for (const { html, heading } of [...blocks].reverse()) {
    if (heading === 0) {
      if (/[^\s<>]/.test(html.replace(/<[^<>]*>/g, ''))) filled = 7;
      kept.push(html);
    } else if (heading < filled) {
      kept.push(html);
      filled = heading;
    }
  }
  return kept.reverse().join('');
}
