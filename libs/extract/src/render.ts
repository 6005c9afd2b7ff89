// Chosen blocks as plain text or Markdown: paragraphs apart by a blank line, list items and table rows line by line.

import { attribute, flag, tag, tagFlags, tagSet } from '@gristmill/markup';
import type { Block, BlockPage } from './blocks.ts';
import { escapeStart } from './markdown-escapes.ts';
import { inlineMarkdown } from './render-inline.ts';

export type TextFormat = 'text' | 'markdown';

const listItem = tagSet('li dd dt');
const cell = tagSet('td th');
const preformatted = tagSet('pre listing xmp');
const longestCell = 400;

interface Piece {
  readonly text: string;
  /** Pieces of one kind and one parent stand line by line. */
  readonly group: number;
  /** Paragraphs of one quotation stay together. */
  readonly quote?: number;
}

/** Writes the blocks with a 1 in `kept`, in their order. */
export function renderBlocks(page: BlockPage, kept: Uint8Array, format: TextFormat): string {
  const chosen = page.blocks.filter((block) => kept[block.index] === 1);
  const pieces: Piece[] = [];
  for (let i = 0; i < chosen.length;) {
    const row = rowOf(page, chosen[i]);
    const cells = row < 0 ? [chosen[i]] : takeRow(page, chosen, i, row);
    if (row >= 0 && !isLayoutRow(page, cells)) pieces.push(renderRow(page, cells, row, format));
    else for (const block of cells) pieces.push(renderBlock(page, block, format));
    i += cells.length;
  }
  return joinPieces(pieces);
}

function joinPieces(pieces: readonly Piece[]): string {
  let text = '';
  pieces.forEach((piece, index) => {
    const previous = pieces[index - 1];
    if (index > 0) text += separatorOf(previous, piece);
    text += piece.text;
  });
  return text;
}

function separatorOf(previous: Piece, { group, quote }: Piece): string {
  if (group >= 0 && previous.group === group) return '\n';
  return quote !== undefined && previous.quote === quote ? '\n>\n' : '\n\n';
}

/** Tables that arrange a page have prose or several paragraphs in a cell; tables of data do not. */
function isLayoutRow(page: BlockPage, cells: readonly Block[]): boolean {
  let prose = 0;
  let previous = -1;
  let shared = 0;
  for (const block of cells) {
    const { length } = block.text;
    if (length > 150) prose += length;
    const own = cellOf(page, block);
    if (own === previous) shared++;
    previous = own;
  }
  return cells.length > 1 && (shared > cells.length / 2 || (shared > 0 && prose > 0));
}

function cellOf(page: BlockPage, block: Block): number {
  const { tree } = page;
  let node = block.node;
  while (node > 0 && cell[tree.tag[node]] === 0) node = tree.parent[node];
  return node;
}

/** The table row around a short cell, or -1. */
function rowOf(page: BlockPage, block: Block): number {
  const { tree } = page;
  if (block.text.length > longestCell) return -1;
  let node = block.node;
  for (let steps = 0; steps < 3 && cell[tree.tag[node]] === 0; steps++) node = tree.parent[node];
  if (cell[tree.tag[node]] === 0) return -1;
  const parent = tree.parent[node];
  return tree.tag[parent] === tag.tr ? parent : -1;
}

function takeRow(page: BlockPage, chosen: readonly Block[], from: number, row: number): Block[] {
  let to = from;
  while (to < chosen.length && rowOf(page, chosen[to]) === row) to++;
  return chosen.slice(from, to);
}

function renderRow(page: BlockPage, cells: readonly Block[], row: number, format: TextFormat): Piece {
  const table = tableOf(page, row);
  const texts = cells.map((block) => oneLine(blockText(page, block, format)));
  if (format === 'text' || texts.length === 1) return { text: texts.join(' | '), group: table };
  const line = `| ${texts.map((text) => text.replace(/\|/g, '\\|')).join(' | ')} |`;
  const isHead = page.tree.tag[cells[0].node] === tag.th;
  return { text: isHead ? `${line}\n|${' --- |'.repeat(texts.length)}` : line, group: table };
}

function oneLine(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .join(' ');
}

