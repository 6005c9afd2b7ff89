import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { tarImporter, warcImporter } from '@gristmill/import';
import { encodeRecord, formatResponse } from '@gristmill/warc';
import { createImportFolder, reasonOf, textOf } from './import-folder.ts';
import { writeTar } from './tar-writer.ts';

describe('a tar', () => {
  const files = [
    ['./a/b.txt', 'hello'],
    ['empty.md', ''],
    ['c.html', '<p>'],
  ] as const;

  test.each([writeTar(files), gzipSync(writeTar(files))])(
    'gives its files, gzipped or not',
    async (bytes) => {
      await using folder = await createImportFolder('web');
      const items = await folder.items(tarImporter, 'x.tar', bytes);
      expect(items.map((item) => [item.source.item, item.mediaType, textOf(item), reasonOf(item)])).toEqual([
        ['a/b.txt', 'text/plain', 'hello', undefined],
        ['empty.md', 'text/markdown', '', 'empty'],
        ['c.html', 'text/html', '<p>', undefined],
      ]);
    },
  );

  test('that is long warns of nothing', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    try {
      await using folder = await createImportFolder('web');
      const long = Array.from({ length: 40 }, (_, i) => [`${i}.txt`, 'x'.repeat(100_000)] as const);
      expect(await folder.items(tarImporter, 'x.tar', writeTar(long))).toHaveLength(40);
      await new Promise(setImmediate);
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', listen);
    }
  });

  test('that is damaged keeps what lies before', async () => {
    await using folder = await createImportFolder('web');
    const cut = await folder.items(tarImporter, 'x.tar', writeTar(files).subarray(0, 1100));
    expect(cut.map(reasonOf)).toEqual([undefined, 'damaged']);
    expect((await folder.items(tarImporter, 'x.tar', 'no tar at all, '.repeat(100))).map(reasonOf)).toEqual([
      'damaged',
    ]);
  });
});

describe('a WARC', () => {
  const response = (url: string, status: number, body: Uint8Array | string, encoding?: string) => {
    const payload = Buffer.from(body);
    const headers = [
      ['Content-Type', 'text/html; charset=iso-8859-1'],
      ...(encoding ? [['Content-Encoding', encoding]] : []),
    ] as [string, string][];
    return encodeRecord({
      type: 'response',
      url,
      date: '2026-01-01T00:00:00Z',
      block: formatResponse(status, 'OK', headers, payload),
      payload,
    });
  };

  test('gives the pages that answered 200, decoded, each under its own name', async () => {
    await using folder = await createImportFolder('web');
    const damaged = Buffer.from(response('http://a.example/2', 200, 'x'));
    damaged.fill(0, 30, 40);
    const bytes = Buffer.concat([
      response('http://A.example:80/1?utm_source=x', 200, gzipSync('one'), 'gzip'),
      response('http://a.example/404', 404, 'no'),
      damaged,
      response('http://a.example/1', 200, 'again'),
      response('http://a.example/1', 200, 'and again'),
    ]);
    const items = await folder.items(warcImporter, 'x.warc.gz', bytes);
    expect(items.map((item) => [item.source.item, item.source.url, textOf(item), reasonOf(item)])).toEqual([
      ['http://A.example:80/1?utm_source=x', 'http://a.example/1', 'one', undefined],
      [expect.stringMatching(/^offset-\d+$/), undefined, '', 'bad-gzip'],
      ['http://a.example/1', 'http://a.example/1', 'again', undefined],
      ['http://a.example/1-2', 'http://a.example/1', 'and again', undefined],
    ]);
    expect([items[0].mediaType, items[0].charset]).toEqual(['text/html', 'iso-8859-1']);
    expect(new Set(items.map(({ id }) => id)).size).toBe(4);
  });

  test.skipIf(!existsSync('../shared/data/warc-small'))(
    'of Common Crawl gives its page, and its WET the text (they lie beside the project)',
    async () => {
      await using folder = await createImportFolder('web');
      const data = (name: string) => readFileSync(`../shared/data/warc-small/${name}`);
      const [page] = await folder.items(warcImporter, 'p.warc.gz', data('whirlwind.warc.gz'));
      expect([page.source.url, page.mediaType, textOf(page).includes('<title>Escopete')]).toEqual([
        'https://an.wikipedia.org/wiki/Escopete',
        'text/html',
        true,
      ]);
      const [text] = await folder.items(warcImporter, 'p.warc.wet.gz', data('whirlwind.warc.wet.gz'));
      expect([text.mediaType, textOf(text).startsWith('Escopete')]).toEqual(['text/plain', true]);
    },
  );
});
