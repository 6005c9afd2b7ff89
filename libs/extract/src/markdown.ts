// Markdown (CommonMark with GitHub's tables, footnotes and struck-out words, and TeX between dollars) as the text that a
// reader of the rendered page sees. mdast parses it; front matter is YAML. What `markdown` asks for stays as written.

import { gfmFromMarkdown } from 'mdast-util-gfm';
import { fromMarkdown, type Value } from 'mdast-util-from-markdown';
import { mathFromMarkdown } from 'mdast-util-math';
import { gfm } from 'micromark-extension-gfm';
import { math } from 'micromark-extension-math';
import type { ExtractedText } from './extract-document.ts';
import { readFrontMatter } from './front-matter.ts';
import { blockText, inlineText, type MarkdownNode } from './markdown-text.ts';
import { extractPlainText } from './plain-text.ts';
import type { TextFormat } from './render.ts';

/** Reads a document in Markdown; footnotes stand apart. */
export function extractMarkdown(source: string, format: TextFormat = 'text'): ExtractedText {
  const { body, facts } = readFrontMatter(extractPlainText(source).text);
  const root = parse(body);
  const title = facts.title ?? titleOf(root);
  if (format === 'markdown') return { text: body.trim(), ...facts, title };
  const notes = root.children?.filter(({ type }) => type === 'footnoteDefinition') ?? [];
  const text = blockText({ ...root, children: root.children?.filter((node) => !notes.includes(node)) });
  return { text, ...facts, title, ...(notes.length > 0 && { notes: notes.map(blockText).join('\n\n') }) };
}

function parse(body: string): MarkdownNode {
  const held = createHold();
  const source = bound(body, held);
  const root = parseWith(source, true);
  return held.release(source.includes('$') && hasPrices(root, source) ? parseWith(source, false) : root);
}

function parseWith(source: Value, singleDollarTextMath: boolean): MarkdownNode {
  return fromMarkdown(source, {
    extensions: [gfm({ singleTilde: false }), math({ singleDollarTextMath })],
    mdastExtensions: [gfmFromMarkdown(), mathFromMarkdown()],
  }) as MarkdownNode;
}

/** As Pandoc tells formulas from prices: no blank inside the dollars, no figure behind the second one. */
function hasPrices(node: MarkdownNode, source: string): boolean {
  const { type, position, children = [] } = node;
  if (type === 'inlineMath' && position?.start.offset !== undefined && position.end.offset !== undefined) {
    const written = source.slice(position.start.offset, position.end.offset + 1);
    if (!written.startsWith('$$') && !/^\$\S(?:[\s\S]*\S)?\$(?!\d)/.test(written)) return true;
  }
  return children.some((child) => hasPrices(child, source));
}

/** A heading of the first level. */
function titleOf(root: MarkdownNode): string | undefined {
  const heading = root.children?.find(({ type, depth }) => type === 'heading' && depth === 1);
  return (heading && inlineText(heading).replace(/\s+/g, ' ').trim()) || undefined;
}

const mostMarks = 1000;

/** Lines that are text as they stand, kept from the parser: a word for private use stands for each. */
interface Hold {
  hold(line: string): string;
  /** The same tree with the lines in their places. */
  release(node: MarkdownNode): MarkdownNode;
}

function createHold(): Hold {
  const lines: string[] = [];
  const put = (text: string): string =>
    text.replace(/\u{F0000}(\d{1,9})\u{F0001}/gu, (_, at: string) => lines[Number(at)]);
  const release = (node: MarkdownNode): MarkdownNode => ({
    ...node,
    ...(node.value !== undefined && { value: put(node.value) }),
    ...(node.children && { children: node.children.map(release) }),
  });
  return {
    hold: (line) => `\u{F0000}${lines.push(line) - 1}\u{F0001}`,
    release: (node) => (lines.length === 0 ? node : release(node)),
  };
}

/** Nobody writes by hand what costs a parser the square of its length: such a paragraph is taken as text. */
function bound(body: string, held: Hold): string {
  const shallow = body
    .replace(/[\u{F0000}\u{F0001}]/gu, '')
    .replace(/^((?:[ \t]*[>*+-]){50})[ \t>*+-]+/gm, '$1 ');
  const lines = shallow.split('\n');
  let fence: string | undefined;
  let from = 0;
  let marks = 0;
  const close = (to: number): void => {
    if (marks > mostMarks) for (let at = from; at < to; at++) lines[at] = held.hold(lines[at].trim());
    [from, marks] = [to, 0];
  };
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
      close(at);
      fence = fence === undefined ? mark : undefined;
    } else if (/^\s*(?:$|[>|#]|[-*+]\s|\d{1,9}[.)]\s)/.test(line)) close(at);
    if (fence === undefined) marks += countMarks(line);
    else from = at + 1;
  }
  close(lines.length);
  return lines.join('\n');
}

function countMarks(line: string): number {
  let count = 0;
  for (let at = 0; at < line.length; at++) if ('*_[]<`~!&'.includes(line.charAt(at))) count++;
  return count;
}
