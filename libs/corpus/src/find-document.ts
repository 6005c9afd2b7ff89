// The id behind the name that a person gives a document: an id, a URL, or `<source>/<path>`. What can be hashed into an id
// is looked up there; only a URL that no id was made of (a page's own canonical one) is searched for in every row.

import { DataError, documentId } from '@gristmill/core';
import { openPart, partitionOf } from '@gristmill/shards';
import { partitionsOf, type OpenBuild } from './build-documents.ts';
import { acquireStep } from './steps.ts';

/** The id itself, that of a URL, or of the item at `<source>/<path>`. */
export async function findId(build: OpenBuild, name: string): Promise<string> {
  for (const id of possibleIds(build, name)) if (await hasDocument(build, id)) return id;
  for (let partition = 0; partition < build.partitions; partition++) await build.include(partition);
  for (const partition of partitionsOf(build)) {
    const entry = build.state.rows.get(acquireStep)!.get(partition)!;
    if (entry.rows === 0) continue;
    for await (const row of openPart(build.store, entry).readRows(placeColumns)) {
      const place = [row.sourceName, row.path, row.item].filter((part) => part !== undefined).join('/');
      if (row.url === name || row.canonicalUrl === name || place === name) return row.id;
    }
  }
  throw new DataError(
    'no-such-document',
    `the newest build has no document ${name}`,
    'give a URL, an id of 32 hex digits, or <source>/<path>',
  );
}

const placeColumns = ['url', 'canonicalUrl', 'sourceName', 'path', 'item'];

/** Ids that documents of this name have, the likeliest first. */
function possibleIds({ manifest }: OpenBuild, name: string): Set<string> {
  const ids = new Set<string>();
  if (/^[0-9a-f]{32}$/.test(name)) ids.add(name);
  const sources = ((manifest.recipe.sources ?? []) as { name: string }[]).map((source) => source.name);
  if (URL.canParse(name)) {
    for (const url of [name, new URL(name).href]) {
      ids.add(documentId({ name: '', url }));
      for (const source of sources) ids.add(documentId({ name: source, url, item: url }));
    }
  }
  for (const source of sources) {
    if (!name.startsWith(`${source}/`)) continue;
    const rest = name.slice(source.length + 1);
    ids.add(documentId({ name: source, path: rest }));
    for (let at = rest.indexOf('/'); at >= 0; at = rest.indexOf('/', at + 1))
      ids.add(documentId({ name: source, path: rest.slice(0, at), item: rest.slice(at + 1) }));
  }
  return ids;
}

async function hasDocument(build: OpenBuild, id: string): Promise<boolean> {
  const partition = partitionOf(id, build.partitions);
  await build.include(partition);
  const part = build.state.rows.get(acquireStep)?.get(partition);
  return part !== undefined && part.rows > 0 && (await openPart(build.store, part).get([id], [])).length > 0;
}
