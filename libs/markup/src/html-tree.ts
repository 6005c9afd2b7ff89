// A page as a flat tree: typed arrays over the source string, in document order. Node i's descendants are
// i + 1 … end[i] − 1, so walking is counting and skipping a subtree is one assignment.
// Follows HTML's tree construction where it changes what is content (implied end tags, void and raw text
// elements, crossed formatting); it does not foster-parent out of tables, rebuild formatting after a crossed end
// tag, or keep comments. Depth is cut at 512 as in Chromium, so nesting costs neither stack nor square time.

import { isVoidTag, scanTag, type TagScan } from './tag-scanner.ts';
import { flag, tag, tagFlags, tagSet, textTag } from './tags.ts';

export interface FlatTree {
  readonly source: string;
  /** Number of nodes; node 0 is the root, above `html` and everything else. */
  readonly length: number;
  /** Tag number; 0 is text. */
  readonly tag: Uint16Array;
  readonly parent: Int32Array;
  /** One past the last descendant. */
  readonly end: Int32Array;
  /** Text: its span of the source. Element: from the name to the closing bracket of its start tag. */
  readonly start: Int32Array;
  readonly stop: Int32Array;
  /** True when the node limit cut the page. */
  readonly truncated: boolean;
}

export interface TreeLimits {
  readonly maxNodes?: number;
  /** The source is XHTML: `<title/>` is an empty element, as is any that closes itself, and CDATA is text. */
  readonly isXml?: boolean;
}

const maxDepth = 512;
const defaultMaxNodes = 4_000_000;

/** Parses a page or a fragment of one. Never throws; linear in the length of the source. */
export function parseHtml(source: string, limits: TreeLimits = {}): FlatTree {
  return new TreeBuilder(source, limits).build();
}

// What an opening tag closes first: [elements that end, elements that shield them].
const listScope = tagSet('ul ol menu dir table td th body html template object');
const definitionScope = tagSet('dl table td th body html template object');
const rowScope = tagSet('table html template');
const optionScope = tagSet('select datalist html');
const paragraphScope = tagSet('td th caption table button object marquee applet html template');
const closers: (readonly [Uint8Array, Uint8Array] | undefined)[] = [];
closers[tag.li] = [tagSet('li'), listScope];
closers[tag.dd] = closers[tag.dt] = [tagSet('dd dt'), definitionScope];
closers[tag.td] = closers[tag.th] = [tagSet('td th caption colgroup'), rowScope];
closers[tag.tr] = [tagSet('tr td th caption colgroup'), rowScope];
closers[tag.tbody] =
  closers[tag.thead] =
  closers[tag.tfoot] =
    [tagSet('tbody thead tfoot tr td th caption colgroup'), rowScope];
closers[tag.option] = [tagSet('option'), optionScope];
closers[tag.optgroup] = [tagSet('option optgroup'), optionScope];
closers[tag.rt] = closers[tag.rp] = [tagSet('rt rp'), tagSet('ruby p div td th body html')];
closers[tag.a] = [tagSet('a'), tagSet('table td th p div li h1 h2 h3 h4 h5 h6 section article body html')];
closers[tag.body] = [tagSet('head'), tagSet('body')];
const tableParts = tagSet('tbody thead tfoot tr td th caption');
const headingTags = tagSet('h1 h2 h3 h4 h5 h6');
const rootTags = tagSet('html body head');
const barriers = tagFlags.map((bits) => (bits & flag.barrier ? 1 : 0));
/** An end tag of an inline element does not reach out of a block. */
const blocks = tagFlags.map((bits) => (bits & (flag.barrier | flag.block) ? 1 : 0));

