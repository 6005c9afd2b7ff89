// What the judge of single blocks cannot see: headings that repeat down a list of teasers, code between kept blocks are
// content; columns beside the text, a last link, the people around a forum's posts are not.

import { attribute, flag, tag, tagFlags, tagSet } from '@gristmill/markup';
import type { Block, BlockPage } from './blocks.ts';
import { hint } from './hints.ts';

const around =
  hint.navigation |
  hint.comments |
  hint.share |
  hint.related |
  hint.advert |
  hint.consent |
  hint.subscribe |
  hint.footer |
  hint.form |
  hint.hidden;

/** A judge's score (log-odds × 10,000) within this of 0 is a doubtful one: three to one. */
const doubtful = 11_000;

/** Keeps a doubtful heading before kept text where another of its make is kept: the judge tires down long lists of teasers. */
export function keepHeadings(page: BlockPage, scores: Int32Array, kept: Uint8Array): void {
  const { tree, blocks } = page;
  const makesKept = new Set<string>();
  const isHeading = ({ node }: Block) => (tagFlags[tree.tag[node]] & flag.heading) !== 0;
  for (const block of blocks)
    if (kept[block.index] === 1 && isHeading(block)) makesKept.add(makeOf(page, block));
  if (makesKept.size === 0) return;
  for (let i = blocks.length - 2; i >= 0; i--) {
    const block = blocks[i];
    if (kept[i] === 1 || kept[i + 1] === 0 || scores[i] < -doubtful || !isHeading(block)) continue;
    if ((block.hints & around & ~hint.related) === 0 && makesKept.has(makeOf(page, block))) kept[i] = 1;
  }
}

function makeOf({ tree }: BlockPage, { node }: Block): string {
  const parent = tree.parent[node];
  const nameOf = (at: number): string =>
    at === 0 ? '' : `${tree.tag[at]}.${attribute(tree, at, 'class') ?? ''}`;
  return `${nameOf(node)} ${nameOf(parent)}`;
}

/** Drops doubtful columns beside the one that holds the text of a table that arranges the page. */
export function dropSideCells(page: BlockPage, scores: Int32Array, kept: Uint8Array): void {
  const { tree, blocks } = page;
  if (!tree.tag.includes(tag.td)) return;
  const rows = new Map<number, Map<number, Block[]>>();
  for (const block of blocks) {
    const cell = layoutCellOf(page, block);
    if (cell === 0) continue;
    const cells = rows.get(tree.parent[cell]) ?? new Map<number, Block[]>();
    rows.set(tree.parent[cell], cells);
    const list = cells.get(cell) ?? [];
    cells.set(cell, list);
    list.push(block);
  }
  for (const cells of rows.values()) {
    if (cells.size < 2 || cells.size > 4) continue;
    const letters = [...cells.values()].map((list) =>
      list.reduce((sum, { text }) => sum + weightOf(text), 0),
    );
    const most = Math.max(...letters);
    if (most < leastMainLetters) continue;
    [...cells.values()].forEach((list, k) => {
      const links = list.reduce((sum, { linkLength }) => sum + linkLength, 0);
      const units = list.reduce((sum, { text }) => sum + text.length, 0);
      if (letters[k] > most * 0.5 || links < units * 0.15) return;
      const limit = links > units / 4 ? Infinity : doubtful;
      for (const { index } of list) if (scores[index] < limit) kept[index] = 0;
    });
  }
}

/** Letters as English would need them: a character of Chinese, Japanese or Korean says as much as three. */
function weightOf(text: string): number {
  let weight = text.length;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x2e80) weight += 2;
  return weight;
}

const leastMainLetters = 400;

/** The outermost table cell around a block, or 0. */
function layoutCellOf({ tree }: BlockPage, { node }: Block): number {
  let outermost = 0;
  for (let at = node; at > 0; at = tree.parent[at])
    if (tree.tag[at] === tag.td && tree.tag[tree.parent[at]] === tag.tr) outermost = at;
  return outermost;
}

