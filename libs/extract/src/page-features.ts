// What a block's place in its page tells: where it stands, what stands around it, which elements and names enclose it,
// how much prose the enclosing elements hold, how the blocks of the same make look. One row of numbers a block.

import { flag, tag, tagFlags, tagSet, type FlatTree } from '@gristmill/markup';
import type { Block, BlockPage } from './blocks.ts';
import { hint } from './hints.ts';
import {
  ancestorTags,
  elementNames,
  featureCount,
  hintNames,
  neighbourNames,
  placeNames,
  reach,
} from './feature-names.ts';
import { textFeatureNames, writeTextFeatures } from './text-features.ts';

/** What is known of a page besides its blocks. */
export interface PageClues {
  readonly title?: string;
  readonly description?: string;
  /** Text that the page itself states to be its article, as JSON-LD does. */
  readonly body?: string;
}

/** Sums over subtrees that features of all blocks share. */
export interface PageSums {
  /** Letters of prose under each node. */
  readonly prose: Float64Array;
  readonly letters: Float64Array;
  readonly links: Float64Array;
  readonly blockCount: Float64Array;
}

const asideHints =
  hint.navigation |
  hint.comments |
  hint.share |
  hint.related |
  hint.advert |
  hint.consent |
  hint.subscribe |
  hint.aside |
  hint.footer |
  hint.tags |
  hint.author |
  hint.form |
  hint.search;
const contentHints = hint.content | hint.body;
const longestBody = 100_000;
const mostLookUps = 5000;
const captionTags = tagSet('figcaption caption');
const itemTags = tagSet('li dd dt');
const cellTags = tagSet('td th');
const preTags = tagSet('pre listing xmp code');
const listTags = tagSet('ul ol dl');

/** Letters of prose in a block: long enough, punctuated, with few links. */
export function proseLength(block: Block): number {
  const { length } = block.text;
  const density = block.linkLength / Math.max(1, length);
  if (length < 40 || density > 0.4) return 0;
  return length * (/[.!?;:,。！？、，؟।]/.test(block.text) ? 1 : 0.3) * (1 - density);
}

/** Sums prose, letters, link letters and blocks over all subtrees. */
export function sumPage(page: BlockPage): PageSums {
  const { tree, blocks } = page;
  const make = () => new Float64Array(tree.length);
  const sums: PageSums = { prose: make(), letters: make(), links: make(), blockCount: make() };
  for (const block of blocks) {
    sums.prose[block.node] += proseLength(block);
    sums.letters[block.node] += block.text.length;
    sums.links[block.node] += block.linkLength;
    sums.blockCount[block.node]++;
  }
  for (let i = tree.length - 1; i > 0; i--) {
    const parent = tree.parent[i];
    if (sums.blockCount[i] === 0) continue;
    sums.prose[parent] += sums.prose[i];
    sums.letters[parent] += sums.letters[i];
    sums.links[parent] += sums.links[i];
    sums.blockCount[parent] += sums.blockCount[i];
  }
  return sums;
}

/** The deepest node that holds nearly all prose, regions that name themselves otherwise not counted. */
export function findContainer(page: BlockPage): number {
  const { tree, blocks, hints, inherited } = page;
  const sums = new Float64Array(tree.length);
  for (const block of blocks)
    if ((inherited[block.node] & asideHints) === 0) sums[block.node] += proseLength(block);
  for (let i = tree.length - 1; i > 0; i--) sums[tree.parent[i]] += sums[i];
  const total = sums[0];
  let best = 0;
  for (let i = 1; i < tree.length; i++) {
    if (sums[i] === 0 || i >= tree.end[best]) continue;
    const needed = (hints[i] & hint.body) !== 0 ? 0.6 : (hints[i] & hint.content) !== 0 ? 0.75 : 0.9;
    if (sums[i] >= sums[best] * needed && sums[i] >= total * 0.5) best = i;
  }
  return (tagFlags[tree.tag[best]] & flag.heading) !== 0 || tree.tag[best] === tag.p
    ? tree.parent[best]
    : best;
}

/** One row of `featureCount` numbers for every block, row after row. */
export function computeFeatures(page: BlockPage, clues: PageClues = {}): Float32Array {
  const rows = new Float32Array(page.blocks.length * featureCount);
  const writer = new FeatureWriter(page, clues, rows);
  for (const block of page.blocks) writer.write(block);
  writer.writeNeighbours();
  return rows;
}

