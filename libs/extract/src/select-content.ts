// Which blocks of a page are its content: a cascade. Blocks in regions that name themselves navigation, sharing,
// comments and the like are set aside (unless such a region holds most of the page); the container that holds nearly
// all good paragraphs is found; inside it short blocks are judged by their links and their neighbours. Every block
// records the rule that decided on it.

import { flag, tag, tagFlags } from '@gristmill/markup';
import type { Block, BlockPage } from './blocks.ts';
import { hint } from './hints.ts';

export type Rule =
  | 'paragraph'
  | 'heading'
  | 'list'
  | 'table'
  | 'code'
  | 'short'
  | 'fallback'
  | 'region'
  | 'links'
  | 'outside'
  | 'stray'
  | 'empty';

export interface Selection {
  /** One for each block: 1 = content. */
  readonly kept: Uint8Array;
  readonly rule: readonly Rule[];
  /** Node that holds the content. */
  readonly container: number;
}

const setAside =
  hint.navigation |
  hint.comments |
  hint.share |
  hint.related |
  hint.advert |
  hint.consent |
  hint.subscribe |
  hint.aside |
  hint.footer |
  hint.hidden |
  hint.search |
  hint.tags |
  hint.author |
  hint.form;

/** Decides on every block of a page. */
export function selectContent(page: BlockPage): Selection {
  const { blocks } = page;
  const aside = findAsideRegions(page);
  const good = blocks.map((block) => (aside[block.node] === 1 ? 0 : goodLength(block)));
  const container = findContainer(page, good);
  const kept = new Uint8Array(blocks.length);
  const rule: Rule[] = blocks.map((block) => {
    const decision = judge(page, block, container, aside);
    if (isKept(decision)) kept[block.index] = 1;
    return decision;
  });
  keepNeighbours(page, kept, rule);
  dropLooseHeadings(page, kept, rule);
  return { kept, rule, container };
}

function isKept(rule: Rule): boolean {
  return rule === 'paragraph' || rule === 'heading' || rule === 'list' || rule === 'table' || rule === 'code';
}

function linkDensity(block: Block): number {
  return block.linkLength / Math.max(1, block.text.length);
}

/** Letters of prose in a block: long enough, with few links. */
function goodLength(block: Block): number {
  const { length } = block.text;
  if (length < 40 || linkDensity(block) > 0.4) return 0;
  const punctuated = /[.!?;:,。！？、，؟।]/.test(block.text) ? 1 : 0.3;
  return length * punctuated * (1 - linkDensity(block));
}

/** Marks nodes in regions that name themselves something other than content, unless they hold most of the page. */
function findAsideRegions(page: BlockPage): Uint8Array {
  const { tree, hints } = page;
  const goodUnder = sumUnder(
    page,
    page.blocks.map((block) => goodLength(block)),
  );
  const total = goodUnder[0];
  const aside = new Uint8Array(tree.length);
  for (let i = 1; i < tree.length; i++) {
    if (aside[tree.parent[i]] === 1) aside[i] = 1;
    else if ((hints[i] & setAside) !== 0 && isAside(page, i, goodUnder[i] / Math.max(1, total))) aside[i] = 1;
  }
  return aside;
}

function isAside(page: BlockPage, node: number, share: number): boolean {
  const bits = page.hints[node];
  const number = page.tree.tag[node];
  if ((bits & hint.comments) !== 0) return share < 0.8;
  if ((bits & hint.body) !== 0 || number === tag.html || number === tag.body) return false;
  if ((bits & (hint.content | hint.title)) !== 0 && share > 0.1) return false;
  return share < 0.35;
}

/** Sums a value of blocks over every node's subtree. */
function sumUnder(page: BlockPage, values: readonly number[]): Float64Array {
  const { tree, blocks } = page;
  const sums = new Float64Array(tree.length);
  for (const block of blocks) sums[block.node] += values[block.index];
  for (let i = tree.length - 1; i > 0; i--) sums[tree.parent[i]] += sums[i];
  return sums;
}

/** The deepest node that holds nearly all good text that is not set aside. */
function findContainer(page: BlockPage, good: readonly number[]): number {
  const { tree, hints } = page;
  const sums = sumUnder(page, good);
  const total = sums[0];
  let best = 0;
  for (let i = 1; i < tree.length; i++) {
    if (sums[i] === 0) continue;
    const needed = (hints[i] & hint.body) !== 0 ? 0.6 : (hints[i] & hint.content) !== 0 ? 0.75 : 0.9;
    if (i < tree.end[best] && sums[i] >= sums[best] * needed && sums[i] >= total * 0.5) best = i;
  }
  return (tagFlags[tree.tag[best]] & flag.heading) !== 0 || tree.tag[best] === tag.p
    ? tree.parent[best]
    : best;
}

function judge(page: BlockPage, block: Block, container: number, aside: Uint8Array): Rule {
  const { tree } = page;
  const number = tree.tag[block.node];
  if (block.text === '') return 'empty';
  if (aside[block.node] === 1) return 'region';
  if (block.node < container || block.node >= tree.end[container]) return 'outside';
  if (number === tag.pre) return 'code';
  const density = linkDensity(block);
  if (density > 0.66 && block.text.length < 200) return 'links';
  if ((tagFlags[number] & flag.heading) !== 0) return 'heading';
  if (number === tag.li || number === tag.dd || number === tag.dt) return density > 0.5 ? 'links' : 'list';
  if (number === tag.td || number === tag.th) return 'table';
  if (number === tag.p || number === tag.blockquote) return 'paragraph';
  return block.text.length >= 60 || /[.!?。！？]$/.test(block.text) ? 'paragraph' : 'short';
}

/** A short block stays when content stands on both sides of it. */
function keepNeighbours(page: BlockPage, kept: Uint8Array, rule: Rule[]): void {
  const { blocks } = page;
  for (let i = 1; i + 1 < blocks.length; i++) {
    if (rule[i] === 'short' && kept[i - 1] === 1 && kept[i + 1] === 1) kept[i] = 1;
  }
}

/** A heading without content before the next heading of its level introduces nothing. */
function dropLooseHeadings(page: BlockPage, kept: Uint8Array, rule: Rule[]): void {
  const { blocks, tree } = page;
  let following = false;
  for (let i = blocks.length - 1; i >= 0; i--) {
    if (kept[i] === 0) continue;
    if (rule[i] !== 'heading') following = true;
    else if (!following && tree.tag[blocks[i].node] !== tag.h1) {
      kept[i] = 0;
      rule[i] = 'stray';
    }
  }
}
