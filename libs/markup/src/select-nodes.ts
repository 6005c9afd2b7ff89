// CSS selectors on a flat tree: cheerio asks it, in the form of nodes that it knows. So a page is parsed once, by one
// reader, whatever is asked, and its nesting stays bounded. Selectors are css-select's, jQuery's additions included.

import { load } from 'cheerio/slim';
import { Document, Element, Text, type ChildNode, type ParentNode } from 'domhandler';
import { DataError } from '@gristmill/core';
import type { FlatTree } from './html-tree.ts';
import { attributesOf, nameOf } from './tag-scanner.ts';
import { textTag } from './tags.ts';
import { nodeText } from './tree-text.ts';

/** Beyond it a page is not searched: each node becomes an object of cheerio's. */
const mostNodes = 100_000;
/**
 * Of nodes that are looked at for one page. `a ~ b` looks at pairs of siblings, `:has` at all that is below, at each level
 * anew: what a page makes of a selector is not for its author to decide.
 */
const mostVisits = 10_000_000;

/** @returns nodes that a selector matches, in document order; undefined when the page would take too much work */
export type NodeSelector = (selector: string) => number[] | undefined;

/**
 * Asked several times it builds cheerio's nodes once.
 * @returns undefined for a page of too many nodes
 * @example createNodeSelector(parseHtml('<p>a<p class=x>b'))?.('p.x') // [3]
 */
export function createNodeSelector(tree: FlatTree): NodeSelector | undefined {
  if (tree.length > mostNodes) return undefined;
  const budget = { left: Infinity };
  const { document, numbers } = buildDocument(tree, budget);
  const $ = load(document);
  budget.left = mostVisits;
  return (selector) => {
    try {
      const found = $(selector).toArray();
      return found.flatMap((element) => numbers.get(element as Element) ?? []).sort((a, b) => a - b);
    } catch (error) {
      if (error === exhausted) return undefined;
      throw error;
    }
  };
}

/**
 * @param where names the option in the error
 * @throws DataError `bad-option` where no page could be asked for it
 */
export function checkSelector(selector: string, where: string): void {
  try {
    if (selector.trim() === '') throw new Error('it is empty');
    load(new Document([]))(selector);
  } catch (cause) {
    throw new DataError(
      'bad-option',
      `${where} is no CSS selector: ${JSON.stringify(selector)} (${(cause as Error).message})`,
      'write one as for a style sheet: article, .post > p, a[rel=next]',
      { cause },
    );
  }
}

const exhausted = new Error('a selector takes too much work');

interface Budget {
  left: number;
}

/** Of nodes that share a parent; each time that they are asked for is counted as a look at each of them. */
function counted(element: Element, budget: Budget): ChildNode[] {
  const children: ChildNode[] = [];
  Object.defineProperty(element, 'children', {
    get() {
      budget.left -= children.length + 1;
      if (budget.left < 0) throw exhausted;
      return children;
    },
  });
  return children;
}

function buildDocument(
  tree: FlatTree,
  budget: Budget,
): { document: Document; numbers: Map<Element, number> } {
  const numbers = new Map<Element, number>();
  const elements: Element[] = [];
  const children: ChildNode[][] = [];
  const add = (node: number, element: Element): void => {
    elements[node] = element;
    children[node] = counted(element, budget);
  };
  // A document has one element; fragments have many, and a page may have some beside <html>.
  const root = new Element('html', {});
  add(0, root);
  for (let node = 1; node < tree.length; node++) {
    const isText = tree.tag[node] === textTag;
    const child = isText
      ? new Text(nodeText(tree, node))
      : new Element(nameOf(tree, node), attributesOf(tree, node));
    if (child instanceof Element) {
      add(node, child);
      numbers.set(child, node);
    }
    append(elements[tree.parent[node]], children[tree.parent[node]], child);
  }
  const inner = children[0].filter((child) => child instanceof Element);
  const document = new Document([]);
  append(document, document.children, inner.length === 1 ? inner[0] : root);
  return { document, numbers };
}

function append(parent: ParentNode, siblings: ChildNode[], node: ChildNode): void {
  const last = siblings.at(-1);
  node.parent = parent;
  node.prev = last ?? null;
  if (last) last.next = node;
  siblings.push(node);
}
