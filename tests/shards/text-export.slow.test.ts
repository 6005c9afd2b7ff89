// Exports of texts as others read them: pyarrow, Hugging Face datasets, and Python's gzip.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exportTexts } from '@gristmill/shards';
import { findPython, runPython } from '../python/python.ts';
import { columns, makeExportRows, plainRows, stream } from './text-export-rows.ts';
import { temporaryFolder } from './token-fixture.ts';

const [pyarrow, datasets] = [findPython(['pyarrow']), findPython(['datasets'])];
const rows = makeExportRows(400, 11);
const plain = plainRows(rows);
const shapes = [undefined, 'gzip', 'zstd'] as const;

const readWithPyarrow = `
import json, sys, pyarrow.parquet as pq, pyarrow as pa
tables = [pq.read_table(path) for path in sys.argv[1:]]
print(json.dumps({'schema': str(tables[0].schema.field('signals').type), 'rows': pa.concat_tables(tables).to_pylist()}))
`;
const readWithDatasets = `
import json, sys, tempfile, datasets
datasets.disable_progress_bars()
rows = datasets.load_dataset(sys.argv[1], data_files=sys.argv[2:], split='train', cache_dir=tempfile.mkdtemp())
print(json.dumps(list(rows)))
`;

const filesOf = (folder: string) =>
  readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
/** Absent members are null in Arrow. */
const withoutNulls = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, member: unknown) => (member === null ? undefined : member)));

const roundNumbers = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, member: unknown) =>
      typeof member === 'number' ? Number(member.toFixed(8)) : member,
    ),
  );

it.skipIf(pyarrow === undefined).each(shapes)(
  'pyarrow reads Parquet with signals as a struct, %s (skipped where there is no pyarrow)',
  async (compress) => {
    await using folder = await temporaryFolder();
    await exportTexts(folder.path, stream(rows), {
      format: 'parquet',
      columns,
      compress,
      maxFileSize: 60_000,
    });
    const output = JSON.parse(runPython(pyarrow!, readWithPyarrow, filesOf(folder.path))) as {
      schema: string;
      rows: unknown;
    };
    expect(output.schema).toBe('struct<words: int32, share: double, script: string, long: bool>');
    expect(withoutNulls(output.rows)).toEqual(plain);
  },
);

it.skipIf(datasets === undefined).each(shapes)(
  'Hugging Face datasets loads JSON lines and Parquet, %s (skipped where there are no datasets)',
  async (compress) => {
    for (const format of ['jsonl', 'parquet'] as const) {
      await using folder = await temporaryFolder();
      await exportTexts(folder.path, stream(rows), { format, columns, compress, maxFileSize: 60_000 });
      const kind = format === 'jsonl' ? 'json' : 'parquet';
      const output = runPython(datasets!, readWithDatasets, [kind, ...filesOf(folder.path)]);
      // Its reader of JSON gives ten decimals of a number.
      expect(withoutNulls(roundNumbers(JSON.parse(output)))).toEqual(roundNumbers(plain));
    }
  },
);

it.skipIf(pyarrow === undefined)(
  'Python reads the compressed lines whole (skipped where there is no Python)',
  async () => {
    await using folder = await temporaryFolder();
    await exportTexts(folder.path, stream(rows), { format: 'jsonl', columns, compress: 'gzip' });
    const program =
      'import gzip, json, sys\nprint(json.dumps([json.loads(line) for line in gzip.open(sys.argv[1], "rt")]))';
    expect(JSON.parse(runPython(pyarrow!, program, filesOf(folder.path)))).toEqual(plain);
  },
);