class TreeBuilder {
  private readonly source: string;
  private readonly maxNodes: number;
  private readonly isXml: boolean;
  private tag: Uint16Array;
  private parent: Int32Array;
  private end: Int32Array;
  private start: Int32Array;
  private stop: Int32Array;
  private length = 0;
  private readonly stack = new Int32Array(maxDepth + 1);
  private depth = 0;
  /** How many of each tag are open: an end tag that matches none costs nothing. */
  private readonly open = new Uint16Array(tagFlags.length);
  private readonly scan: TagScan = { end: 0, tag: 0, nameEnd: 0, selfClosing: false };

  constructor(source: string, { maxNodes = defaultMaxNodes, isXml = false }: TreeLimits) {
    this.source = source;
    this.maxNodes = maxNodes;
    this.isXml = isXml;
    const capacity = Math.min(maxNodes, 64 + (source.length >> 4));
    this.tag = new Uint16Array(capacity);
    this.parent = new Int32Array(capacity);
    this.end = new Int32Array(capacity);
    this.start = new Int32Array(capacity);
    this.stop = new Int32Array(capacity);
  }

  build(): FlatTree {
    this.add(1, 0, 0);
    this.stack[0] = 0;
    const finished = this.consume();
    while (this.depth >= 0) this.end[this.stack[this.depth--]] = this.length;
    const { source, length, tag, parent, end, start, stop } = this;
    return { source, length, tag, parent, end, start, stop, truncated: !finished };
  }

  /** Returns false when the node limit was reached. */
  private consume(): boolean {
    const source = this.source;
    let i = 0;
    while (i < source.length) {
      if (this.length + 4 > this.maxNodes) return false;
      const open = source.indexOf('<', i);
      if (open < 0) {
        this.addText(i, source.length);
        break;
      }
      const next = this.markup(open, i);
      i = next;
    }
    return true;
  }

  /** Reads what begins at the `<` at `open`, after the text from `textFrom`; returns where reading goes on. */
  private markup(open: number, textFrom: number): number {
    const source = this.source;
    const code = source.charCodeAt(open + 1);
    if (isLetter(code)) {
      this.addText(textFrom, open);
      return this.startTag(open + 1);
    }
    if (code === 0x2f && isLetter(source.charCodeAt(open + 2))) {
      this.addText(textFrom, open);
      return this.endTag(open + 2);
    }
    if (code === 0x21 || code === 0x3f || code === 0x2f) {
      this.addText(textFrom, open);
      return this.declaration(open);
    }
    // A lone `<` is text: take it with what follows, up to the next one.
    const next = source.indexOf('<', open + 1);
    const until = next < 0 ? source.length : next;
    this.addText(textFrom, until);
    return until;
  }

  private declaration(open: number): number {
    const source = this.source;
    if (source.startsWith('<!--', open)) {
      if (source.startsWith('>', open + 4)) return open + 5;
      if (source.startsWith('->', open + 4)) return open + 6;
      const close = source.indexOf('--', open + 4);
      return close < 0 ? source.length : endOfComment(source, close);
    }
    if (source.startsWith('<![CDATA[', open) && (this.isXml || this.inForeign())) {
      const close = source.indexOf(']]>', open);
      this.addText(open + 9, close < 0 ? source.length : close);
      return close < 0 ? source.length : close + 3;
    }
    const close = source.indexOf('>', open);
    return close < 0 ? source.length : close + 1;
  }

  private startTag(nameFrom: number): number {
    const scan = this.scan;
    scanTag(this.source, nameFrom, scan);
    const number = scan.tag;
    const bits = tagFlags[number];
    if (rootTags[number] === 1 && this.repeatsRoot(number)) return scan.end;
    if ((bits & flag.closesParagraph) !== 0 && this.open[tag.p] > 0) this.closeUpTo(tag.p, paragraphScope);
    if ((bits & flag.heading) !== 0 && headingTags[this.tag[this.stack[this.depth]]] === 1) this.pop();
    if (this.open[tag.head] > 0 && (bits & flag.metadata) === 0 && number !== tag.noscript) this.closeHead();
    const rule = closers[number];
    if (rule !== undefined) this.closeImplied(rule[0], rule[1]);
    this.limitDepth();
    const node = this.add(number, nameFrom, scan.end - 1);
    if (isVoidTag(number) || (scan.selfClosing && this.endsItself(number))) {
      this.end[node] = this.length;
      return scan.end;
    }
    if ((bits & flag.rawText) !== 0) return this.rawText(node, scan.end);
    this.push(node);
    return scan.end;
  }

