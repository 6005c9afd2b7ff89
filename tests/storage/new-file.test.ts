// Large files are written past the page cache: their bytes are those of any file, wherever pieces end.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { openDiskStore } from '@gristmill/storage';

const large = 65 << 20;

/** Writes pieces of a seeded stream, of the lengths given, and gives them. */
async function writePieces(lengths: readonly number[], expectedBytes: number) {
  const folder = mkdtempSync(join(tmpdir(), 'gristmill-new-file-'));
  const random = createRandom(lengths.length);
  const writer = await openDiskStore({ root: folder }).writer('file', expectedBytes);
  const room = new Uint8Array(Math.max(...lengths, 0)); // one for all: a writer keeps no piece
  const hash = createHash('sha256');
  for (const length of lengths) {
    const piece = room.subarray(0, length);
    for (let i = 0; i < length; i += 997) piece[i] = Math.floor(random() * 256);
    hash.update(piece);
    await writer.write(piece);
  }
  return { path: join(folder, 'file'), sha256: hash.digest('hex'), committed: await writer.commit() };
}

test.each([
  ['nothing', []],
  ['one byte', [1]],
  ['a sector', [4096]],
  ['a block and a byte', [(4 << 20) + 1]],
  ['two blocks', [4 << 20, 4 << 20]],
  ['pieces that end anywhere', [5, 4091, 1 << 20, 3_333_333, 4 << 20, 7, 9_000_001, 4096]],
])('%s of an expected large file', async (_, lengths) => {
  const { path, sha256, committed } = await writePieces(lengths, large);
  const bytes = lengths.reduce((sum, length) => sum + length, 0);
  expect(committed).toEqual({ bytes, sha256, created: true });
  expect(statSync(path).size).toBe(bytes);
  expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(sha256);
});

test('a large writer that is aborted leaves no file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gristmill-new-file-'));
  const store = openDiskStore({ root: folder });
  const writer = await store.writer('file', large);
  await writer.write(new Uint8Array(5 << 20));
  await writer.abort();
  expect(await store.list('')).toEqual([]);
  expect(await store.removeTemporaries()).toBe(0);
});
