// One document from its source to the shard: each step's verdict and signals, what the barrier stages know of it, where
// its tokens lie. Texts are shown by length and beginning.

import { DataError, documentId, type Row, type Value } from '@gristmill/core';
import { findDocument, openPart, openTokens, partitionOf, type PartEntry } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { openBuild, tablePart, type OpenBuild } from './build-documents.ts';
import { clusterOf, type ClusterMember } from './explain-cluster.ts';
import { folderOf } from './fsck.ts';
import { requireManifest } from './manifest.ts';
import { acquireStep } from './steps.ts';

export interface Explanation {
  readonly id: string;
  readonly build: string;
  /** Row-wise steps in order, with their columns. */
  readonly steps: readonly { readonly step: string; readonly columns: Readonly<Record<string, Value>> }[];
  /** Tables of barrier stages → the rows of this document. */
  readonly tables: Readonly<Record<string, readonly Readonly<Record<string, Value>>[]>>;
  /** Its duplicates, the most alike first. */
  readonly cluster: readonly ClusterMember[];
  readonly shards: readonly DocumentShard[];
}

export interface DocumentShard {
  readonly folder: string;
  readonly file: string;
  readonly split: string;
  /** Document of the shard, from 0. */
  readonly row: number;
  /** Position of its first token in the shard. */
  readonly firstToken: number;
  readonly tokens: number;
}

export async function explainDocument(store: Store, name: string): Promise<Explanation> {
  const build = await openBuild(store, await requireManifest(store));
  const id = await findId(build, name);
  const partition = partitionOf(id, build.state.rows.get(acquireStep)!.size);
  const steps = [];
  for (const step of build.rowSteps) {
    const [row] = await rowsOf(build, build.state.rows.get(step)?.get(partition), id);
    if (row) steps.push({ step, columns: row });
  }
  const tables: Record<string, Readonly<Record<string, Value>>[]> = {};
  for (const table of [...build.state.tables.keys()].sort()) {
    const rows = await rowsOf(build, tablePart(build, table, partition), id);
    if (rows.length > 0) tables[table] = rows;
  }
  const cluster = await clusterOf(build, id);
  const shards = await findShards(store, build, id);
  return { id, build: build.manifest.build, steps, tables, cluster, shards };
}

/** The id itself, that of a URL, or of the item at `<source>/<path>`. */
export async function findId(build: OpenBuild, name: string): Promise<string> {
  const direct = /^[0-9a-f]{32}$/.test(name) ? name : documentId({ name: '', url: name });
  const parts = build.state.rows.get(acquireStep)!;
  const part = parts.get(partitionOf(direct, parts.size));
  if (part && part.rows > 0 && (await openPart(build.store, part).get([direct], [])).length > 0)
    return direct;
  for (const entry of parts.values()) {
    if (entry.rows === 0) continue;
    for await (const row of openPart(build.store, entry).readRows([
      'url',
      'canonicalUrl',
      'sourceName',
      'path',
      'item',
    ])) {
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

async function rowsOf(
  build: OpenBuild,
  entry: PartEntry | undefined,
  id: string,
): Promise<Record<string, Value>[]> {
  if (!entry || entry.rows === 0 || entry.columns.id === undefined) return [];
  const part = openPart(build.store, entry);
  const { key, columns } = await part.footer();
  if (key !== 'id') return [];
  const rows = await part.get(
    [id],
    columns.map((column) => column.name),
  );
  return rows.map((row) => shorten(row));
}

const shownCharacters = 200;

function shorten(row: Row): Record<string, Value> {
  const shown: Record<string, Value> = {};
  for (const [name, value] of Object.entries(row)) {
    if (value === undefined || name === 'id') continue;
    if (value instanceof Uint8Array) shown[name] = `${value.length} bytes`;
    else if (typeof value === 'string' && value.length > shownCharacters) {
      shown[name] = `${value.slice(0, shownCharacters)}… (${value.length} characters)`;
    } else shown[name] = value;
  }
  return shown;
}

async function findShards(store: Store, build: OpenBuild, id: string): Promise<DocumentShard[]> {
  const found: DocumentShard[] = [];
  for (const path of Object.keys(build.manifest.current)) {
    if (!path.endsWith('/index.json')) continue;
    const folder = path.slice(0, -'index.json'.length);
    const tokens = await openTokens(folderOf(store, folder)).catch((error: unknown) => {
      if (error instanceof DataError && error.code === 'tokens-index-damaged') return undefined;
      throw error;
    });
    const place = tokens && (await findDocument(tokens, id));
    if (place) {
      found.push({
        folder,
        file: place.shard.file,
        split: place.shard.split,
        row: place.row,
        firstToken: place.start,
        tokens: place.tokens,
      });
    }
    await tokens?.close();
  }
  return found;
}