  private endsItself(number: number): boolean {
    return this.isXml || number === 1 || number === tag.svg || this.inForeign();
  }

  private inForeign(): boolean {
    return this.open[tag.svg] > 0 || this.open[tag.math] > 0;
  }

  /** A second `html` or `body` merges into the first; frames of saved mails are full of them. */
  private repeatsRoot(number: number): boolean {
    return this.open[number] > 0 || (number === tag.head && this.open[tag.body] > 0);
  }

  private closeHead(): void {
    while (this.depth > 0 && this.open[tag.head] > 0) this.pop();
  }

  private rawText(node: number, from: number): number {
    const source = this.source;
    const name =
      this.tag[node] === tag.plaintext
        ? undefined
        : source.slice(this.start[node], this.scan.nameEnd).toLowerCase();
    const close = name === undefined ? source.length : findEndTag(source, name, from);
    // It would take the rest of the page, and whoever wrote it closed it.
    if (this.scan.selfClosing && close >= source.length) {
      this.end[node] = this.length;
      return from;
    }
    if (close > from) this.addTextUnder(node, from, close);
    this.end[node] = this.length;
    if (close >= source.length) return source.length;
    const bracket = source.indexOf('>', close);
    return bracket < 0 ? source.length : bracket + 1;
  }

  private endTag(nameFrom: number): number {
    const scan = this.scan;
    scanTag(this.source, nameFrom, scan);
    const number = scan.tag;
    if (number === tag.br || number === tag.p) this.endWithoutStart(number, nameFrom, scan.end);
    else if (rootTags[number] === 1 && number !== tag.head) return scan.end;
    else if (number === 1) this.closeUnknown(nameFrom, scan.nameEnd);
    else if (this.open[number] > 0) this.closeMatching(number);
    else if (headingTags[number] === 1) this.closeHeading();
    return scan.end;
  }

  /** `</br>` is a break and `</p>` without `<p>` an empty paragraph: both separate what is around them. */
  private endWithoutStart(number: number, from: number, to: number): void {
    if (number === tag.p && this.open[tag.p] > 0 && this.closeUpTo(tag.p, paragraphScope)) return;
    this.end[this.add(number, from, to - 1)] = this.length;
  }

  private closeHeading(): void {
    if (headingTags[this.tag[this.stack[this.depth]]] === 1) this.pop();
  }

  private closeUnknown(nameFrom: number, nameEnd: number): void {
    if (this.open[1] === 0) return;
    const name = this.source.slice(nameFrom, nameEnd).toLowerCase();
    for (let d = this.depth; d > 0; d--) {
      const node = this.stack[d];
      const number = this.tag[node];
      if (number === 1 && this.isNamed(node, name)) {
        while (this.depth >= d) this.pop();
        return;
      }
      if (blocks[number] === 1) return;
    }
  }

  private isNamed(node: number, name: string): boolean {
    const from = this.start[node];
    return this.source.slice(from, from + name.length).toLowerCase() === name;
  }

  private closeMatching(number: number): void {
    const bits = tagFlags[number];
    if ((bits & flag.formatting) !== 0 || number === tag.form) {
      this.closeFormatting(number);
      return;
    }
    if (tableParts[number] === 1 || number === tag.table) this.closeUpTo(number, rowScope);
    else if (number === tag.li) this.closeUpTo(number, listScope);
    else this.closeUpTo(number, (bits & flag.block) !== 0 ? barriers : blocks);
  }