/** How the blocks of one make (element, class and parent's class alike) look together. */
interface Make {
  count: number;
  length: number;
  links: number;
}

class FeatureWriter {
  private readonly page: BlockPage;
  private readonly tree: FlatTree;
  private readonly rows: Float32Array;
  private readonly sums: PageSums;
  private readonly container: number;
  private readonly makes: readonly Make[];
  private readonly description: string;
  private readonly seen = new Set<string>();
  private readonly body: string;
  private readonly title: string;
  private readonly ancestors: Uint16Array;
  private proseBefore = 0;
  private lookUps = 0;
  private sinceHeading = 50;
  private sinceMain = 50;

  constructor(page: BlockPage, clues: PageClues, rows: Float32Array) {
    this.page = page;
    this.tree = page.tree;
    this.rows = rows;
    this.description = comparable(clues.description ?? '');
    this.sums = sumPage(page);
    this.container = findContainer(page);
    this.makes = collectMakes(page);
    this.body = comparable((clues.body ?? '').slice(0, longestBody));
    this.title = comparable(clues.title ?? '');
    this.ancestors = collectAncestors(page.tree);
  }

  write(block: Block): void {
    let at = block.index * featureCount;
    writeTextFeatures(block, this.rows, at);
    at += textFeatureNames.length;
    this.writeElement(block, at);
    at += elementNames.length;
    this.writePlace(block, at);
    at += placeNames.length;
    const bits = this.ancestors[block.node];
    for (let k = 0; k < ancestorTags.length; k++) this.rows[at++] = (bits >> k) & 1;
    const own = this.page.hints[block.node] | this.page.hints[this.tree.parent[block.from]];
    for (let k = 0; k < hintNames.length; k++) this.rows[at++] = (own >> k) & 1;
    const above = block.hints;
    for (let k = 0; k < hintNames.length; k++) this.rows[at++] = (above >> k) & 1;
  }

  private writeElement(block: Block, at: number): void {
    const { rows } = this;
    const number = this.tree.tag[block.node];
    rows[at] = number === tag.p ? 1 : 0;
    rows[at + 1] = (tagFlags[number] & flag.heading) !== 0 ? number - tag.h1 + 1 : 0;
    rows[at + 2] = itemTags[number];
    rows[at + 3] = cellTags[number];
    rows[at + 4] = number === tag.div ? 1 : 0;
    rows[at + 5] = preTags[number];
    rows[at + 6] = number === tag.blockquote ? 1 : 0;
    rows[at + 7] = captionTags[number];
    rows[at + 8] = this.tree.tag[this.tree.parent[block.from]];
  }

  private writePlace(block: Block, at: number): void {
    const { rows, sums, page, tree } = this;
    const total = Math.max(1, sums.prose[0]);
    const parent = tree.parent[block.node];
    const grandparent = tree.parent[parent];
    const make = this.makes[block.index];
    this.countHeadings(block);
    const near = this.nearest(block.node);
    const key = comparable(block.text);
    rows.set(
      [
        block.index / page.blocks.length,
        this.proseBefore / total,
        page.blocks.length,
        this.sinceHeading,
        this.sinceMain,
        near.depth,
        near.container,
        sums.prose[this.container] / total,
        block.node >= this.container && block.node < tree.end[this.container] ? 1 : 0,
        sums.prose[parent] / total,
        sums.prose[grandparent] / total,
        ratio(sums.links[parent], sums.letters[parent]),
        ratio(sums.links[grandparent], sums.letters[grandparent]),
        sums.blockCount[parent],
        near.asideShare,
        near.aside,
        near.content,
        near.contentShare,
        make.count,
        make.length / make.count,
        ratio(make.links, make.length),
        make.length / Math.max(1, sums.letters[0]),
        this.seen.has(key) ? 1 : 0,
        this.isTitle(key) ? 1 : 0,
        key.length > 20 && this.description.includes(key.slice(0, 100)) ? 1 : 0,
        this.inStatedBody(key),
        near.listLinks,
        near.listItems,
        total,
      ],
      at,
    );
    this.seen.add(key);
    this.proseBefore += proseLength(block);
  }

