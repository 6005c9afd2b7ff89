// Seeded tables for the tests of parts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, sha256, type Row } from '@gristmill/core';
import {
  createPartWriter,
  openPart,
  type PartEntry,
  type StoredPart,
  type TableDefinition,
} from '@gristmill/shards';
import { openDiskStore, type Store } from '@gristmill/storage';

export const definition: TableDefinition = {
  name: 'documents',
  groupRows: 8,
  columns: [
    { name: 'text', type: 'string', optional: true },
    { name: 'count', type: 'int32' },
    { name: 'score', type: 'float64', optional: true },
    { name: 'kept', type: 'boolean' },
    { name: 'bytes', type: 'bytes', optional: true },
    { name: 'facts', type: 'json', optional: true },
    /** As most optional columns of a table, it has no value. */
    { name: 'absent', type: 'string', optional: true },
  ],
};

const alphabet = ['the ', 'quick ', 'brown ', 'fox ', 'ü', '𝄞', '\ufeff', '\n', 'jumps '];

/** Rows 0 … count−1, each a function of its number, sorted by id. */
export function makeRows(count: number, from = 0): Row[] {
  return Array.from({ length: count }, (_, i) => makeRow(from + i)).sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function makeRow(number: number): Row {
  const random = createRandom(number);
  const words = Array.from(
    { length: Math.floor(random() * 200) },
    () => alphabet[Math.floor(random() * alphabet.length)],
  );
  const sparse = <T>(value: T) => (random() < 0.8 ? value : undefined);
  return {
    id: sha256(`row ${number}`).slice(0, 32),
    text: sparse(words.join('')),
    count: Math.floor(random() * 2 ** 32) - 2 ** 31,
    score: sparse(random() * 1e9),
    kept: random() < 0.5,
    bytes: sparse(Uint8Array.from(words, (_, i) => (i * 37) & 255)),
    facts: sparse({ a: [number, null, 'x'], b: { c: random() < 0.5 } }),
  };
}

export async function makeStore(): Promise<{ store: Store; folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-table-'));
  return {
    store: openDiskStore({ root: folder }),
    folder,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function writePart(
  store: Store,
  path: string,
  rows: readonly Row[],
  table = definition,
): Promise<StoredPart> {
  const writer = createPartWriter(table, await store.writer(path));
  try {
    await writer.writeAll(rows);
  } catch (error) {
    await writer.abort();
    throw error;
  }
  const entry: PartEntry = { path, partition: 0, ...(await writer.finish()) };
  return openPart(store, entry);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
