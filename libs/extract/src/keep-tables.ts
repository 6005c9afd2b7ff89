// Tables of data beside kept text: the judge was taught by extractors that lose them, so a rule brings back those that
// stand inside the content, have several rows of several short cells, and are no list of links.

import { tag } from '@gristmill/markup';
import type { Block, BlockPage } from './blocks.ts';
import { hint } from './hints.ts';

const notContent =
  hint.navigation |
  hint.comments |
  hint.share |
  hint.related |
  hint.advert |
  hint.consent |
  hint.subscribe |
  hint.aside |
  hint.footer |
  hint.search |
  hint.form |
  hint.hidden;

/** Sets `kept` for the blocks of such tables; returns how many blocks it added. */
export function keepDataTables(page: BlockPage, kept: Uint8Array): number {
  const { tree } = page;
  if (!tree.tag.includes(tag.table)) return 0;
  const content = contentNode(page, kept);
  let added = 0;
  for (const blocks of tablesOf(page).values()) {
    const table = tableOf(page, blocks[0]);
    if (table < content || table >= tree.end[content] || !isData(page, table, blocks)) continue;
    for (const block of blocks) {
      added += 1 - kept[block.index];
      kept[block.index] = 1;
    }
  }
  return added;
}

/** The deepest node around nine tenths of the kept letters. */
function contentNode(page: BlockPage, kept: Uint8Array): number {
  const { tree, blocks } = page;
  const letters = new Float64Array(tree.length);
  for (const block of blocks) if (kept[block.index] === 1) letters[block.node] += block.text.length;
  for (let i = tree.length - 1; i > 0; i--) letters[tree.parent[i]] += letters[i];
  let deepest = 0;
  for (let i = 1; i < tree.end[deepest]; i++)
    if (letters[i] > 0 && letters[i] >= letters[0] * 0.9) deepest = i;
  // One level more, because a table often stands beside the element that holds all paragraphs.
  return tree.parent[deepest];
}

function tablesOf(page: BlockPage): Map<number, Block[]> {
  const tables = new Map<number, Block[]>();
  for (const block of page.blocks) {
    const table = tableOf(page, block);
    if (table === 0) continue;
    const list = tables.get(table);
    if (list === undefined) tables.set(table, [block]);
    else list.push(block);
  }
  return tables;
}

function tableOf(page: BlockPage, block: Block): number {
  const { tree } = page;
  let node = block.node;
  while (node > 0 && tree.tag[node] !== tag.table) node = tree.parent[node];
  return node;
}

/** True for tables that arrange a page: another table or several blocks stand in one of their cells. */
function arranges({ tree }: BlockPage, table: number, blocks: readonly Block[]): boolean {
  const next = tree.tag.indexOf(tag.table, table + 1);
  if (next > 0 && next < tree.end[table]) return true;
  const cells = new Map<number, number>();
  for (const { node } of blocks) {
    let cell = node;
    while (cell > table && tree.tag[cell] !== tag.td && tree.tag[cell] !== tag.th) cell = tree.parent[cell];
    cells.set(cell, (cells.get(cell) ?? 0) + 1);
  }
  return [...cells.values()].some((count) => count > mostBlocksInCell);
}

const mostBlocksInCell = 6;

function isData(page: BlockPage, table: number, blocks: readonly Block[]): boolean {
  if ((page.inherited[table] & notContent) !== 0 || arranges(page, table, blocks)) return false;
  let letters = 0;
  let links = 0;
  const rows = new Set<number>();
  for (const block of blocks) {
    letters += block.text.length;
    links += block.linkLength;
    for (let node = block.node; node > table; node = page.tree.parent[node])
      if (page.tree.tag[node] === tag.tr) rows.add(node);
  }
  return (
    rows.size >= 2 &&
    blocks.length >= rows.size * 1.5 &&
    links < letters * 0.3 &&
    letters < blocks.length * 200
  );
}
