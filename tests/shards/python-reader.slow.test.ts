// docs/token_reader.py against our loader: the same batches, bit by bit, in PyTorch tensors where PyTorch is.
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openLoader, writeTokenShards } from '@gristmill/shards';
import { findPython, runPython } from '../python/python.ts';
import { endOfText, randomDocuments, temporaryFolder } from './token-fixture.ts';

const python = findPython(['numpy', 'torch']);
const program = `
import hashlib, itertools, sys
sys.path.insert(0, sys.argv[1])
import numpy as np, torch
from token_reader import batches
folder, length, rows, seed, step, count = sys.argv[2:]
digest = hashlib.sha256()
for inputs, targets, mask in itertools.islice(batches(folder, int(length), int(rows), int(seed), step=int(step)), int(count)):
    for array in (inputs, targets, mask):
        digest.update(torch.from_numpy(array).numpy().tobytes())
print(digest.hexdigest())
`;

describe.skipIf(python === undefined)('the Python reader (needs NumPy and PyTorch)', () => {
  test.each([
    { length: 32, rows: 12, seed: 1337, step: 0, count: 120, vocabSize: 1000 },
    { length: 7, rows: 5, seed: 0, step: 777, count: 900, vocabSize: 1000 },
    { length: 64, rows: 3, seed: 4_000_000_000, step: 60, count: 200, vocabSize: 70_000 },
  ])('feeds the batches of our loader: %o', async ({ length, rows, seed, step, count, vocabSize }) => {
    await using folder = await temporaryFolder();
    const documents = randomDocuments({ documents: 300, maxTokens: 120, vocabSize: vocabSize - 1 });
    await writeTokenShards(folder.path, documents, { vocabSize, endOfText, seed: 3, shardBytes: 9000 });
    const options = { shards: folder.path, sequenceLength: length, globalBatchSize: rows, seed };
    const loader = await openLoader(options);
    const digest = createHash('sha256');
    for (let n = step; n < step + count; n++) {
      const { inputs, targets, lossMask } = await loader.batch(n);
      const mask = lossMask ?? new Uint8Array(rows * length).fill(1);
      for (const array of [inputs, targets, mask]) digest.update(new Uint8Array(array.buffer));
    }
    expect(step + count).toBeGreaterThan(loader.samples / rows); // over the end of an epoch
    const docs = fileURLToPath(new URL('../../docs', import.meta.url));
    const args = [docs, folder.path, length, rows, seed, step, count].map(String);
    expect(runPython(python!, program, args).trim()).toBe(digest.digest('hex'));
    await loader.close();
  });

  test('refuses a shard with a changed byte', async () => {
    await using folder = await temporaryFolder();
    const documents = randomDocuments({ documents: 50, maxTokens: 60 });
    const index = await writeTokenShards(folder.path, documents, { vocabSize: 1000, endOfText });
    const { open } = await import('node:fs/promises');
    const [shard] = index.shards;
    const file = await open(`${folder.path}/${shard.file}`, 'r+');
    await file.write(Uint8Array.of(255), 0, 1, shard.tokensAt + 20);
    await file.close();
    const docs = fileURLToPath(new URL('../../docs', import.meta.url));
    const args = [docs, folder.path, '16', '4', '0', '0', '40'];
    expect(() => runPython(python!, program, args)).toThrow(/is damaged/);
  });
});
