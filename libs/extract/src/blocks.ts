// A page cut into blocks: runs of text between the places where a browser starts a new line. Each block knows its
// innermost block element, the hints of all elements around it, how much of it is link text, and its span of nodes,
// so that deciding about content is deciding about blocks.

import {
  collapseSpace,
  flag,
  nodeText,
  rawAttributes,
  tag,
  tagFlags,
  tagSet,
  textTag,
  type FlatTree,
} from '@gristmill/markup';
import { drawnFormula, formulaOf, hiddenFormula } from './formula.ts';
import { hint, hintsOfName, hintsOfRole } from './hints.ts';

export interface Block {
  readonly index: number;
  /** Span of nodes that hold its text. */
  readonly from: number;
  to: number;
  /** Innermost block element around it. */
  readonly node: number;
  /** White space collapsed, `\n` for a line break; kept as it stands in `pre`. */
  text: string;
  linkLength: number;
  linkCount: number;
  /** Hints of the element itself and its inline parents, and of everything above it. */
  readonly hints: number;
}

export interface BlockPage {
  readonly tree: FlatTree;
  readonly blocks: readonly Block[];
  /** Own hints by node: class, id, role, element name. */
  readonly hints: Int32Array;
  /** Hints of a node and all its ancestors. */
  readonly inherited: Int32Array;
  /** 1 for elements whose inside is not shown, or is a formula. */
  readonly unseen: Uint8Array;
}

const formulaTags = tagSet('math script img');
const attributeNames = [
  'class',
  'id',
  'role',
  'style',
  'hidden',
  'aria-hidden',
  'itemprop',
  'data-component',
  'type',
];

const elementHints: number[] = [];
elementHints[tag.nav] = hint.navigation;
elementHints[tag.aside] = hint.aside;
elementHints[tag.footer] = hint.footer;
elementHints[tag.header] = hint.header;
elementHints[tag.form] = hint.form;
elementHints[tag.article] = hint.content;
elementHints[tag.main] = hint.content;
elementHints[tag.figure] = hint.media;
elementHints[tag.button] = hint.form;
elementHints[tag.menu] = hint.navigation;

/** Elements whose text is no part of a page's text. */
const skipped = new Uint8Array(tagFlags.length);
for (const [number, bits] of tagFlags.entries()) if ((bits & flag.invisible) !== 0) skipped[number] = 1;
for (const number of [tag.head, tag.noscript, tag.textarea, tag.title]) skipped[number] = 1;

/**
 * Cuts a page into blocks, in reading order.
 * @param left 1 for nodes that are passed over, with all below them
 */
export function cutBlocks(tree: FlatTree, left?: Uint8Array): BlockPage {
  return new BlockCutter(tree, left).cut();
}

class BlockCutter {
  private readonly tree: FlatTree;
  private readonly blocks: Block[] = [];
  private readonly hints: Int32Array;
  private readonly inherited: Int32Array;
  private readonly unseen: Uint8Array;
  private readonly blockOf: Int32Array;
  private readonly linkOf: Uint8Array;
  private readonly raw: (string | undefined)[] = new Array<string | undefined>(attributeNames.length);
  private current: Block | undefined;
  private breaks = 0;
  private preformatted = 0;
  private readonly left?: Uint8Array;

  constructor(tree: FlatTree, left?: Uint8Array) {
    this.tree = tree;
    this.left = left;
    this.hints = new Int32Array(tree.length);
    this.inherited = new Int32Array(tree.length);
    this.unseen = new Uint8Array(tree.length);
    this.blockOf = new Int32Array(tree.length);
    this.linkOf = new Uint8Array(tree.length);
  }

  cut(): BlockPage {
    const { tree } = this;
    for (let i = 1; i < tree.length; i++) {
      const number = tree.tag[i];
      if (this.left?.[i] === 1) i = this.passOver(i);
      else if (number === textTag) this.text(i);
      else if (this.formula(i, number) || skipped[number] === 1 || this.enter(i, number))
        i = this.passOver(i);
    }
    this.finish();
    return {
      tree,
      blocks: this.blocks,
      hints: this.hints,
      inherited: this.inherited,
      unseen: this.unseen,
    };
  }

  /** @returns its last descendant */
  private passOver(node: number): number {
    this.hints[node] = this.inherited[node] = this.inherited[this.tree.parent[node]];
    this.unseen[node] = 1;
    return this.tree.end[node] - 1;
  }

