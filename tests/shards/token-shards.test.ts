import { mkdir, readFile, readdir, truncate, writeFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { createRandom, shuffle } from '@gristmill/core';
import { openTokens, orderHash, planShards, writeTokenShards, type NewDocument } from '@gristmill/shards';
import { endOfText, randomDocuments, temporaryFolder } from './token-fixture.ts';

const options = { vocabSize: 1000, endOfText, seed: 3, shardBytes: 4000 };
const documents = randomDocuments({ documents: 200, maxTokens: 100 });

async function filesOf(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  return new Map(
    await Promise.all(
      names.map(async ({ name }): Promise<[string, string]> => [
        name,
        await readFile(join(folder, name), 'base64'),
      ]),
    ),
  );
}

describe('token shards', () => {
  test('give back every document, with an end-of-text token after it', async () => {
    await using folder = await temporaryFolder();
    const index = await writeTokenShards(folder.path, documents, options);
    const tokens = await openTokens(folder.path);
    const found = new Map<string, number[]>();
    for (const shard of index.shards) {
      for await (const document of tokens.documents(shard)) found.set(document.id, [...document.tokens]);
    }
    expect(found).toEqual(new Map(documents.map(({ id, tokens }) => [id, [...tokens, endOfText]])));
    expect(index.splits.train.documents + index.splits.validation.documents).toBe(200);
    expect(index.dtype).toBe('uint16');
    expect(index.shards.every((shard) => shard.tokens * 2 <= 4000)).toBe(true);
  });

  test('are Arrow files that apache-arrow reads, with sorted dictionaries and the buffers where the index says', async () => {
    await using folder = await temporaryFolder();
    const index = await writeTokenShards(folder.path, documents, options);
    const byId = new Map(documents.map((document) => [document.id, document]));
    for (const shard of index.shards) {
      const bytes = await readFile(join(folder.path, shard.file));
      const table = tableFromIPC(bytes);
      const flat = new Uint16Array(bytes.buffer.slice(bytes.byteOffset + shard.tokensAt), 0, shard.tokens);
      const ends = new Uint32Array(
        bytes.buffer.slice(bytes.byteOffset + shard.offsetsAt),
        0,
        shard.documents + 1,
      );
      const rows = table.toArray() as { id: Uint8Array; language: string | null; tokens: Iterable<number> }[];
      rows.forEach((row, i) => {
        const document = byId.get(Buffer.from(row.id).toString('hex'))!;
        expect(row.language ?? undefined).toBe(document.language);
        expect([...row.tokens]).toEqual([...document.tokens, endOfText]);
        expect([...flat.subarray(ends[i], ends[i + 1])]).toEqual([...row.tokens]);
      });
    }
  });

  test('are the same files for any order of the documents', async () => {
    await using one = await temporaryFolder();
    await using two = await temporaryFolder();
    await writeTokenShards(one.path, documents, options);
    await writeTokenShards(two.path, shuffle([...documents], createRandom(5)), options);
    expect(await filesOf(two.path)).toEqual(await filesOf(one.path));
  });

  test('hold 32-bit tokens when the vocabulary needs them', async () => {
    await using folder = await temporaryFolder();
    const wide = randomDocuments({ documents: 20, maxTokens: 50, vocabSize: 200_000 });
    const index = await writeTokenShards(folder.path, wide, { vocabSize: 200_001, endOfText: 200_000 });
    const tokens = await openTokens(folder.path);
    const read: number[] = [];
    for (const shard of index.shards)
      for await (const { tokens: found } of tokens.documents(shard)) read.push(...found);
    expect(read.length).toBe(wide.reduce((sum, document) => sum + document.tokens.length + 1, 0));
    expect(Math.max(...read)).toBe(200_000);
  });

  test('keep documents without tokens, and a corpus without documents', async () => {
    await using folder = await temporaryFolder();
    const empty: NewDocument = { id: 'ab'.repeat(16), split: 'train', source: 's', tokens: [] };
    const index = await writeTokenShards(folder.path, [empty], options);
    expect(index.shards[0].tokens).toBe(1);
    await using nothing = await temporaryFolder();
    expect((await writeTokenShards(nothing.path, [], options)).shards).toEqual([]);
  });
});

describe('the plan of shards', () => {
  test('splits one shard when a document comes in that no longer fits', () => {
    const grow = (count: number) =>
      planShards(
        Array.from({ length: count }, (_, i) => ({ id: i.toString(16).padStart(32, '0'), tokens: 10 })),
        { seed: 1, limitTokens: 200 },
      );
    for (let count = 1; count < 120; count++) {
      const [before, after] = [grow(count), grow(count + 1)].map(
        (plans) => new Set(plans.map((plan) => plan.prefix)),
      );
      const gone = [...before].filter((prefix) => !after.has(prefix));
      expect(gone.length).toBeLessThanOrEqual(1);
      for (const prefix of after)
        if (!before.has(prefix)) expect(prefix.startsWith(gone[0] ?? '')).toBe(true);
    }
  });

  test('puts a document above the limit alone and leaves the others where they are', () => {
    const small = Array.from({ length: 20 }, (_, i) => ({
      id: i.toString(16).padStart(32, '0'),
      tokens: 10,
    }));
    const large = { id: 'f'.repeat(32), tokens: 500 };
    const plans = planShards([...small, large], { seed: 1, limitTokens: 200 });
    expect(plans.map((plan) => plan.documents.length)).toEqual([1, 20]);
    expect(plans[0].prefix).toBe(orderHash(large.id, 1).toString(2).padStart(64, '0'));
  });
});

describe('a damaged folder', () => {
  test('is told by the shard and the documents that cannot be trusted', async () => {
    await using folder = await temporaryFolder();
    const index = await writeTokenShards(folder.path, documents, options);
    const [shard] = index.shards;
    const path = join(folder.path, shard.file);
    const bytes = await readFile(path);
    bytes[shard.tokensAt + 10] ^= 1;
    await writeFile(path, bytes);
    const tokens = await openTokens(folder.path);
    const { ids } = await tokens.head(shard);
    const firstId = Buffer.from(ids.subarray(0, 16)).toString('hex');
    await expect(tokens.read(shard, 0, 5)).rejects.toMatchObject({ code: 'shard-damaged' });
    await expect(tokens.read(shard, 0, 5)).rejects.toThrow(firstId);
    await truncate(path, 100);
    await expect((await openTokens(folder.path)).head(shard)).rejects.toMatchObject({
      code: 'shard-damaged',
    });
    await rm(path);
    await expect((await openTokens(folder.path)).head(shard)).rejects.toMatchObject({
      code: 'shard-missing',
    });
  });

  test('without an index, or with one of a newer format, is refused with a hint', async () => {
    await using folder = await temporaryFolder();
    await expect(openTokens(folder.path)).rejects.toMatchObject({ code: 'tokens-missing' });
    await mkdir(join(folder.path, 'manifests'));
    await writeFile(join(folder.path, 'manifest.json'), '{"builds":["a","b"]}');
    await writeFile(join(folder.path, 'manifests/b.json'), '{"current":{"tokens/k1/index.json":"x"}}');
    await expect(openTokens(folder.path)).rejects.toMatchObject({
      code: 'tokens-missing',
      hint: expect.stringMatching(/\/tokens\/k1$/) as string,
    });
    const index = await writeTokenShards(folder.path, documents, options);
    await writeFile(join(folder.path, 'index.json'), JSON.stringify({ ...index, version: 2 }));
    await expect(openTokens(folder.path)).rejects.toMatchObject({ code: 'tokens-version' });
    await writeFile(join(folder.path, 'index.json'), '{');
    await expect(openTokens(folder.path)).rejects.toMatchObject({ code: 'tokens-index-damaged' });
  });
});