  /** Ends a formatting element; blocks opened inside it are opened again after it, as the standard's adoption does. */
  private closeFormatting(number: number): void {
    let d = this.depth;
    while (d > 0 && this.tag[this.stack[d]] !== number) {
      if ((tagFlags[this.tag[this.stack[d]]] & flag.barrier) !== 0) return;
      d--;
    }
    if (d === 0) return;
    const reopened: number[] = [];
    for (let k = d + 1; k <= this.depth; k++) {
      if ((tagFlags[this.tag[this.stack[k]]] & flag.block) !== 0) reopened.push(this.stack[k]);
    }
    while (this.depth >= d) this.pop();
    for (const node of reopened) {
      if (this.length + 4 > this.maxNodes) return;
      this.limitDepth();
      this.push(this.add(this.tag[node], this.start[node], this.stop[node]));
    }
  }

  private closeImplied(ends: Uint8Array, shields: Uint8Array | Uint16Array): void {
    let target = -1;
    for (let d = this.depth; d > 0; d--) {
      const current = this.tag[this.stack[d]];
      if (ends[current] === 1) target = d;
      else if (shields[current] === 1) break;
    }
    if (target > 0) while (this.depth >= target) this.pop();
  }

  private closeUpTo(number: number, shields: Uint8Array | Uint16Array): boolean {
    for (let d = this.depth; d > 0; d--) {
      const current = this.tag[this.stack[d]];
      if (current === number) {
        while (this.depth >= d) this.pop();
        return true;
      }
      if (shields[current] === 1) return false;
    }
    return false;
  }

  /** At the limit a new element becomes the sibling of the deepest one. */
  private limitDepth(): void {
    if (this.depth === maxDepth) this.pop();
  }

  private push(node: number): void {
    this.stack[++this.depth] = node;
    this.open[this.tag[node]]++;
  }

  private pop(): void {
    const node = this.stack[this.depth--];
    this.end[node] = this.length;
    this.open[this.tag[node]]--;
  }

  private addText(from: number, to: number): void {
    if (to > from) this.addTextUnder(this.stack[this.depth], from, to);
  }

  private addTextUnder(parent: number, from: number, to: number): void {
    const node = this.add(textTag, from, to);
    this.parent[node] = parent;
    this.end[node] = this.length;
  }

  private add(number: number, start: number, stop: number): number {
    if (this.length === this.tag.length) this.grow();
    const node = this.length++;
    this.tag[node] = number;
    this.parent[node] = this.stack[this.depth];
    this.start[node] = start;
    this.stop[node] = stop;
    return node;
  }

  private grow(): void {
    const capacity = this.tag.length * 2;
    const copy = <T extends Uint16Array | Int32Array>(from: T, to: T): T => (to.set(from), to);
    this.tag = copy(this.tag, new Uint16Array(capacity));
    this.parent = copy(this.parent, new Int32Array(capacity));
    this.end = copy(this.end, new Int32Array(capacity));
    this.start = copy(this.start, new Int32Array(capacity));
    this.stop = copy(this.stop, new Int32Array(capacity));
  }
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}

/** A comment ends at `-->` or `--!>`; `from` is its first `--`. */
function endOfComment(source: string, from: number): number {
  for (let i = from; i >= 0; i = source.indexOf('--', i + 1)) {
    if (source.charCodeAt(i + 2) === 0x3e) return i + 3;
    if (source.charCodeAt(i + 2) === 0x21 && source.charCodeAt(i + 3) === 0x3e) return i + 4;
  }
  return source.length;
}

/** Position of `</name` followed by a delimiter, or the end of the source. */
function findEndTag(source: string, name: string, from: number): number {
  for (let i = source.indexOf('</', from); i >= 0; i = source.indexOf('</', i + 2)) {
    const after = source.charCodeAt(i + 2 + name.length);
    const delimited = after === 0x3e || after === 0x2f || after <= 0x20 || Number.isNaN(after);
    if (delimited && source.slice(i + 2, i + 2 + name.length).toLowerCase() === name) return i;
  }
  return source.length;
}
