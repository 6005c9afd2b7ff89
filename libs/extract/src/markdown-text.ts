// A tree of Markdown as text: paragraphs apart by a blank line, items and rows line by line, code and formulas as they
// stand, no other marks.

import { extractHtml } from './extract-html.ts';

/** What of mdast is read here. */
export interface MarkdownNode {
  readonly type: string;
  readonly children?: readonly MarkdownNode[];
  readonly value?: string;
  readonly alt?: string | null;
  readonly depth?: number;
  readonly ordered?: boolean | null;
  readonly start?: number | null;
  readonly position?: {
    readonly start: { readonly offset?: number };
    readonly end: { readonly offset?: number };
  };
}

/** A document, a quotation, an item: its blocks. */
export function blockText(node: MarkdownNode): string {
  return piecesOf(node)
    .filter((piece) => piece.trim() !== '')
    .join('\n\n');
}

function piecesOf({ children = [] }: MarkdownNode): string[] {
  return children.flatMap((child): string[] => {
    switch (child.type) {
      case 'heading':
      case 'paragraph':
        return [inlineText(child).trim()];
      case 'list':
        return [listText(child, '')];
      case 'table':
        return [
          (child.children ?? []).map((row) => (row.children ?? []).map(cellText).join(' | ')).join('\n'),
        ];
      case 'code':
        return [child.value ?? ''];
      case 'math':
        return [`$$${(child.value ?? '').trim()}$$`];
      case 'html':
        return [htmlText(child.value ?? '')];
      case 'definition':
      case 'thematicBreak':
        return [];
      case 'blockquote':
      case 'footnoteDefinition':
        return [blockText(child)];
      default:
        return [child.children ? inlineText(child).trim() : (child.value ?? '')];
    }
  });
}

/** Items line by line, what is inside one indented. */
function listText({ children = [], ordered, start }: MarkdownNode, indent: string): string {
  const lines = children.map((item, at) => {
    const mark = ordered ? `${(start ?? 1) + at}. ` : '- ';
    const parts = (item.children ?? []).map((child) =>
      child.type === 'list'
        ? { text: listText(child, ''), isList: true }
        : { text: blockText({ type: 'root', children: [child] }), isList: false },
    );
    const shown = parts.filter(({ text }) => text.trim() !== '');
    const inner = shown
      .map(({ text, isList }, index) => `${index === 0 ? '' : isList ? '\n' : '\n\n'}${text}`)
      .join('');
    return inner === '' ? '' : `${indent}${mark}${inner.replace(/\n(?=[^\n])/g, `\n${indent}  `)}`;
  });
  return lines.filter(Boolean).join('\n');
}

const cellText = (cell: MarkdownNode): string => inlineText(cell).replace(/\s+/g, ' ').trim();

/** The words of a paragraph on one line, but for breaks that the author set. */
export function inlineText({ type, value = '', alt, children }: MarkdownNode): string {
  switch (type) {
    case 'text':
      return joinLines(value);
    case 'inlineCode':
      return value;
    case 'inlineMath':
      return `$${value}$`;
    case 'break':
      return '\n';
    case 'html':
      return /^<br[\s/>]/i.test(value) ? '\n' : '';
    case 'image':
    case 'imageReference':
      return alt ?? '';
    case 'footnoteReference':
      return '';
    default:
      return tidy((children ?? []).map(inlineText).join(''));
  }
}

/** The end of a line in the source is a blank, and nothing between two signs as wide as a square. */
function joinLines(text: string): string {
  return text.replace(/(.?)[ \t]{0,100}\n[ \t]{0,100}(?=(.?))/gu, (_, before: string, after: string) =>
    wide.test(before) && wide.test(after) ? before : `${before} `,
  );
}

const wide = /[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/u;

const tidy = (text: string): string => text.replace(/ {0,100}\n {0,100}/g, '\n').replace(/ {2,}/g, ' ');

/** Markup that stands between paragraphs: what a browser shows of it. */
function htmlText(source: string): string {
  return /^\s*<(?:![^-]|\?)/.test(source) ? '' : extractHtml(source, { whole: true }).text;
}
