import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { exportTexts, type ExportRow } from '@gristmill/shards';
import { columns, makeExportRows, plainRows, stream } from './text-export-rows.ts';
import { temporaryFolder } from './token-fixture.ts';

const rows = makeExportRows(300);
const unpack = {
  plain: (bytes: Uint8Array) => bytes,
  gzip: (bytes: Uint8Array) => gunzipSync(bytes),
  zstd: (bytes: Uint8Array) => zstdDecompressSync(bytes),
};

async function readLines(folder: string, codec: keyof typeof unpack): Promise<unknown[]> {
  const lines: unknown[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const text = Buffer.from(unpack[codec](await readFile(join(folder, name)))).toString();
    expect(text.endsWith('\n')).toBe(true);
    lines.push(
      ...text
        .slice(0, -1)
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    );
  }
  return lines;
}

async function readParquet(folder: string): Promise<ExportRow[]> {
  const found: ExportRow[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const bytes = await readFile(join(folder, name));
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const compressors = {
      GZIP: (input: Uint8Array) => gunzipSync(input),
      ZSTD: (input: Uint8Array) => zstdDecompressSync(input),
    };
    found.push(...((await parquetReadObjects({ file, compressors })) as ExportRow[]));
  }
  return found.map((row) => JSON.parse(JSON.stringify(row, dropNull)) as ExportRow);
}

const dropNull = (_: string, value: unknown) => (value === null ? undefined : value);

describe('an export of texts', () => {
  test('is one plain file of JSON lines unless told otherwise', async () => {
    await using folder = await temporaryFolder();
    const files = await exportTexts(folder.path, stream(rows), { format: 'jsonl', columns });
    expect(files).toEqual([
      { path: 'documents.jsonl', bytes: (await stat(join(folder.path, 'documents.jsonl'))).size },
    ]);
    expect(await readLines(folder.path, 'plain')).toEqual(plainRows(rows));
  });

  const limits = [undefined, 100_000, 30_000];
  const cases = limits.flatMap((limit) =>
    (['plain', 'gzip', 'zstd'] as const).map((codec) => ({ codec, limit })),
  );
  test.each(cases)(
    'in JSON lines, $codec, of at most $limit bytes a file, reads back',
    async ({ codec, limit }) => {
      await using folder = await temporaryFolder();
      const compress = codec === 'plain' ? undefined : codec;
      const options = { format: 'jsonl', columns, compress, maxFileSize: limit } as const;
      const files = await exportTexts(folder.path, stream(rows), options);
      expect(await readLines(folder.path, codec)).toEqual(plainRows(rows));
      const ending = { plain: '', gzip: '.gz', zstd: '.zst' }[codec];
      const first = limit === undefined ? `documents.jsonl${ending}` : `documents-00000.jsonl${ending}`;
      expect(files[0].path).toBe(first);
      for (const { bytes } of files) expect(bytes).toBeLessThanOrEqual(limit ?? Infinity);
      if (limit !== undefined) {
        expect(files.length).toBeGreaterThan(1);
        // A file ends where the next document might not fit: the longest here has 20,000 letters of up to 6 bytes.
        const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
        if (limit === 100_000) expect(files.length).toBeLessThan(total / 50_000 + 2);
      }
    },
  );

  test.each(cases)(
    'in Parquet, $codec, of at most $limit bytes a file, reads back',
    async ({ codec, limit }) => {
      await using folder = await temporaryFolder();
      const compress = codec === 'plain' ? undefined : codec;
      const options = { format: 'parquet', columns, compress, maxFileSize: limit } as const;
      const files = await exportTexts(folder.path, stream(rows), options);
      expect(await readParquet(folder.path)).toEqual(plainRows(rows));
      if (limit === 100_000) for (const { bytes } of files) expect(bytes).toBeLessThanOrEqual(limit);
    },
  );

  test('gives a document that is larger than the limit a file of its own', async () => {
    await using folder = await temporaryFolder();
    const options = { format: 'jsonl', columns, maxFileSize: 1000 } as const;
    const large = [rows[0], rows[3], rows[4]];
    expect(JSON.stringify(rows[3]).length).toBeGreaterThan(1000);
    const files = await exportTexts(folder.path, stream(large), options);
    expect(files).toHaveLength(3);
    expect(await readLines(folder.path, 'plain')).toEqual(plainRows(large));
  });

  test('of nothing is a file without rows that opens', async () => {
    await using folder = await temporaryFolder();
    await exportTexts(folder.path, stream([]), { format: 'parquet', columns });
    expect(await readParquet(folder.path)).toEqual([]);
  });
});

describe('what stands in the folder', () => {
  test('is refused, also under another compression, and replaced as a whole with force', async () => {
    await using folder = await temporaryFolder();
    const options = { format: 'jsonl', columns } as const;
    await exportTexts(folder.path, stream(rows), { ...options, compress: 'gzip', maxFileSize: 50_000 });
    await writeFile(join(folder.path, 'notes.txt'), 'mine');
    await expect(exportTexts(folder.path, stream(rows), options)).rejects.toMatchObject({
      code: 'export-exists',
    });
    await exportTexts(folder.path, stream(rows.slice(0, 5)), { ...options, force: true });
    expect((await readdir(folder.path)).sort()).toEqual(['documents.jsonl', 'notes.txt']);
    await exportTexts(folder.path, stream(rows), { ...options, format: 'parquet' });
  });

  test('stays as it is when an export with force fails, and nothing is left of that', async () => {
    await using folder = await temporaryFolder();
    for (const format of ['jsonl', 'parquet'] as const) {
      await exportTexts(folder.path, stream(rows.slice(0, 3)), { format, columns });
      const before = await readFile(join(folder.path, `documents.${format}`));
      const broken = async function* () {
        yield* rows.slice(0, 100);
        throw new Error('the corpus is damaged');
      };
      const options = { format, columns, force: true, maxFileSize: 20_000 };
      await expect(exportTexts(folder.path, broken(), options)).rejects.toThrow('the corpus is damaged');
      expect(await readFile(join(folder.path, `documents.${format}`))).toEqual(before);
    }
    expect((await readdir(folder.path)).sort()).toEqual(['documents.jsonl', 'documents.parquet']);
  });

  test('a place that is no folder is one sentence', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'file'), 'x');
    const place = join(folder.path, 'file');
    await expect(exportTexts(place, stream(rows), { format: 'jsonl', columns })).rejects.toMatchObject({
      code: 'not-writable',
    });
  });
});

test('writing many megabytes leaves no listener behind', async () => {
  await using folder = await temporaryFolder();
  const warnings: string[] = [];
  const listen = ({ name }: Error) => void warnings.push(name);
  process.on('warning', listen);
  try {
    const long = async function* () {
      for (let i = 0; i < 60; i++) yield { id: String(i), text: 'x'.repeat(200_000) };
    };
    for (const compress of [undefined, 'gzip', 'zstd'] as const)
      await exportTexts(join(folder.path, compress ?? 'plain'), long(), {
        format: 'jsonl',
        columns,
        compress,
      });
    await new Promise(setImmediate);
  } finally {
    process.off('warning', listen);
  }
  expect(warnings).toEqual([]);
});
