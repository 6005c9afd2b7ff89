import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRandom, sha256, type Row } from '@gristmill/core';
import { createPartWriter, openPart, type TableDefinition } from '@gristmill/shards';
import { openDiskStore } from '@gristmill/storage';
import { CodedTexts } from '../../libs/pack/src/coded-texts.ts';
import { factColumns, FactSpeller, factTexts } from '../../libs/pack/src/fact-digests.ts';

const texts = [
  'en',
  '',
  'a "quoted" name',
  'back\\slash',
  'tab\tand\u0007',
  'Ährenlese 🌾',
  'x'.repeat(3000),
];
const table: TableDefinition = {
  name: 'facts',
  columns: factColumns.map((name) => ({
    name,
    type: ['quality', 'bytes', 'masked'].includes(name) ? 'int32' : 'string',
    optional: name !== 'digest',
  })),
};

test('facts spelled from a page have the digest of their JSON', async () => {
  const random = createRandom(5);
  const maybe = <T>(value: T) => (random() < 0.6 ? value : undefined);
  const text = () => maybe(texts[Math.floor(random() * texts.length)]);
  const rows = Array.from({ length: 200 }, (_, i): Row => {
    const digest = sha256(String(i)).slice(0, 32);
    const facts = { language: text(), domain: text(), topic: text(), quality: maybe(i - 100) };
    return { id: i.toString(16).padStart(32, '0'), ...facts, digest, bytes: i * 1e6, masked: maybe(-i) };
  });
  const root = await mkdtemp(join(tmpdir(), 'gristmill-facts-'));
  const store = openDiskStore({ root, sync: false });
  const writer = createPartWriter(table, await store.writer('part'));
  await writer.writeAll(rows);
  const part = openPart(store, { path: 'part', partition: 0, ...(await writer.finish()) });
  const coded = factTexts.map(() => new CodedTexts(rows.length));
  const speller = new FactSpeller(coded);
  const found: string[] = [];
  for await (const { rows: count, pages } of part.pages(factColumns)) {
    for (let row = 0; row < count; row++) {
      const codes = Int32Array.from(coded, (column, i) => column.set(found.length, pages[factTexts[i]], row));
      found.push(Buffer.from(speller.digest(pages, row, codes), 'latin1').toString('hex'));
    }
  }
  expect(found).toEqual(rows.map(({ id: _, ...facts }) => sha256(JSON.stringify(facts)).slice(0, 32)));
  await rm(root, { recursive: true });
});
