import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPartWriter, toBatch, type PartEntry, type TableDefinition } from '@gristmill/shards';
import { openDiskStore, type Store } from '@gristmill/storage';
import { joinParts } from '../../libs/corpus/src/joined-part.ts';

let folder: string;
let store: Store;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gristmill-join-'));
  store = openDiskStore({ root: folder, sync: false });
});
afterAll(() => rm(folder, { recursive: true }));

const idOf = (number: number) => number.toString(16).padStart(64, '0');

async function write(name: string, numbers: readonly number[]): Promise<PartEntry> {
  const table: TableDefinition = { name, columns: [{ name, type: 'int32' }], groupRows: 64 };
  const path = `${name}.parquet`;
  const writer = createPartWriter(table, await store.writer(path));
  const rows = numbers.map((number) => ({ id: idOf(number), [name]: number }));
  await writer.writeGroup('', toBatch(table, rows), {});
  return { path, partition: 3, ...(await writer.finish()) };
}

async function read(...entries: readonly PartEntry[]): Promise<unknown[]> {
  const sources = entries.map((entry, index) => ({
    entry,
    columns: [[String(index), entry.path.slice(0, -8)]] as const,
  }));
  const rows: unknown[] = [];
  for await (const row of joinParts(store, 3, sources).readRows(entries.map((_, index) => String(index))))
    rows.push(row);
  return rows;
}

it('joins tables of the same documents, and refuses those of others', async () => {
  const [all, same] = [await write('all', [1, 2, 3]), await write('same', [1, 2, 3])];
  expect(await read(all, same)).toEqual(
    [1, 2, 3].map((number) => ({ id: idOf(number), 0: number, 1: number })),
  );
  const error = { code: 'rows-differ', message: expect.stringContaining('partition 3') as string };
  await expect(read(all, await write('other', [1, 2, 4]))).rejects.toMatchObject(error);
  await expect(read(all, await write('fewer', [1, 2]))).rejects.toMatchObject(error);
  await expect(read(await write('more', [1, 2, 3, 4]), same)).rejects.toMatchObject(error);
});
