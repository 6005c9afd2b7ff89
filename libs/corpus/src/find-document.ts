// The id behind the name that a person gives a document: an id, a URL, or `<source>/<path>`. What can be hashed into an id
// is looked up there; only a name that no id was made of (a page's own canonical URL) is searched for in all row groups.

import { DataError, documentId } from '@gristmill/core';
import { openPart, partitionOf, type StoredPart } from '@gristmill/shards';
import { partitionsOf, type OpenBuild } from './build-documents.ts';
import { acquireStep } from './steps.ts';
import { createTombstoneTest, readTombstones } from './tombstones.ts';

/** The id itself, that of a URL, or of the item at `<source>/<path>`; a path alone is the first source's that has it. */
export async function findId(build: OpenBuild, name: string): Promise<string> {
  for (const place of [name, ...sourcesOf(build).map((source) => `${source}/${name}`)])
    for (const id of possibleIds(build, place)) if (await hasDocument(build, id)) return id;
  for (let partition = 0; partition < build.partitions; partition++) await build.include(partition);
  for (const step of build.rowSteps) {
    const id = await searchStep(build, step, (part) => searchUrls(part, name));
    if (id !== undefined) return id;
  }
  const isPlace = sourcesOf(build).some((source) => name.startsWith(`${source}/`));
  const id = isPlace && (await searchStep(build, acquireStep, (part) => searchPlaces(part, name)));
  if (typeof id === 'string') return id;
  throw new DataError(
    'no-such-document',
    `the newest build has no document ${name}`,
    'give a URL, an id of 32 hex digits, or <source>/<path>',
  );
}

/** The tombstone that covers a document of this name, which no step of the build has, in words. */
export async function findForgotten(build: OpenBuild, name: string): Promise<string | undefined> {
  const tombstones = await readTombstones(build.store);
  if (tombstones.length === 0) return undefined;
  const ids = [...possibleIds(build, name)];
  for (const tombstone of tombstones) {
    const isForgotten = createTombstoneTest([tombstone]);
    const url = URL.canParse(name) ? new URL(name).href : undefined;
    const isCovered =
      ids.some((id) => isForgotten({ id })) || [name, url].some((at) => isForgotten({ id: '', url: at }));
    if (isCovered)
      return Object.entries(tombstone)
        .map(([kind, value]) => `${kind} ${value}`)
        .join(', ');
  }
  return undefined;
}

type Search = (part: StoredPart) => Promise<string | undefined>;

async function searchStep(build: OpenBuild, step: string, search: Search): Promise<string | undefined> {
  for (const partition of partitionsOf(build)) {
    const entry = build.state.rows.get(step)?.get(partition);
    const id = entry && entry.rows > 0 ? await search(openPart(build.store, entry)) : undefined;
    if (id !== undefined) return id;
  }
  return undefined;
}

const urlColumns = ['url', 'canonicalUrl'];
const placeColumns = ['sourceName', 'path', 'item'];

/** Row groups whose columns have fewer bytes than the URL are not read, the others sought through before a row is. */
async function searchUrls(part: StoredPart, name: string): Promise<string | undefined> {
  const wanted = Buffer.from(name);
  const { groups, columns } = await part.footer();
  const places = [...columns.keys()].filter((i) => urlColumns.includes(columns[i].name));
  for (const [index, { rows, rawSizes }] of groups.entries()) {
    const names = places.filter((i) => rawSizes[i] > wanted.length).map((i) => columns[i].name);
    if (names.length === 0) continue;
    const group = await part.rawGroup(index, names);
    for (const column of names) {
      if (!group.page(column)!.plain.includes(wanted)) continue;
      for (let row = 0; row < rows; row++)
        if (group.value(column, row) === name) return group.value('id', row) as string;
    }
  }
  return undefined;
}

async function searchPlaces(part: StoredPart, name: string): Promise<string | undefined> {
  for await (const { keys, columns } of part.batches(placeColumns)) {
    const values = placeColumns.map((column) => columns[column]);
    for (const [row, id] of keys.entries()) {
      const place = values.map((texts) => texts[row]).filter((text) => text !== undefined);
      if (place.join('/') === name) return id;
    }
  }
  return undefined;
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
