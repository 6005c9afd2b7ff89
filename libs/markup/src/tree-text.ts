// Reading text out of a flat tree: of one node, of a subtree, white space as a browser collapses it.
import { decodeEntities } from './entities.ts';
import type { FlatTree } from './html-tree.ts';
import { flag, tag, tagFlags, textTag } from './tags.ts';

/** The decoded text of a text node, white space as it stands. */
export function nodeText(tree: FlatTree, node: number): string {
  return decodeEntities(tree.source.slice(tree.start[node], tree.stop[node]));
}

/** All text below a node, white space collapsed, scripts and styles left out; blocks and breaks are separated by a blank. */
export function subtreeText(tree: FlatTree, node: number): string {
  let text = '';
  let blockEnd = Infinity;
  for (let i = node + 1; i < tree.end[node]; i++) {
    const number = tree.tag[i];
    if (i >= blockEnd) {
      text += ' ';
      blockEnd = Infinity;
    }
    if (number === textTag) text += nodeText(tree, i);
    else if ((tagFlags[number] & flag.invisible) !== 0) i = tree.end[i] - 1;
    else if (number === tag.br) text += ' ';
    else if ((tagFlags[number] & flag.block) !== 0) {
      text += ' ';
      blockEnd = Math.min(blockEnd, tree.end[i]);
    }
  }
  return collapseSpace(text).trim();
}

/** Runs of white space, no-break spaces included, become one blank. */
export function collapseSpace(text: string): string {
  return text.replace(/[\s\u00a0]+/g, ' ');
}

/** First node with this tag number in document order, or undefined. */
export function firstOf(tree: FlatTree, number: number, from = 1, to = tree.length): number | undefined {
  const found = tree.tag.subarray(from, to).indexOf(number);
  return found < 0 ? undefined : from + found;
}