/** Drops what stands before the first or after the last text and is nothing but a link. */
export function dropOuterLinks({ blocks, tree }: BlockPage, kept: Uint8Array): void {
  const isLink = ({ text, linkLength, node }: Block) =>
    linkLength >= text.length * 0.9 && text.length <= 60 && (tagFlags[tree.tag[node]] & flag.heading) === 0;
  const last = kept.lastIndexOf(1);
  for (let i = last; i >= 0 && (kept[i] === 0 || isLink(blocks[i])); i--) kept[i] = 0;
  for (let i = kept.indexOf(1); i >= 0 && i < last && (kept[i] === 0 || isLink(blocks[i])); i++) kept[i] = 0;
}

/** Keeps a term whose definition is kept. */
export function keepTerms({ tree, blocks }: BlockPage, kept: Uint8Array): void {
  for (let i = blocks.length - 2; i >= 0; i--) {
    if (kept[i] === 1 || kept[i + 1] === 0 || tree.tag[blocks[i].node] !== tag.dt) continue;
    const next = tree.tag[blocks[i + 1].node];
    const isTerm = blocks[i].linkLength * 2 <= blocks[i].text.length && (blocks[i].hints & around) === 0;
    if (isTerm && (next === tag.dd || next === tag.dt || next === tag.p)) kept[i] = 1;
  }
}

const inner = tagSet('li dd figcaption');

/** Keeps a doubtful list item or caption that stands between two kept blocks. */
export function keepBetween({ tree, blocks }: BlockPage, scores: Int32Array, kept: Uint8Array): void {
  for (let i = 1; i < blocks.length - 1; i++) {
    if (kept[i] === 1 || kept[i - 1] === 0 || kept[i + 1] === 0 || scores[i] < -doubtful) continue;
    const { node, hints, linkLength, text } = blocks[i];
    if (inner[tree.tag[node]] === 1 && (hints & around) === 0 && linkLength * 2 <= text.length) kept[i] = 1;
  }
}

const preformatted = tagSet('pre listing xmp');

/** Keeps code that stands near kept blocks, outside regions that are not content. Says how many blocks it added. */
export function keepCode({ tree, blocks }: BlockPage, kept: Uint8Array): number {
  let added = 0;
  for (const block of blocks) {
    if (kept[block.index] === 1 || preformatted[tree.tag[block.node]] === 0) continue;
    if ((block.hints & around) !== 0 || block.linkLength > block.text.length / 2) continue;
    const near = [-2, -1, 1, 2].filter((step) => kept[block.index + step] === 1);
    if (near.length < 2) continue;
    kept[block.index] = 1;
    added++;
  }
  return added;
}

// As forum software names them.
const people =
  /(?:^|[\s_-])(?:postprofile|post-?profile|post-?author|poster(?:-?info)?|signature|user-?(?:info|details|profile|card|stats)|member-?(?:info|card)|profile-?box|author-?(?:info|box))(?:$|[\s_-])/i;
const peopleAnywhere =
  /postprofile|signature|poster|user-?(?:info|details|profile|card|stats)|member-?(?:info|card)|author-?(?:info|box)/i;
const mostPeopleShare = 0.4;

/** Drops profiles and signatures that stand beside at least two posts. */
export function dropPeople(page: BlockPage, kept: Uint8Array): void {
  const { tree, blocks } = page;
  if (!peopleAnywhere.test(tree.source)) return;
  const found: Block[] = [];
  const regions = new Set<number>();
  let letters = 0;
  let peopleLetters = 0;
  for (const block of blocks) {
    if (kept[block.index] === 0) continue;
    letters += weightOf(block.text);
    const region = peopleRegion(page, block);
    if (region === 0) continue;
    regions.add(region);
    found.push(block);
    peopleLetters += weightOf(block.text);
  }
  if (regions.size < 2 || peopleLetters > letters * mostPeopleShare) return;
  for (const block of found) kept[block.index] = 0;
}

function peopleRegion({ tree }: BlockPage, block: Block): number {
  let node = block.node;
  for (let steps = 0; node > 0 && steps < 6; steps++, node = tree.parent[node]) {
    if (tree.tag[node] === tag.pre || tree.tag[node] === tag.body) return 0;
    if (people.test(attribute(tree, node, 'class') ?? '')) return node;
  }
  return 0;
}
