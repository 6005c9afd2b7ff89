import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parquetReadObjects } from 'hyparquet';
import { createRandom, sha256, shuffle, type Row } from '@gristmill/core';
import {
  createGroupCutter,
  createPartWriter,
  cutGroups,
  groupSpans,
  mergeGroups,
  openPart,
  openTable,
  partitionOf,
  sameColumns,
} from '@gristmill/shards';
import { collect, definition, makeRow, makeRows, makeStore, writePart } from './table-fixtures.ts';
import { zstdDecompressSync } from 'node:zlib';

let place: Awaited<ReturnType<typeof makeStore>>;
beforeAll(async () => {
  place = await makeStore();
});
afterAll(() => place.remove());
const columns = definition.columns.map(({ name }) => name);

describe('a part', () => {
  it('gives back every value of every type, lone surrogates replaced', async () => {
    const rows = makeRows(100);
    rows[3] = { ...rows[3], text: 'a\ud800b', score: -0, facts: null as never };
    const part = await writePart(place.store, 'types', rows);
    const read = await collect(part.readRows(columns));
    expect(read.map(normal)).toEqual(
      rows.map((row, i) => normal(i === 3 ? { ...row, text: 'a\ufffdb' } : row)),
    );
  });

  it('is a Parquet file that hyparquet reads by itself', async () => {
    const rows = makeRows(50);
    await writePart(place.store, 'plain.parquet', rows);
    const file = await readFile(join(place.folder, 'plain.parquet'));
    const read = await parquetReadObjects({
      file: {
        byteLength: file.length,
        slice: (from, to) =>
          file.buffer.slice(file.byteOffset + from, file.byteOffset + (to ?? file.length)) as ArrayBuffer,
      },
      compressors: { ZSTD: (input) => zstdDecompressSync(input) },
    });
    const plain = ({ id, text, count, score, kept }: Record<string, unknown>) => [
      id,
      // hyparquet drops a byte order mark at the start of a value; pyarrow (table.slow.test.ts) does not.
      (text as string | null | undefined)?.replace(/^\ufeff+/, ''),
      count,
      score ?? undefined,
      kept,
    ];
    expect(read.map(plain)).toEqual(rows.map(plain));
  });

  it('has the same bytes whatever the batches it was written in', async () => {
    const rows = makeRows(300);
    const one = await writePart(place.store, 'streamed', rows);
    const writer = createPartWriter(definition, await place.store.writer('by-group'));
    for (const { prefix, start, end } of cutGroups(
      rows.map(({ id }) => id),
      8,
    )) {
      const slice = rows.slice(start, end);
      await writer.writeGroup(prefix, {
        rows: slice.length,
        keys: slice.map(({ id }) => id),
        columns: Object.fromEntries(columns.map((name) => [name, slice.map((row) => row[name])])),
      });
    }
    expect((await writer.finish()).sha256).toBe(one.entry.sha256);
  });

  it('copied by row group has the bytes of one written anew', async () => {
    const part = await writePart(place.store, 'original', makeRows(200));
    const writer = createPartWriter(definition, await place.store.writer('copy'));
    const count = (await part.footer()).groups.length;
    for (const group of await part.storedGroups(0, 3)) await writer.copyGroup(group);
    for (let i = 3; i < 5; i++)
      await writer.writeGroup((await part.footer()).groups[i].prefix, await part.readGroup(i, columns));
    for (const group of await part.storedGroups(5, count - 5)) await writer.copyGroup(group);
    const copy = await writer.finish();
    expect(copy.sha256).toBe(part.entry.sha256);
    expect(copy.columns).toEqual(part.entry.columns);
  });

  it('gives bytes as plain arrays, whose slice is a copy', async () => {
    const part = await writePart(place.store, 'bytes', makeRows(20));
    const values = (await collect(part.readRows(['bytes']))).flatMap(
      (row) => row.bytes ?? [],
    ) as Uint8Array[];
    expect(values.length).toBeGreaterThan(5);
    expect(values.filter((value) => value.constructor !== Uint8Array)).toEqual([]);
  });

  it('of no rows is readable', async () => {
    const part = await writePart(place.store, 'empty', []);
    expect(await collect(part.batches(columns))).toEqual([]);
    expect(part.rows).toBe(0);
  });

  it('refuses rows out of order, twice the same id, and values of another type, naming the column', async () => {
    const [a, b] = makeRows(2);
    await expect(writePart(place.store, 'x1', [b, a])).rejects.toMatchObject({ code: 'rows-out-of-order' });
    await expect(writePart(place.store, 'x2', [a, a])).rejects.toMatchObject({ code: 'rows-out-of-order' });
    await expect(writePart(place.store, 'x3', [{ ...a, count: 1.5 }])).rejects.toThrow(
      'column count is int32',
    );
    await expect(writePart(place.store, 'x4', [{ ...a, kept: undefined }])).rejects.toMatchObject({
      code: 'missing-column-value',
    });
  });

  it('finds rows by id and by prefix', async () => {
    const rows = makeRows(300);
    const part = await writePart(place.store, 'find', rows);
    const wanted = [rows[5].id, rows[200].id, 'f'.repeat(32)];
    expect((await part.get(wanted, ['count'])).map(({ id, count }) => [id, count])).toEqual([
      [rows[5].id, rows[5].count],
      [rows[200].id, rows[200].count],
    ]);
    const under = await collect(part.readRows(['count'], { prefix: 'a' }));
    expect(under.map(({ id }) => id)).toEqual(rows.map(({ id }) => id).filter((id) => id.startsWith('a')));
  });

  it('keyed by something that repeats keeps all rows in the order written', async () => {
    const table = {
      name: 'bands',
      key: 'digest',
      groupRows: 4,
      columns: [{ name: 'n', type: 'int32' as const }],
    };
    const rows = Array.from({ length: 50 }, (_, n) => ({
      id: '',
      digest: n < 20 ? '0a' : n < 45 ? '7b' : 'ff',
      n,
    }));
    const part = await writePart(place.store, 'bands', rows, table);
    expect((await collect(part.readRows(['n']))).map(({ n }) => n)).toEqual(rows.map(({ n }) => n));
    expect(await collect(part.readRows(['n'], { prefix: 'ff' }))).toHaveLength(5);
  });
});

