// Apache's own Parquet files, damaged ones included: rows or verdicts, never a crash.
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { folderImporter, readTar } from '@gristmill/import';
import { createImportFolder, reasonOf } from './import-folder.ts';

const data = '../shared/data/parquet-testing/parquet-testing.tar.gz';
/** A dictionary that is malformed, and two texts of a GiB each. */
const unread = ['nation.dict-malformed.parquet', 'large_string_map.brotli.parquet'];

test.skipIf(!existsSync(data))('73 files are read (they lie beside the project)', async () => {
  await using folder = await createImportFolder('web');
  const damaged: string[] = [];
  let files = 0;
  for await (const { path, content } of readTar(data)) {
    if (typeof content === 'string' || !path.endsWith('.parquet')) continue;
    files++;
    const name = path.split('/').at(-1)!;
    const items = await folder.items(folderImporter, name, content);
    expect(items.length, name).toBeGreaterThan(0);
    if (!path.includes('bad_data') && items.some((item) => reasonOf(item) === 'damaged')) damaged.push(name);
  }
  expect(files).toBe(73);
  expect(damaged.sort()).toEqual(unread.sort());
});
