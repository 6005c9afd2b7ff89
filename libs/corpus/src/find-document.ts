// The id behind the name that a person gives a document: an id, a URL, or `<source>/<path>`. What can be hashed into an id
// is looked up there; only a name that no id was made of (a page's own canonical URL) is searched for in every row, as bytes.

import { DataError, documentId } from '@gristmill/core';
import { openPart, partitionOf, type PageBatch, type RawPage } from '@gristmill/shards';
import { partitionsOf, type OpenBuild } from './build-documents.ts';
import { acquireStep } from './steps.ts';

/** The id itself, that of a URL, or of the item at `<source>/<path>`. */
export async function findId(build: OpenBuild, name: string): Promise<string> {
  for (const id of possibleIds(build, name)) if (await hasDocument(build, id)) return id;
  for (let partition = 0; partition < build.partitions; partition++) await build.include(partition);
  for (const step of build.rowSteps) {
    const id = await searchStep(build, step, { name, columns: urlColumns });
    if (id !== undefined) return id;
  }
  const isPlace = sourcesOf(build).some((source) => name.startsWith(`${source}/`));
  const id = isPlace && (await searchStep(build, acquireStep, { name, columns: placeColumns }));
  if (typeof id === 'string') return id;
  throw new DataError(
    'no-such-document',
    `the newest build has no document ${name}`,
    'give a URL, an id of 32 hex digits, or <source>/<path>',
  );
}

const urlColumns = ['url', 'canonicalUrl'];
const placeColumns = ['sourceName', 'path', 'item'];

interface Search {
  readonly name: string;
  /** Of which one is the name, or those of a place, which are it together. */
  readonly columns: readonly string[];
}

async function searchStep(build: OpenBuild, step: string, search: Search): Promise<string | undefined> {
  for (const partition of partitionsOf(build)) {
    const entry = build.state.rows.get(step)?.get(partition);
    const columns = search.columns.filter((column) => entry?.columns[column] !== undefined);
    if (!entry || entry.rows === 0 || columns.length === 0) continue;
    for await (const batch of openPart(build.store, entry).pages(columns)) {
      const row = search.columns === placeColumns ? rowOfPlace(batch, search.name) : rowOfUrl(batch, search);
      if (row !== undefined) return textOf(batch.pages.id, row);
    }
  }
  return undefined;
}

/** The bytes are sought in the page as a whole first: most pages do not have them. */
function rowOfUrl({ rows, pages }: PageBatch, { name, columns }: Search): number | undefined {
  const wanted = Buffer.from(name);
  for (const column of columns) {
    const page = pages[column];
    if (!page?.plain.includes(wanted)) continue;
    for (let row = 0; row < rows; row++) if (textOf(page, row) === name) return row;
  }
  return undefined;
}

function rowOfPlace({ rows, pages }: PageBatch, name: string): number | undefined {
  for (let row = 0; row < rows; row++) {
    const texts = placeColumns.map((column) => textOf(pages[column], row));
    if (texts.filter((text) => text !== undefined).join('/') === name) return row;
  }
  return undefined;
}

function textOf(page: RawPage | undefined, row: number): string | undefined {
  if (!page || page.starts[row] === page.starts[row + 1]) return undefined;
  return page.plain.toString('utf8', page.starts[row] + 4, page.starts[row + 1]);
}

function sourcesOf({ manifest }: OpenBuild): string[] {
  return ((manifest.recipe.sources ?? []) as { name: string }[]).map((source) => source.name);
}

/** Ids that documents of this name have, the likeliest first. */
function possibleIds(build: OpenBuild, name: string): Set<string> {
  const ids = new Set<string>();
  if (/^[0-9a-f]{32}$/.test(name)) ids.add(name);
  const sources = sourcesOf(build);
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