describe('damage to a part', () => {
  it('is never read as data, wherever the byte lies', async () => {
    const part = await writePart(place.store, 'whole', makeRows(60));
    const bytes = await readFile(join(place.folder, 'whole'));
    const good = JSON.stringify((await collect(part.readRows(columns))).map(normal));
    const random = createRandom(7);
    for (let i = 0; i < 150; i++) {
      const damaged = Buffer.from(bytes);
      damaged[Math.floor(random() * bytes.length)] ^= 1 << Math.floor(random() * 8);
      await writeFile(join(place.folder, 'whole'), damaged);
      const reading = collect(openPart(place.store, part.entry).readRows(columns));
      const outcome = await reading.then(
        (rows) => JSON.stringify(rows.map(normal)),
        (error: { code: string }) => error.code,
      );
      expect(['part-damaged', good]).toContain(outcome);
    }
  });

  it('says when it is cut short or gone, with a hint', async () => {
    const part = await writePart(place.store, 'torn', makeRows(60));
    const bytes = await readFile(join(place.folder, 'torn'));
    await writeFile(join(place.folder, 'torn'), bytes.subarray(0, 1000));
    await expect(collect(openPart(place.store, part.entry).readRows([]))).rejects.toThrow(
      '1000 bytes instead of',
    );
    await place.store.remove('torn');
    await expect(collect(openPart(place.store, part.entry).readRows([]))).rejects.toMatchObject({
      code: 'part-damaged',
    });
  });

  it('a newer format says so', async () => {
    const part = await writePart(place.store, 'newer', makeRows(1));
    const text = (await readFile(join(place.folder, 'newer')))
      .toString('latin1')
      .replace('"version":2', '"version":9');
    await writeFile(join(place.folder, 'newer'), text, 'latin1');
    const footer = sha256(Buffer.from(text, 'latin1').subarray(-footerLength(text))).slice(0, 32);
    await expect(openPart(place.store, { ...part.entry, footer }).footer()).rejects.toMatchObject({
      code: 'table-version',
      message: expect.stringContaining('newer') as string,
    });
  });
});

