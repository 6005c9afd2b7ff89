import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom, type Row } from '@gristmill/core';
import { createPartWriter, type StoredPart } from '@gristmill/shards';
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
