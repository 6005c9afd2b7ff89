// What a page says about its own use, as it stands there: the meta elements and links among which libs/consent looks for
// wishes. It judges nothing.

import { decodeAttribute } from './entities.ts';
import type { FlatTree } from './html-tree.ts';
import { rawAttributes } from './tag-scanner.ts';
import { tag } from './tags.ts';

export interface PageWishes {
  /** `meta` elements with a name, in order. */
  readonly meta: readonly { readonly name: string; readonly content: string }[];
  /** `link` elements with a relation, in order. */
  readonly links: readonly { readonly rel: string; readonly href: string; readonly type?: string }[];
}

export function readPageWishes(tree: FlatTree): PageWishes {
  const meta = elementsOf(tree, tag.meta, ['name', 'content']).flatMap(([name, content = '']) =>
    name === undefined ? [] : [{ name: name.trim(), content }],
  );
  const links = elementsOf(tree, tag.link, ['rel', 'href', 'type']).flatMap(([rel, href, type]) =>
    rel === undefined || href === undefined ? [] : [{ rel, href, ...(type !== undefined && { type }) }],
  );
  return { meta, links };
}

function elementsOf(tree: FlatTree, wanted: number, names: string[]): (string | undefined)[][] {
  const found: (string | undefined)[][] = [];
  for (let i = tree.tag.indexOf(wanted); i >= 0 && i < tree.length; i = tree.tag.indexOf(wanted, i + 1)) {
    const raw = new Array<string | undefined>(names.length);
    rawAttributes(tree, i, names, raw);
    found.push(raw.map((value) => (value === undefined ? undefined : decodeAttribute(value))));
  }
  return found;
}
