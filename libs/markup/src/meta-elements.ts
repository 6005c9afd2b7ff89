// The page's <meta> elements by name: `name`, `property`, `itemprop` and `http-equiv` are one name space here,
// because pages mix them up.

import { decodeAttribute } from './entities.ts';
import type { FlatTree } from './html-tree.ts';
import { rawAttributes } from './tag-scanner.ts';
import { tag } from './tags.ts';
import { collapseSpace } from './tree-text.ts';

export interface MetaElements {
  /** The first non-empty value among these names, in the order asked. */
  first(...names: string[]): string | undefined;
  all(name: string): readonly string[];
}

const attributeNames = ['property', 'name', 'itemprop', 'http-equiv', 'content'];

/** Collects every meta element of the tree; names are compared in lower case. */
export function collectMeta(tree: FlatTree): MetaElements {
  const values = new Map<string, string[]>();
  const raw: (string | undefined)[] = new Array<string | undefined>(attributeNames.length);
  for (let i = tree.tag.indexOf(tag.meta); i >= 0 && i < tree.length; i = tree.tag.indexOf(tag.meta, i + 1)) {
    rawAttributes(tree, i, attributeNames, raw);
    const content = raw[4] === undefined ? '' : collapseSpace(decodeAttribute(raw[4])).trim();
    if (content === '') continue;
    for (const names of raw.slice(0, 4)) {
      for (const name of names?.toLowerCase().split(/\s+/) ?? []) {
        const list = values.get(name);
        if (list === undefined) values.set(name, [content]);
        else list.push(content);
      }
    }
  }
  return {
    first: (...names) => names.map((name) => values.get(name)?.[0]).find((value) => value !== undefined),
    all: (name) => values.get(name) ?? [],
  };
}