  /** Writes an element that is a formula; true when it is one, whose inside needs no reading. */
  private formula(node: number, number: number): boolean {
    if (formulaTags[number] === 0) return false;
    const text = formulaOf(this.tree, node);
    if (text === undefined) return false;
    this.append(node, text, this.tree.end[node]);
    return true;
  }

  /** Reads an element; true when it and all below it are not shown. */
  private enter(node: number, number: number): boolean {
    const { tree } = this;
    const parent = tree.parent[node];
    const own = this.readHints(node, number);
    if ((own & hint.hidden) !== 0 && this.isHidden()) return true;
    this.hints[node] = own;
    this.inherited[node] = this.inherited[parent] | own;
    const isBlock = (tagFlags[number] & flag.block) !== 0;
    this.blockOf[node] = isBlock ? node : this.blockOf[parent];
    this.linkOf[node] = number === tag.a || this.linkOf[parent] === 1 ? 1 : 0;
    if (number === tag.a && this.current) this.current.linkCount++;
    if (number === tag.br) this.lineBreak();
    if (number === tag.pre || number === tag.listing || number === tag.xmp)
      this.preformatted = tree.end[node];
    return false;
  }

  private readHints(node: number, number: number): number {
    let bits = elementHints[number] ?? 0;
    const { tree } = this;
    if (tree.stop[node] - tree.start[node] < 8) return bits;
    rawAttributes(tree, node, attributeNames, this.raw);
    const [classes, id, role, , , , itemprop] = this.raw;
    if (number !== tag.body && number !== tag.html) {
      if (classes) bits |= hintsOfName(classes);
      if (id) bits |= hintsOfName(id);
    }
    if (role) bits |= hintsOfRole(role);
    if (itemprop !== undefined && /articlebody/i.test(itemprop)) bits |= hint.body;
    return this.isHidden() ? bits | hint.hidden : bits;
  }

  private isHidden(): boolean {
    const [classes, , , style, hidden] = this.raw;
    if (classes !== undefined && classes.length > 8 && /^(?:katex|MathJax|mwe)/.test(classes.trimStart())) {
      if (hiddenFormula.test(classes)) return false;
      if (drawnFormula.test(classes)) return true;
    }
    return (
      hidden !== undefined ||
      (style !== undefined && /display\s*:\s*none|visibility\s*:\s*hidden/i.test(style))
    );
  }

  private lineBreak(): void {
    this.breaks++;
    if (this.current) this.current.text += '\n';
  }

  private text(node: number): void {
    const raw = nodeText(this.tree, node);
    const text = node < this.preformatted ? raw : collapseSpace(raw);
    if (text !== '') this.append(node, text, node + 1);
  }

  /** Adds the text of nodes [node, to) to the open block or to a new one. */
  private append(node: number, text: string, to: number): void {
    const { tree } = this;
    const parent = tree.parent[node];
    const owner = this.blockOf[parent];
    const current = this.current;
    const continues =
      current !== undefined &&
      current.node === owner &&
      this.breaks < 2 &&
      !this.crossesBlock(current.to, node);
    if (!continues && text.trim() === '') return;
    const block = continues ? current : this.begin(node, owner, parent);
    this.breaks = text.trim() === '' ? this.breaks : 0;
    block.text += text;
    block.to = to;
    if (this.linkOf[parent] === 1) block.linkLength += text.length;
  }

  /** True when a block element begins or ends between two text nodes of the same owner. */
  private crossesBlock(from: number, to: number): boolean {
    for (let i = from; i < to; i++) if ((tagFlags[this.tree.tag[i]] & flag.block) !== 0) return true;
    return false;
  }

  private begin(node: number, owner: number, parent: number): Block {
    this.finish();
    const linkCount = this.linkOf[parent];
    const block: Block = {
      index: this.blocks.length,
      from: node,
      to: node + 1,
      node: owner,
      text: '',
      linkLength: 0,
      linkCount,
      hints: this.inherited[parent],
    };
    this.blocks.push(block);
    return (this.current = block);
  }

  private finish(): void {
    const block = this.current;
    if (block === undefined) return;
    const pre = block.from < this.preformatted || this.isPreformatted(block);
    block.text = pre
      ? trimLines(block.text)
      : block.text
          .replace(/ {2,}/g, ' ')
          .replace(/ ?\n ?/g, '\n')
          .trim();
    this.current = undefined;
  }

  private isPreformatted(block: Block): boolean {
    const number = this.tree.tag[block.node];
    return number === tag.pre || number === tag.listing || number === tag.xmp;
  }
}

function trimLines(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/^(?:[ \t]*\n)+/, '')
    .trimEnd();
}
