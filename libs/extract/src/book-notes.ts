// Notes in a chapter: the marks that call them and the page numbers of a printed edition stand in the middle of sentences,
// the notes at the end or between paragraphs. EPUB 3 says what they are (`epub:type`, the roles of DPUB-ARIA 1.1); older
// books are read by how their links go: a short mark leads forward to where a note begins.

import { flag, rawAttributes, subtreeText, tag, tagFlags, textTag, type FlatTree } from '@gristmill/markup';

export interface BookNotes {
  /** 1 for elements that are no part of a sentence, and whose inside is not read. */
  readonly marks: Uint8Array;
  /** Spans of nodes that hold a note, in order. */
  readonly notes: readonly (readonly [from: number, to: number])[];
}

const names = ['epub:type', 'role', 'href', 'id', 'name', 'class'];
const noteWords = /(?:^|\s)(?:doc-)?(?:footnotes?|endnotes?|rearnotes?)(?:\s|$)/;
const markWords = /(?:^|\s)(?:doc-)?(?:noteref|backlink|pagebreak)(?:\s|$)/;
const bracketed = /^[[({]\s?(?:\d{1,4}|[a-z*†‡§¶#]{1,3})\s?[\])}]$|^[*†‡§¶]{1,3}$/;
const raised = /^[[(]?\s?(?:\d{1,4}|[a-z]|[ivxlc]{1,6}|[*†‡§¶#]{1,3})\s?[\])]?$/i;
const arrow = /^[[(]?(?:[↩↑⤴⏎^]\ufe0e?)+[\])]?$/u;
const noteClass =
  /(?:^|[\s_-])(?:foot|end|rear)?-?notes?(?:[\s_-]|$)|(?:^|[\s_-])(?:fn|footnotes?|endnotes?)\d*(?:[\s_-]|$)/i;

interface Link {
  readonly node: number;
  readonly target: string;
}

/** Marks and notes of a chapter; an ordinary page has none. */
export function findNotes(tree: FlatTree): BookNotes {
  const marks = new Uint8Array(tree.length);
  const declared: [number, number][] = [];
  const links: Link[] = [];
  const places = new Map<string, number>();
  const values = new Array<string | undefined>(names.length);
  for (let node = 1; node < tree.length; node++) {
    const number = tree.tag[node];
    if (number === textTag || tree.stop[node] - tree.start[node] < 6) continue;
    rawAttributes(tree, node, names, values);
    const [type = '', role = '', href, id, name] = values;
    if (id !== undefined) places.set(id, node);
    if (name !== undefined && number === tag.a) places.set(name, node);
    if (markWords.test(type) || markWords.test(role)) hide(tree, node, marks);
    else if (noteWords.test(type) || noteWords.test(role)) declared.push([node, tree.end[node]]);
    if (number === tag.a && href?.includes('#')) links.push({ node, target: href });
  }
  const found = links
    .map((link) => followLink(tree, link, places, marks))
    .filter((span): span is [number, number] => span !== undefined);
  return { marks, notes: outermost([...declared, ...found]) };
}

/** Hides a link that is a mark, and tells the note to which it leads in the same document. */
function followLink(
  tree: FlatTree,
  { node, target }: Link,
  places: ReadonlyMap<string, number>,
  marks: Uint8Array,
): [number, number] | undefined {
  const isKnown = marks[node] === 1;
  if (!isKnown && tree.end[node] - node > 12) return undefined;
  const text = isKnown ? '' : subtreeText(tree, node);
  if (arrow.test(text)) return void hide(tree, node, marks);
  if (!isKnown && !(bracketed.test(text) || (isRaised(tree, node) && raised.test(text)))) return undefined;
  hide(tree, node, marks);
  if (!target.startsWith('#')) return undefined;
  const place = places.get(target.slice(1));
  // Links back to the sentence look the same.
  if (place === undefined || place < node) return undefined;
  const note = blockOf(tree, place);
  const isAround = note <= node && tree.end[note] > node;
  return isAround || tree.parent[note] <= 0 ? undefined : [note, tree.end[note]];
}

/** Hides an element, and the `sup` that holds nothing else. */
function hide(tree: FlatTree, node: number, marks: Uint8Array): void {
  let top = node;
  while (tree.tag[tree.parent[top]] === tag.sup && holdsOnly(tree, tree.parent[top], top))
    top = tree.parent[top];
  marks[top] = 1;
  marks[node] = 1;
}

function holdsOnly(tree: FlatTree, parent: number, child: number): boolean {
  for (let i = parent + 1; i < tree.end[parent]; i = tree.end[i])
    if (
      i !== child &&
      (tree.tag[i] !== textTag || tree.source.slice(tree.start[i], tree.stop[i]).trim() !== '')
    )
      return false;
  return true;
}

/** Inside a `sup`, or with nothing but one inside. */
function isRaised(tree: FlatTree, node: number): boolean {
  for (
    let up = tree.parent[node];
    up > 0 && (tagFlags[tree.tag[up]] & flag.block) === 0;
    up = tree.parent[up]
  )
    if (tree.tag[up] === tag.sup) return true;
  for (let i = node + 1; i < tree.end[node]; i++) if (tree.tag[i] === tag.sup) return true;
  return false;
}

/** The block that holds a place, or the element around it that is called a note. */
function blockOf(tree: FlatTree, place: number): number {
  let node = place;
  while (node > 0 && (tagFlags[tree.tag[node]] & flag.block) === 0) node = tree.parent[node];
  const values = new Array<string | undefined>(1);
  const parent = tree.parent[node];
  if (parent <= 0) return node;
  rawAttributes(tree, parent, ['class'], values);
  return noteClass.test(values[0] ?? '') && tree.tag[parent] !== tag.body ? parent : node;
}

function outermost(spans: [number, number][]): [number, number][] {
  const kept: [number, number][] = [];
  for (const span of spans.sort((a, b) => a[0] - b[0] || b[1] - a[1]))
    if (kept.length === 0 || span[0] >= kept[kept.length - 1][1]) kept.push(span);
  return kept;
}