  private isTitle(key: string): boolean {
    return (
      key.length > 7 &&
      this.title !== '' &&
      (this.title === key ||
        (key.length > this.title.length * 0.6 && this.title.includes(key)) ||
        (this.title.length > key.length * 0.6 && key.includes(this.title)))
    );
  }

  /** −1 where the page states no text of its own; looks up are bounded, because pages may have a million blocks. */
  private inStatedBody(key: string): number {
    if (this.body.length < 200 || this.lookUps++ > mostLookUps) return -1;
    return key !== '' && this.body.includes(key) ? 1 : 0;
  }

  private countHeadings(block: Block): void {
    const number = this.tree.tag[block.node];
    const isHeading = (tagFlags[number] & flag.heading) !== 0;
    this.sinceHeading = isHeading ? 0 : Math.min(50, this.sinceHeading + 1);
    this.sinceMain =
      number === tag.h1 || (isHeading && this.isTitle(comparable(block.text)))
        ? 0
        : Math.min(50, this.sinceMain + 1);
  }

  /** Walks up from a node once for all that is found on the way. */
  private nearest(from: number) {
    const { page, sums, tree } = this;
    const total = Math.max(1, sums.prose[0]);
    const found = {
      depth: 0,
      container: 40,
      aside: 40,
      asideShare: -1,
      content: 40,
      contentShare: -1,
      listLinks: -1,
      listItems: 0,
    };
    for (let node = from; node > 0 && found.depth < 40; node = tree.parent[node], found.depth++) {
      const bits = page.hints[node];
      if (node === this.container) found.container = found.depth;
      if ((bits & asideHints) !== 0) {
        if (found.aside === 40) found.aside = found.depth;
        found.asideShare = sums.prose[node] / total;
      }
      if ((bits & contentHints) !== 0 && found.content === 40) {
        found.content = found.depth;
        found.contentShare = sums.prose[node] / total;
      }
      if (listTags[tree.tag[node]] === 1) {
        found.listLinks = ratio(sums.links[node], sums.letters[node]);
        found.listItems = sums.blockCount[node];
      }
    }
    return found;
  }

  writeNeighbours(): void {
    const { blocks } = this.page;
    const { rows } = this;
    const at = featureCount - reach.length * neighbourNames.length;
    const level = textFeatureNames.length + 1;
    for (let i = 0; i < blocks.length; i++) {
      let to = i * featureCount + at;
      for (const step of reach) {
        const other = blocks[i + step];
        const from = (i + step) * featureCount;
        rows[to++] = other === undefined ? -1 : rows[from];
        rows[to++] = other === undefined ? -1 : rows[from + 2];
        rows[to++] = other === undefined ? -1 : rows[from + 4];
        rows[to++] = other === undefined ? -1 : rows[from + level];
        rows[to++] =
          other === undefined
            ? -1
            : other.node === blocks[i].node ||
                this.tree.parent[other.node] === this.tree.parent[blocks[i].node]
              ? 1
              : 0;
      }
    }
  }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function comparable(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** For each node, which of `ancestorTags` it is in, as bits. */
function collectAncestors(tree: FlatTree): Uint16Array {
  const bits = new Uint16Array(tree.length);
  const bitOf = new Uint16Array(tagFlags.length);
  ancestorTags.forEach((name, k) => (bitOf[tag[name]] = 1 << k));
  for (let i = 1; i < tree.length; i++) bits[i] = bits[tree.parent[i]] | bitOf[tree.tag[i]];
  return bits;
}

function collectMakes(page: BlockPage): Make[] {
  const { tree } = page;
  const makes = new Map<string, Make>();
  return page.blocks.map((block) => {
    const parent = tree.parent[block.node];
    const key = `${startTag(tree, block.node)} ${startTag(tree, parent)}`;
    let make = makes.get(key);
    if (make === undefined) makes.set(key, (make = { count: 0, length: 0, links: 0 }));
    make.count++;
    make.length += block.text.length;
    make.links += block.linkLength;
    return make;
  });
}

/** Element and class of a node; ids and other attributes differ between elements of one make. */
function startTag(tree: FlatTree, node: number): string {
  if (node === 0) return '';
  const source = tree.source.slice(tree.start[node], Math.min(tree.stop[node], tree.start[node] + 300));
  const classes = /\sclass\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(source);
  return `${tree.tag[node]} ${classes?.[1] ?? classes?.[2] ?? ''}`;
}