function tableOf(page: BlockPage, row: number): number {
  let node = row;
  while (node > 0 && page.tree.tag[node] !== tag.table) node = page.tree.parent[node];
  return node;
}

function renderBlock(page: BlockPage, block: Block, format: TextFormat): Piece {
  const { tree } = page;
  const number = tree.tag[block.node];
  const text = blockText(page, block, format);
  if (preformatted[number] === 1) return { text: format === 'markdown' ? fence(text) : text, group: -1 };
  const item = itemOf(page, block);
  if (item >= 0) {
    const words = format === 'markdown' ? escapeStart(text) : text;
    return { text: `${marker(page, item, format)}${words}`, group: outermostList(page, item) };
  }
  if (format === 'text') return { text, group: -1 };
  if ((tagFlags[number] & flag.heading) !== 0) {
    return { text: `${'#'.repeat(number - tag.h1 + 1)} ${text.replace(/\n/g, ' ')}`, group: -1 };
  }
  const escaped = escapeStart(text);
  const quote = quoteOf(page, block);
  return quote < 0 ? { text: escaped, group: -1 } : { text: escaped.replace(/^/gm, '> '), group: -1, quote };
}

function blockText(page: BlockPage, block: Block, format: TextFormat): string {
  return format === 'markdown' && preformatted[page.tree.tag[block.node]] === 0
    ? inlineMarkdown(page, block)
    : block.text;
}

function fence(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const mark = '`'.repeat(longest + 1);
  return `${mark}\n${text}\n${mark}`;
}

/** The list item whose first block this is, or -1. */
function itemOf(page: BlockPage, block: Block): number {
  const { tree } = page;
  let node = block.node;
  for (let steps = 0; steps < 4 && listItem[tree.tag[node]] === 0; steps++) node = tree.parent[node];
  if (listItem[tree.tag[node]] === 0) return -1;
  const previous = page.blocks[block.index - 1];
  return previous !== undefined && previous.from > node ? -1 : node;
}

function marker(page: BlockPage, item: number, format: TextFormat): string {
  const { tree } = page;
  if (tree.tag[item] !== tag.li) return '';
  const parent = tree.parent[item];
  let indent = '';
  for (let node = tree.parent[parent]; node > 0 && indent.length < 24; node = tree.parent[node]) {
    // In Markdown what belongs to "3. " stands below its words.
    const isNumbered = format === 'markdown' && tree.tag[tree.parent[node]] === tag.ol;
    if (listItem[tree.tag[node]] === 1) indent += isNumbered ? '    ' : '  ';
  }
  if (format === 'text' || tree.tag[parent] !== tag.ol) return `${indent}- `;
  return `${indent}${numberOf(page, parent, item)}. `;
}

// Where counting the items of each list stopped, so that a long list is not counted anew for each of its items.
const counted = new WeakMap<BlockPage, Map<number, { node: number; number: number }>>();

function numberOf(page: BlockPage, list: number, item: number): number {
  const { tree } = page;
  let lists = counted.get(page);
  if (lists === undefined) counted.set(page, (lists = new Map()));
  const state = lists.get(list) ?? { node: list + 1, number: firstNumber(page, list) };
  lists.set(list, state);
  for (; state.node < item; state.node = tree.end[state.node])
    if (tree.tag[state.node] === tag.li) state.number++;
  return state.number;
}

function firstNumber({ tree }: BlockPage, list: number): number {
  return Number(/^\s*(\d{1,9})\s*$/.exec(attribute(tree, list, 'start') ?? '')?.[1] ?? 1);
}

function outermostList(page: BlockPage, item: number): number {
  const { tree } = page;
  let list = tree.parent[item];
  let steps = 0;
  for (let node = list; node > 0 && steps < 40; node = tree.parent[node], steps++)
    if (listItem[tree.tag[node]] === 1) list = tree.parent[node];
  return list;
}

/** The quotation around a block, or -1. */
function quoteOf(page: BlockPage, block: Block): number {
  const { tree } = page;
  for (let node = block.node; node > 0; node = tree.parent[node])
    if (tree.tag[node] === tag.blockquote) return node;
  return -1;
}
