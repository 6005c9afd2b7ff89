import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { awaitShards, openLoader, openTokens, writeTokenShards } from '@gristmill/shards';
import { endOfText, randomDocuments, temporaryFolder } from './token-fixture.ts';

const documents = randomDocuments({ documents: 200, maxTokens: 80 });
const options = { sequenceLength: 16, globalBatchSize: 4, seed: 5 };

async function writeFolder(path: string) {
  await writeTokenShards(path, documents, { vocabSize: 1000, endOfText, seed: 3, shardBytes: 4000 });
  const { index } = await openTokens(path);
  return index;
}

describe('shards that are still being copied', () => {
  test('give the batches of a folder that was whole, while they come in one by one', async () => {
    await using folder = await temporaryFolder();
    const index = await writeFolder(folder.path);
    const whole = await openLoader({ shards: folder.path, ...options });
    const expected = [];
    for (let step = 0; step < whole.samples / 4; step++) expected.push(await whole.batch(step));
    const hidden = index.shards.map(({ file }) => join(folder.path, file));
    for (const path of hidden) await rename(path, `${path}.away`);
    const waited: string[] = [];
    const place = awaitShards(folder.path, index.shards, {
      waitMs: 60_000,
      pollMs: 5,
      onWait: ({ file }) => waited.push(file),
    });
    const arrive = async () => {
      for (const path of hidden) {
        const bytes = await readFile(`${path}.away`);
        await writeFile(path, bytes.subarray(0, bytes.length >> 1)); // a copy in progress
        await sleep(1);
        await rename(`${path}.away`, path);
      }
    };
    const arriving = arrive();
    const loader = await openLoader({ shards: place, index, ...options });
    for (const [step, batch] of expected.entries()) expect(await loader.batch(step)).toEqual(batch);
    await arriving;
    expect(waited.length).toBeGreaterThan(0);
    expect(new Set(waited).size).toBe(waited.length);
  });

  test('are named when they do not come in time, and the waiting can be broken off', async () => {
    await using folder = await temporaryFolder();
    const index = await writeFolder(folder.path);
    const [shard] = index.shards;
    await rename(join(folder.path, shard.file), join(folder.path, 'away'));
    const late = awaitShards(folder.path, index.shards, { waitMs: 20, pollMs: 5 });
    await expect(late.stat(shard.file)).rejects.toMatchObject({ code: 'shard-late' });
    await expect(late.stat(shard.file)).rejects.toThrow(shard.file);
    const stop = new AbortController();
    const stopped = awaitShards(folder.path, index.shards, { waitMs: 60_000, signal: stop.signal });
    const reading = stopped.read(shard.file);
    stop.abort();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });
});
