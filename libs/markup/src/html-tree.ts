// A page as a flat tree: typed arrays over the source string, in document order. Node i's descendants are
// i + 1 … end[i] − 1, so walking is counting and skipping a subtree is one assignment.
// Follows HTML's tree construction where it changes what is content (implied end tags, void and raw text
// elements, crossed formatting); it does not foster-parent out of tables, rebuild formatting after a crossed end
// tag, or keep comments. Depth is cut at 512 as in Chromium, so nesting costs neither stack nor square time.

import { OpenElements, type TagNames } from './open-elements.ts';
import { isVoidTag, scanTag, type TagScan } from './tag-scanner.ts';
import {
  barrierNames,
  blockNames,
  breakouts,
  closers,
  contexts,
  endsSelect,
  headingTags,
  htmlInDrawings,
  htmlInFormulas,
  noShields,
  paragraphScope,
  partOfTable,
  rootTags,
  shieldsOf,
  tableParts,
  wholeScope,
} from './tag-scopes.ts';
import { flag, tag, tagFlags, textTag, unknownTag } from './tags.ts';

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
  private readonly open = new OpenElements(maxDepth);
  /** Raw text elements that nothing ends in the rest of the source. */
  private readonly unended = new Set<number>();
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
    const finished = this.consume();
    this.closeFrom(1);
    this.end[0] = this.length;
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
    const foreign = this.foreignDepth();
    // A drawing's template is no template.
    const number =
      foreign > 0 && barrierNames.has[scan.tag] === 1 && breakouts[scan.tag] === 0 ? unknownTag : scan.tag;
    const bits = tagFlags[number];
    if (rootTags[number] === 1 && this.repeatsRoot(number)) return scan.end;
    if ((bits & flag.closesParagraph) !== 0 && this.open.isOpen(tag.p)) this.closeUpTo(tag.p, paragraphScope);
    if ((bits & flag.heading) !== 0 && headingTags[this.open.current] === 1) this.pop();
    if (this.open.isOpen(tag.head) && (bits & flag.metadata) === 0 && number !== tag.noscript)
      this.closeHead();
    if (this.open.isOpen(tag.select) && this.isLostInSelect(number)) return scan.end;
    if (foreign > 0 && breakouts[number] === 1) this.closeFrom(foreign);
    const rule = closers[number];
    if (rule !== undefined) this.closeFrom(this.open.findLowest(rule[0], rule[1]));
    const context = contexts[number];
    if (context !== undefined && this.open.isOpen(tag.table)) this.closeFrom(this.open.highest(context) + 1);
    this.limitDepth();
    const node = this.add(number, nameFrom, scan.end - 1);
    // Without a table around it a cell is no element, but what stands before and after it is apart.
    const isStray = tableParts[number] === 1 && !this.open.isOpen(tag.table);
    if (isStray || isVoidTag(number) || (scan.selfClosing && this.endsItself(number))) {
      this.end[node] = this.length;
      return scan.end;
    }
    if ((bits & flag.rawText) !== 0 && foreign === 0) return this.rawText(node, scan.end);
    this.push(node);
    return scan.end;
  }

  /** Fields, cells and another select end one that was left open; what takes its content as raw text is no element in it. */
  private isLostInSelect(number: number): boolean {
    const isNextCell = partOfTable[number] === 1 && this.open.isOpen(tag.table);
    if (endsSelect[number] === 1 || isNextCell)
      return this.closeUpTo(tag.select, wholeScope) && number === tag.select;
    return (tagFlags[number] & flag.rawText) !== 0 && number !== tag.script;
  }

  /** Depth of the drawing or formula that an element opened here would be part of; 0 outside and where these hold HTML. */
  private foreignDepth(): number {
    if (!this.inForeign()) return 0;
    const drawing = this.open.find(tag.svg, noShields);
    const formula = this.open.find(tag.math, noShields);
    const holds = drawing > formula ? htmlInDrawings : htmlInFormulas;
    const outer = Math.max(drawing, formula);
    return holds.some((name) => this.open.findUnknown(name, noShields) > outer) ? 0 : outer;
  }

  private endsItself(number: number): boolean {
    return this.isXml || number === unknownTag || number === tag.svg || this.inForeign();
  }

  private inForeign(): boolean {
    return this.open.isOpen(tag.svg) || this.open.isOpen(tag.math);
  }

  /** A second `html` or `body` merges into the first; frames of saved mails are full of them. */
  private repeatsRoot(number: number): boolean {
    return this.open.isOpen(number) || (number === tag.head && this.open.isOpen(tag.body));
  }

  private closeHead(): void {
    while (this.open.depth > 0 && this.open.isOpen(tag.head)) this.pop();
  }

  private rawText(node: number, from: number): number {
    const source = this.source;
    const name =
      this.tag[node] === tag.plaintext
        ? undefined
        : source.slice(this.start[node], this.scan.nameEnd).toLowerCase();
    const number = this.tag[node];
    const isUnended = name === undefined || this.unended.has(number);
    const close = isUnended ? source.length : findEndTag(source, name, from);
    if (close >= source.length) this.unended.add(number);
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
    else if (number === unknownTag) this.closeUnknown(nameFrom, scan.nameEnd);
    else if (this.open.isOpen(number)) this.closeMatching(number);
    else if (headingTags[number] === 1) this.closeHeading();
    return scan.end;
  }

  /** `</br>` is a break and `</p>` without `<p>` an empty paragraph: both separate what is around them. */
  private endWithoutStart(number: number, from: number, to: number): void {
    if (number === tag.p && this.open.isOpen(tag.p) && this.closeUpTo(tag.p, paragraphScope)) return;
    this.end[this.add(number, from, to - 1)] = this.length;
  }

  private closeHeading(): void {
    if (headingTags[this.open.current] === 1) this.pop();
  }

  private closeUnknown(nameFrom: number, nameEnd: number): void {
    this.closeFrom(this.open.findUnknown(this.source.slice(nameFrom, nameEnd).toLowerCase(), blockNames));
  }

  private closeMatching(number: number): void {
    const bits = tagFlags[number];
    if ((bits & flag.formatting) !== 0 || number === tag.form) this.closeFormatting(number);
    else this.closeUpTo(number, shieldsOf(number, bits));
  }

  /** Ends a formatting element; blocks opened inside it are opened again after it, as the standard's adoption does. */
  private closeFormatting(number: number): void {
    const target = this.open.find(number, barrierNames);
    if (target === 0) return;
    const reopened: number[] = [];
    for (let depth = target + 1; depth <= this.open.depth; depth++) {
      if ((tagFlags[this.open.numberAt(depth)] & flag.block) !== 0) reopened.push(this.open.nodes[depth]);
    }
    this.closeFrom(target);
    for (const node of reopened) {
      if (this.length + 4 > this.maxNodes) return;
      this.limitDepth();
      this.push(this.add(this.tag[node], this.start[node], this.stop[node]));
    }
  }

  private closeUpTo(number: number, shields: TagNames): boolean {
    const target = this.open.find(number, shields);
    this.closeFrom(target);
    return target > 0;
  }

  /** Closes the element at that depth and all above it; nothing at 0. */
  private closeFrom(depth: number): void {
    if (depth > 0) while (this.open.depth >= depth) this.pop();
  }

  /** At the limit a new element becomes the sibling of the deepest one. */
  private limitDepth(): void {
    if (this.open.depth === maxDepth) this.pop();
  }

  private push(node: number): void {
    const number = this.tag[node];
    const name =
      number === unknownTag ? this.source.slice(this.start[node], this.scan.nameEnd).toLowerCase() : '';
    this.open.push(node, number, name);
  }

  private pop(): void {
    this.end[this.open.pop()] = this.length;
  }

  private addText(from: number, to: number): void {
    if (to > from) this.addTextUnder(this.open.nodes[this.open.depth], from, to);
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
    this.parent[node] = this.open.nodes[this.open.depth];
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
