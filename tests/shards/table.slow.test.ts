import { afterAll, beforeAll, expect, it } from 'vitest';
import { join } from 'node:path';
import { findPython, runPython } from '../python/python.ts';
import { makeRows, makeStore, writePart } from './table-fixtures.ts';

const python = findPython(['pyarrow']);
let place: Awaited<ReturnType<typeof makeStore>>;
beforeAll(async () => {
  place = await makeStore();
});
afterAll(() => place.remove());

it.skipIf(python === undefined)(
  'pyarrow reads every value of a part (skipped where there is no pyarrow)',
  async () => {
    const rows = makeRows(200);
    await writePart(place.store, 'part.parquet', rows);
    const script = `
import json, sys, pyarrow.parquet as pq
rows = pq.read_table(sys.argv[1]).to_pylist()
print(json.dumps([[r["id"], r["text"], r["count"], r["score"], r["kept"], None if r["bytes"] is None else list(r["bytes"]), None if r["facts"] is None else json.loads(r["facts"])] for r in rows]))
`;
    const output = runPython(python!, script, [join(place.folder, 'part.parquet')]);
    expect(JSON.parse(output)).toEqual(
      rows.map((row) => [
        row.id,
        row.text ?? null,
        row.count,
        row.score ?? null,
        row.kept,
        row.bytes ? [...(row.bytes as Uint8Array)] : null,
        row.facts ?? null,
      ]),
    );
  },
);
