import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { tableFromIPC } from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { exportTokens, openTokens, writeTokenShards, type Tokens } from '@gristmill/shards';
import { endOfText, randomDocuments, temporaryFolder } from './token-fixture.ts';

async function withExport(
  format: string,
  work: (folder: string, documents: number[][], ids: string[], tokens: Tokens) => Promise<void>,
  wide = false,
): Promise<void> {
  await using folder = await temporaryFolder();
  const vocabSize = wide ? 100_000 : 1000;
  const documents = randomDocuments({ documents: 60, maxTokens: 40, vocabSize: wide ? 99_000 : endOfText });
  await writeTokenShards(join(folder.path, 'in'), documents, { vocabSize, endOfText, shardBytes: 2000 });
  const tokens = await openTokens(join(folder.path, 'in'));
  const [rows, ids]: [number[][], string[]] = [[], []];
  for (const shard of tokens.index.shards.filter(({ split }) => split === 'train')) {
    for await (const document of tokens.documents(shard)) {
      rows.push([...document.tokens]);
      ids.push(document.id);
    }
  }
  await exportTokens(tokens, format, join(folder.path, 'out'));
  await work(join(folder.path, 'out'), rows, ids, tokens);
  await tokens.close();
}

const ints = (bytes: Buffer, at: number, length: number) =>
  Array.from({ length }, (_, i) => bytes.readInt32LE(at + 4 * i));
const shorts = (bytes: Buffer, at = 0) =>
  Array.from({ length: (bytes.length - at) / 2 }, (_, i) => bytes.readUInt16LE(at + 2 * i));

describe('exported tokens', () => {
  test('for nanoGPT are the documents end to end, 16 bits each, and refuse a larger vocabulary', async () => {
    await withExport('nanogpt', async (folder, documents) => {
      expect(shorts(await readFile(join(folder, 'train.bin')))).toEqual(documents.flat());
      expect((await readFile(join(folder, 'val.bin'))).length).toBeGreaterThan(0);
    });
    await expect(withExport('nanogpt', async () => {}, true)).rejects.toMatchObject({
      code: 'export-vocabulary',
    });
  });

  test('for llm.c have its header, and documents that begin with end-of-text', () =>
    withExport('llm.c', async (folder, documents) => {
      const bytes = await readFile(join(folder, 'tokens_train_000000.bin'));
      const flat = documents.flatMap((document) => [endOfText, ...document.slice(0, -1)]);
      expect(ints(bytes, 0, 3)).toEqual([20240520, 1, flat.length]);
      expect(shorts(bytes, 1024)).toEqual(flat);
    }));

  test('for Megatron have an index of lengths, positions and documents', () =>
    withExport('megatron', async (folder, documents) => {
      const index = await readFile(join(folder, 'train.idx'));
      expect(index.subarray(0, 9).toString('latin1')).toBe('MMIDIDX\0\0');
      expect([index.readBigUInt64LE(9), index[17], index.readBigUInt64LE(18)]).toEqual([
        1n,
        8,
        BigInt(documents.length),
      ]);
      expect(ints(index, 34, documents.length)).toEqual(documents.map((document) => document.length));
      expect(shorts(await readFile(join(folder, 'train.bin')))).toEqual(documents.flat());
    }));

  test('as MDS hold a sample for each document at the offset that the shard names', () =>
    withExport(
      'mds',
      async (folder, documents, ids) => {
        const bytes = await readFile(join(folder, 'train/shard.00000.mds'));
        expect(bytes.readUInt32LE(0)).toBe(documents.length);
        documents.forEach((document, i) => {
          const [at, end] = [bytes.readUInt32LE(4 + 4 * i), bytes.readUInt32LE(8 + 4 * i)];
          expect(bytes.toString('utf8', at + 8, at + 40)).toBe(ids[i]);
          expect(ints(bytes, at + 40, (end - at - 40) / 4)).toEqual(document);
        });
      },
      true,
    ));

  test('for Hugging Face datasets are Arrow streams', () =>
    withExport('hf-datasets', async (folder, documents, ids) => {
      const state = JSON.parse(await readFile(join(folder, 'train/state.json'), 'utf8')) as {
        _data_files: { filename: string }[];
      };
      const rows: { id: string; input_ids: Iterable<number> }[] = [];
      for (const { filename } of state._data_files) {
        rows.push(
          ...(tableFromIPC(await readFile(join(folder, 'train', filename))).toArray() as typeof rows),
        );
      }
      expect(rows.map(({ id }) => id)).toEqual(ids);
      expect(rows.map(({ input_ids }) => [...input_ids])).toEqual(documents);
    }));

  test('as Parquet of ids are a row a document', () =>
    withExport(
      'parquet-ids',
      async (folder, documents, ids) => {
        const bytes = await readFile(join(folder, 'train.parquet'));
        const file = Uint8Array.from(bytes).buffer;
        const compressors = { ZSTD: (packed: Uint8Array) => zstdDecompressSync(packed) };
        const rows = await parquetReadObjects({ file, compressors });
        expect(rows.map(({ id }) => id as string)).toEqual(ids);
        expect(rows.map(({ tokens }) => tokens as number[])).toEqual(documents);
        expect(new Set(rows.map(({ source }) => source as string))).toEqual(new Set(['books', 'web']));
      },
      true,
    ));

  test('refuse an unknown format, and a folder that holds an export already', () =>
    withExport('nanogpt', async (folder, _, __, tokens) => {
      await expect(exportTokens(tokens, 'tfrecord', folder)).rejects.toMatchObject({ code: 'export-format' });
      await expect(exportTokens(tokens, 'nanogpt', folder)).rejects.toMatchObject({ code: 'export-exists' });
    }));
});
