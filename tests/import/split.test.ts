// Large files read by stretches: the items are those of the whole, wherever it is cut, and what cannot be cut is refused.
/// <reference path="../../pipelines/demo/bzip2-wasm.d.ts" />
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BZip2 from 'bzip2-wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { createRandom, type JsonObject, type RawItem } from '@gristmill/core';
import type { Importer } from '@gristmill/corpus';
import { jsonDocumentsImporter, mediawikiImporter } from '@gristmill/import';
import { collect } from '../http/collect.ts';
import { writeDump } from './mediawiki-dump.ts';

interface Read {
  readonly items: readonly RawItem[];
  readonly stretches: number;
  /** Whether the stretches may stand for the whole. */
  readonly isAgreed: boolean;
}

/** By stretches of about so many bytes; without any, as a whole. */
async function read(
  importer: Importer,
  name: string,
  bytes: Uint8Array | string,
  { stretch, options = {} }: { stretch?: number; options?: JsonObject } = {},
): Promise<Read> {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-split-'));
  try {
    const location = join(folder, name);
    await writeFile(location, bytes);
    const file = { source: { name: 's', kind: 'article' as const }, path: name, location, options };
    const stretches = stretch === undefined ? undefined : await importer.split!(file, stretch);
    if (!stretches) return { items: await collect(importer.items(file)), stretches: 0, isAgreed: true };
    const items: RawItem[] = [];
    const names = new Set<string>();
    let isAgreed = true;
    for (const own of stretches) {
      const noted = new Set<string>();
      const share = {
        stretch: own,
        note: (text: string) => void noted.add(text),
        refuse: () => void (isAgreed = false),
      };
      items.push(...(await collect(importer.items({ ...file, share }))));
      for (const text of noted) {
        if (names.has(text)) isAgreed = false;
        names.add(text);
      }
    }
    return { items, stretches: stretches.length, isAgreed };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function expectSame(
  importer: Importer,
  name: string,
  bytes: Uint8Array | string,
  { stretch, options }: { stretch: number; options?: JsonObject },
): Promise<number> {
  const whole = await read(importer, name, bytes, { options });
  const parts = await read(importer, name, bytes, { stretch, options });
  expect(parts.isAgreed).toBe(true);
  expect(parts.items).toEqual(whole.items);
  return parts.stretches;
}

const random = createRandom(20);
const words = (count: number): string =>
  Array.from({ length: count }, () => Math.floor(random() * 1e6).toString(36)).join(' ');

describe('a dump of a wiki', () => {
  const pages = Array.from({ length: 120 }, (_, id) => ({
    title: `Page ${id}`,
    text: `'''${id}''' <page> &lt;page&gt; Größe 水車\n${words(id % 40 === 0 ? 20_000 : 40)}`,
  }));
  const dump = writeDump(pages);

  test.each([9_000, 123_457])('by stretches of %i bytes gives the same pages', async (stretch) => {
    expect(await expectSame(mediawikiImporter, 'd.xml', dump, { stretch })).toBeGreaterThan(3);
  });

  const bzip2 = new BZip2();
  beforeAll(() => bzip2.init());

  test('in bzip2 is read by blocks', async () => {
    const dump = writeDump(pages.slice(0, 42));
    const packed = bzip2.compress(Buffer.from(dump), 1);
    // Streams in a row, as the dumps for random access have them.
    const half = dump.indexOf('  <page>', dump.length / 2);
    const streams = [dump.slice(0, half), dump.slice(half)].map((text) =>
      bzip2.compress(Buffer.from(text), 1),
    );
    for (const bytes of [packed, Buffer.concat(streams)])
      expect(await expectSame(mediawikiImporter, 'd.xml.bz2', bytes, { stretch: 100_000 })).toBeGreaterThan(
        2,
      );
    const damaged = Buffer.from(packed).fill(0x55, packed.length >> 1, (packed.length >> 1) + 20);
    expect((await read(mediawikiImporter, 'd.xml.bz2', damaged, { stretch: 100_000 })).isAgreed).toBe(false);
    expect((await read(mediawikiImporter, 'd.xml.bz2', damaged)).items.at(-1)?.verdict?.reason).toBe(
      'damaged',
    );
  });

  test('with two pages of one title is read in one piece', async () => {
    const twice = writeDump([...pages, pages[0]]);
    expect((await read(mediawikiImporter, 'd.xml', twice, { stretch: 50_000 })).isAgreed).toBe(false);
  });
});

describe('records', () => {
  const texts = Array.from({ length: 300 }, (_, i) => `${words(i % 60 === 0 ? 900 : 9)} ä水 ${i}`);
  const lines = (id: (i: number) => string): string =>
    texts.map((text, i) => `${i % 17 === 0 ? ' ,\n\n' : ''}{"id":"${id(i)}","text":"${text}"}\n`).join('');
  const rows = `id,text\r\n${texts.map((text, i) => `${i},"${text} ""q"",\r\n over ${i} lines"\r\n${i % 9 === 0 ? '\r\n' : ''}`).join('')}`;

  test.each([900, 20_000])('by stretches of %i bytes have the names of the whole', async (stretch) => {
    const named = { textField: 'text', idField: 'id' };
    for (const options of [{ textField: 'text' }, named]) {
      const foreign = Buffer.concat([
        Buffer.from(lines(String)),
        Buffer.from('{"text":"\xe4\xf6\xfc\xdf"}\n{"id":\n', 'latin1'),
      ]);
      expect(
        await expectSame(jsonDocumentsImporter, 'a.jsonl', foreign, { stretch, options }),
      ).toBeGreaterThan(1);
      expect(await expectSame(jsonDocumentsImporter, 'a.csv', rows, { stretch, options })).toBeGreaterThan(1);
    }
  });

  test('that share an id between stretches, and tables that are no RFC 4180, are read in one piece', async () => {
    const named = { textField: 'text', idField: 'id' };
    const twice = lines((i) => String(i % 200));
    expect(
      (await read(jsonDocumentsImporter, 'a.jsonl', twice, { stretch: 3_000, options: named })).isAgreed,
    ).toBe(false);
    for (const odd of [`${rows}1,a"b\r\n`, `${rows}1,"a" b\r\n`, `${rows}1,"open`, `\n${rows}`])
      expect(
        (await read(jsonDocumentsImporter, 'a.csv', odd, { stretch: 3_000, options: named })).stretches,
      ).toBe(0);
  });

  test('of Parquet are read by row groups', async () => {
    const [folder, options] = [await mkdtemp(join(tmpdir(), 'gristmill-split-')), { textField: 'text' }];
    const { ParquetSchema, ParquetWriter } = (await import('parquetjs-lite')).default;
    const path = join(folder, 'a.parquet');
    const writer = await ParquetWriter.openFile(
      new ParquetSchema({
        text: { type: 'UTF8', compression: 'SNAPPY', optional: false, statistics: false },
      }),
      path,
    );
    writer.setRowGroupSize(40);
    for (const text of texts) await writer.appendRow({ text });
    await writer.close();
    const bytes = await readFile(path);
    await rm(folder, { recursive: true });
    expect(
      await expectSame(jsonDocumentsImporter, 'a.parquet', bytes, { stretch: 2_000, options }),
    ).toBeGreaterThan(3);
  });
});
