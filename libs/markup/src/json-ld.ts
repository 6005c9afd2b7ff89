// JSON-LD in a page: the objects of all its scripts as one flat list, whatever graph or nesting they came in.
// Broken JSON is repaired only where the fix is certain (comments or CDATA around it, raw line breaks in strings).

import { attribute } from './tag-scanner.ts';
import type { FlatTree } from './html-tree.ts';
import { tag } from './tags.ts';

export type LinkedObject = { readonly [key: string]: unknown };

const maxObjects = 2000;

/** Every object of the page's JSON-LD scripts, outer before inner, in document order. */
export function linkedObjects(tree: FlatTree): LinkedObject[] {
  const found: LinkedObject[] = [];
  for (let i = 1; i < tree.length && found.length < maxObjects; i++) {
    if (tree.tag[i] !== tag.script || tree.end[i] === i + 1) continue;
    if (!/^\s*application\/ld\+json/i.test(attribute(tree, i, 'type') ?? '')) continue;
    collect(parseLoosely(tree.source.slice(tree.start[i + 1], tree.stop[i + 1])), found, 0);
  }
  return found;
}

function parseLoosely(source: string): unknown {
  const text = source
    .replace(/^[\s;]*(?:<!--|\/\*\s*<!\[CDATA\[\s*\*\/|\/\/\s*<!\[CDATA\[|<!\[CDATA\[)/, '')
    .replace(/(?:-->|\/\*\s*\]\]>\s*\*\/|\/\/\s*\]\]>|\]\]>)[\s;]*$/, '');
  for (const attempt of [text, text.replace(/[\u0000-\u001f]+/g, ' ').replace(/;\s*$/, '')]) {
    try {
      return JSON.parse(attempt);
    } catch {
      // tries the next repair
    }
  }
  return undefined;
}

function collect(value: unknown, found: LinkedObject[], depth: number): void {
  if (value === null || typeof value !== 'object' || depth > 8 || found.length >= maxObjects) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, found, depth + 1);
    return;
  }
  found.push(value as LinkedObject);
  for (const inner of Object.values(value)) collect(inner, found, depth + 1);
}

/** True when an object has one of these schema.org types. */
export function isOfType(object: LinkedObject, pattern: RegExp): boolean {
  const types: unknown = object['@type'];
  const list = Array.isArray(types) ? types : [types];
  return list.some((type) => typeof type === 'string' && pattern.test(type));
}