describe('row groups', () => {
  it.each([1, 7, 8, 9, 100, 1000])(
    'hold at most the limit, cover all rows, and are the same streamed: %d rows',
    (count) => {
      const keys = makeRows(count).map(({ id }) => id);
      const groups = cutGroups(keys, 8);
      expect(groups.every(({ start, end }) => end - start <= 8 && end > start)).toBe(true);
      expect(groups.map(({ start }) => start)).toEqual([0, ...groups.slice(0, -1).map(({ end }) => end)]);
      const cutter = createGroupCutter(8);
      const streamed = [...keys.flatMap((key) => cutter.add(key)), ...cutter.finish()];
      expect(streamed).toEqual(groups.map(({ prefix, start, end }) => ({ prefix, rows: end - start })));
    },
  );

  it.each([9, 100, 1000])(
    'of a wider table follow from those of a narrower one without the keys: %d rows',
    (count) => {
      const keys = makeRows(count).map(({ id }) => id);
      const narrow = cutGroups(keys, 8).map(({ prefix, start, end }) => ({ prefix, rows: end - start }));
      expect(mergeGroups(narrow, 64)).toEqual(cutGroups(keys, 64));
      expect(mergeGroups(narrow, 8)).toEqual(cutGroups(keys, 8));
    },
  );

  it('of two sets differ only where the sets differ', () => {
    const rows = makeRows(2000);
    const prefixes = (all: Row[]) =>
      new Set(
        cutGroups(
          all.map(({ id }) => id),
          8,
        ).map(({ prefix }) => prefix),
      );
    const more = prefixes([...rows, makeRow(99_999)].sort((a, b) => (a.id < b.id ? -1 : 1)));
    const before = prefixes(rows);
    expect([...more].filter((prefix) => !before.has(prefix)).length).toBeLessThanOrEqual(2);
  });
});

describe('changes between two parts', () => {
  it('are the rows that were added, removed or changed in the chosen columns', async () => {
    const old = makeRows(500);
    const random = createRandom(3);
    const picked = shuffle([...old], random);
    const [removed, changed, elsewhere] = [picked.slice(0, 5), picked.slice(5, 12), picked.slice(12, 20)].map(
      (rows) => new Set(rows.map(({ id }) => id)),
    );
    const added = makeRows(6, 10_000);
    const now = [...old.filter(({ id }) => !removed.has(id)), ...added]
      .map((row) =>
        changed.has(row.id) ? { ...row, text: 'new' } : elsewhere.has(row.id) ? { ...row, count: 1 } : row,
      )
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const [before, after] = [
      await writePart(place.store, 'before', old),
      await writePart(place.store, 'after', now),
    ];
    const found = await collect(after.changes(before, ['text', 'kept']));
    const expected = [
      ...[...removed].map((key) => ({ key, kind: 'removed' })),
      ...[...changed].map((key) => ({ key, kind: 'changed' })),
      ...added.map(({ id }) => ({ key: id, kind: 'added' })),
    ].sort((a, b) => (a.key < b.key ? -1 : 1));
    expect(found).toEqual(expected);
    expect(await collect(after.changes(undefined, []))).toHaveLength(now.length);
    const [b, a] = [await before.footer(), await after.footer()];
    const spans = [...groupSpans(b.groups, a.groups, sameColumns(b, a, ['text']))];
    expect(spans.flatMap(({ current }) => current)).toEqual(a.groups.map((_, i) => i));
    expect(spans.flatMap(({ previous }) => previous)).toEqual(b.groups.map((_, i) => i));
  });
});

it('a table finds rows in all its parts', async () => {
  const rows = makeRows(100);
  const entries = [];
  for (let partition = 0; partition < 4; partition++) {
    const own = rows.filter(({ id }) => partitionOf(id, 4) === partition);
    entries.push({ ...(await writePart(place.store, `part-${partition}`, own)).entry, partition });
  }
  const table = openTable(place.store, entries, 4);
  const found = await table.get([rows[1].id, rows[99].id, rows[50].id], ['count']);
  expect(new Set(found.map(({ count }) => count))).toEqual(
    new Set([rows[1].count, rows[99].count, rows[50].count]),
  );
});

/** Bytes of the footer that Gristmill reads: its JSON, whose length stands 31 bytes from the end, and what follows. */
function footerLength(file: string): number {
  return Number(file.slice(-31, -21)) + 51;
}

/** Bytes as plain numbers, absent values absent. */
function normal(row: Row): object {
  const entries = Object.entries(row).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value instanceof Uint8Array ? [...value] : value]),
  );
}
