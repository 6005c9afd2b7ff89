import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom, type Row } from '@gristmill/core';
import { createPartWriter, openPart, type StoredPart, type TableDefinition } from '@gristmill/shards';
import { collect, definition, makeRow, makeRows, makeStore, writePart } from './table-fixtures.ts';

let place: Awaited<ReturnType<typeof makeStore>>;
beforeAll(async () => {
  place = await makeStore();
});
afterAll(() => place.remove());

/** The rows after some were changed, added and removed, by a seed. */
function edit(rows: readonly Row[], seed: number, share: number) {
  const random = createRandom(seed);
  const removed = new Set<string>();
  const added: Row[] = [];
  for (const [i, row] of rows.entries()) {
    const dice = random() / share;
    if (dice < 2) removed.add(row.id);
    if (dice < 1) added.push({ ...makeRow(seed * 1000 + i), id: row.id });
  }
  for (let i = 0; i < rows.length * share; i++) added.push(makeRow(seed * 100_000 + i));
  added.sort((a, b) => (a.id < b.id ? -1 : 1));
  const kept = rows.filter(({ id }) => !removed.has(id));
  return { removed, added, after: [...kept, ...added].sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

async function patchPart(name: string, old: StoredPart, { removed, added }: ReturnType<typeof edit>) {
  const writer = createPartWriter(definition, await place.store.writer(name));
  const byId = new Map(added.map((row) => [row.id, row]));
  await writer.patch(old, {
    removed,
    added: [...byId.keys()],
    rows: (keys) => keys.map((key) => byId.get(key)!),
  });
  return writer.finish();
}

describe('a patched part', () => {
  it('has the bytes of one written from nothing, few or many rows changed', async () => {
    let rows = makeRows(120);
    let old = await writePart(place.store, 'start', rows);
    for (const [i, share] of [0.01, 0.1, 0, 1].entries()) {
      const edited = edit(rows, i + 7, share);
      const fresh = await writePart(place.store, `fresh-${i}`, edited.after);
      const patched = await patchPart(`patched-${i}`, old, edited);
      expect(patched).toEqual({ ...fresh.entry, path: undefined, partition: undefined });
      rows = edited.after;
      old = fresh;
    }
  });

  it('may begin empty and end empty', async () => {
    const rows = makeRows(40);
    const empty = await writePart(place.store, 'empty', []);
    const full = await writePart(place.store, 'full', rows);
    const none = { removed: new Set(rows.map(({ id }) => id)), added: [], after: [] };
    expect((await patchPart('emptied', full, none)).sha256).toBe(empty.entry.sha256);
    const all = { removed: new Set<string>(), added: rows, after: rows };
    expect((await patchPart('filled', empty, all)).sha256).toBe(full.entry.sha256);
  });

  it('may have a key of many rows, all of which go and come together', async () => {
    const pairs: TableDefinition = {
      name: 'pairs',
      key: 'a',
      groupRows: 8,
      columns: [{ name: 'b', type: 'int32' }],
    };
    const random = createRandom(5);
    const keys = Array.from({ length: 60 }, (_, i) => makeRow(i).id).sort();
    const rowsOf = (key: string): Row[] => {
      const count = random() < 0.2 ? 9 + Math.floor(random() * 20) : 1 + Math.floor(random() * 3);
      return Array.from(
        { length: count },
        () => ({ a: key, b: Math.floor(random() * 1e6) }) as unknown as Row,
      );
    };
    const write = (name: string, rows: ReadonlyMap<string, readonly Row[]>) =>
      writePart(
        place.store,
        name,
        [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, own]) => own),
        pairs,
      );
    let rows = new Map(keys.filter((_, i) => i % 3 > 0).map((key) => [key, rowsOf(key)]));
    let old = await write('pairs-0', rows);
    for (let round = 1; round < 12; round++) {
      const edited = keys.filter(() => random() < [0.05, 0.3, 1][round % 3]);
      const after = new Map([...rows].filter(([key]) => !edited.includes(key)));
      for (const key of edited) if (random() < 0.6) after.set(key, rowsOf(key));
      const fresh = await write(`pairs-${round}`, after);
      const writer = createPartWriter(pairs, await place.store.writer(`patched-pairs-${round}`));
      const added = edited.filter((key) => after.has(key));
      const stayed = await writer.patch(old, {
        removed: new Set(edited),
        added,
        rows: (wanted) => wanted.flatMap((key) => after.get(key)!),
      });
      expect((await writer.finish()).sha256).toBe(fresh.entry.sha256);
      expect(stayed).toBe(fresh.rows - added.reduce((sum, key) => sum + after.get(key)!.length, 0));
      [rows, old] = [after, fresh];
    }
  });

  it('is told apart from the part that it was made of as two parts that were written from nothing are', async () => {
    let rows = makeRows(150);
    const names = definition.columns.map(({ name }) => name);
    for (let round = 0; round < 8; round++) {
      const random = createRandom(round + 50);
      const old = await writePart(place.store, `known-old-${round}`, rows);
      const edited = edit(rows, round + 90, [0.02, 0.15, 0.7][round % 3]);
      // Some of the changed rows differ in few columns or in none.
      for (const [i, row] of edited.added.entries()) {
        const before = rows.find(({ id }) => id === row.id);
        if (before) edited.added[i] = { ...before, ...(random() < 0.7 && { count: i, score: undefined }) };
      }
      const after = new Map(
        [...rows.filter(({ id }) => !edited.removed.has(id)), ...edited.added].map((row) => [row.id, row]),
      );
      const entry = await patchPart(`known-${round}`, old, edited);
      const now = openPart(place.store, { ...entry, path: `known-${round}`, partition: 0 });
      for (const columns of [names, ['count'], ['text', 'facts'], []]) {
        const spell = (row: Row | undefined) => row && JSON.stringify(columns.map((name) => row[name]));
        const before = new Map(rows.map((row) => [row.id, row]));
        const expected = [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((key) => {
          const [a, b] = [spell(before.get(key)), spell(after.get(key))];
          if (a === b) return [];
          return [{ key, kind: a === undefined ? 'added' : b === undefined ? 'removed' : 'changed' }];
        });
        expect(await collect(now.changes(old, columns))).toEqual(expected);
      }
      rows = [...after.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    }
  });

  it('gives its columns as bytes', async () => {
    const rows = makeRows(50);
    const part = await writePart(place.store, 'pages', rows);
    const counts: unknown[] = [];
    for await (const { rows: own, pages } of part.pages(['count', 'none'])) {
      expect(pages.none).toBeUndefined();
      for (let row = 0; row < own; row++) {
        const { plain, starts } = pages.id!;
        const id = plain.toString('latin1', starts[row] + 4, starts[row + 1]);
        counts.push([id, pages.count!.plain.readInt32LE(pages.count!.starts[row])]);
      }
    }
    expect(counts).toEqual(rows.map(({ id, count }) => [id, count]));
  });

  it('is told apart from the earlier part row by row, by the columns that are asked for', async () => {
    const rows = makeRows(200);
    const after = rows.map((row, i) => (i % 90 === 4 ? { ...row, count: 77_000 + i } : row));
    const [old, now] = [
      await writePart(place.store, 'before', rows),
      await writePart(place.store, 'after', after),
    ];
    const changed = await collect(now.changes(old, ['text', 'count']));
    expect(changed.map(({ key }) => key)).toEqual([4, 94, 184].map((i) => rows[i].id));
    expect(await collect(now.changes(old, ['text', 'score']))).toEqual([]);
  });
});
