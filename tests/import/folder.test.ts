import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createRandom, type RawItem } from '@gristmill/core';
import { folderImporter, jsonDocumentsImporter, openItems } from '@gristmill/import';
import { encodeRecord, formatResponse } from '@gristmill/warc';
import { collect } from '../http/collect.ts';
import { createImportFolder, reasonOf, textOf } from './import-folder.ts';
import { writeTar } from './tar-writer.ts';
import { writeZip, type ZipEntry } from './zip-writer.ts';

const fixture = (name: string): Buffer => readFileSync(`tests/import/fixtures/${name}`);
const fixtures = readdirSync('tests/import/fixtures', { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ name }) => name);

const open = (bytes: Uint8Array | string, path: string, options = {}): Promise<RawItem[]> =>
  collect(openItems(Buffer.from(bytes), { source: { name: 's', kind: 'web' }, path, options }));
const told = (items: readonly RawItem[]): (string | undefined)[][] =>
  items.map((item) => [item.source.item, reasonOf(item) ?? textOf(item)]);

describe('records as other programs write them (scripts/record-import-fixtures.py)', () => {
  const rows = fixture('records.jsonl')
    .toString()
    .trim()
    .split('\n')
    .map((line, i) => [`148029384756102860${i}`, (JSON.parse(line) as { text: string }).text]);

  test.each(fixtures)('%s gives all of them, whatever it is called', async (name) => {
    await using folder = await createImportFolder('post');
    expect(rows[5]).toEqual(['1480293847561028605', 'Zeile 5: Größe, naïve 水車.']);
    expect(told(await open(fixture(name), 'some/file'))).toEqual(rows);
    const options = { textField: 'text', idField: 'id', titleField: 'title', urlField: '/meta/url' };
    const items = await folder.items(jsonDocumentsImporter, name, fixture(name), options);
    expect(told(items)).toEqual(rows);
    expect(items[2].metadata).toEqual({ title: 'T2', canonicalUrl: 'http://a.example/2' });
    expect(items[3].metadata).toEqual({ canonicalUrl: 'http://a.example/3' });
  });

  test.each(fixtures)('%s damaged anywhere gives verdicts and ends', async (name) => {
    const random = createRandom(11);
    const sound = fixture(name);
    for (let round = 0; round < 60; round++) {
      const bytes = Buffer.from(sound);
      for (let hit = 0; hit < 1 + random() * 6; hit++)
        bytes[Math.floor(random() * bytes.length)] = random() * 256;
      const cut = round % 3 === 0 ? bytes.subarray(0, random() * bytes.length) : bytes;
      expect((await open(cut, name)).length).toBeGreaterThan(0);
    }
  });

  test('keep what lies before the place where the file breaks off', async () => {
    for (const name of ['records.jsonl.gz', 'records.jsonl.bz2', 'records.jsonl.xz', 'records.jsonl.zst']) {
      const items = await open(fixture(name).subarray(0, -12), name);
      expect(told(items).slice(0, 3), name).toEqual(rows.slice(0, 3));
      expect(['truncated', 'damaged']).toContain(reasonOf(items.at(-1)!));
    }
  });
});

describe('whatever lies in a folder', () => {
  const page = '<!doctype html><title>T</title><p>Some text in a page.';
  const book: ZipEntry[] = [
    { name: 'mimetype', bytes: 'application/epub+zip', deflate: false },
    {
      name: 'META-INF/container.xml',
      bytes: '<container><rootfiles><rootfile full-path="p.opf"/></rootfiles></container>',
    },
    {
      name: 'p.opf',
      bytes:
        '<package><metadata/><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>',
    },
    { name: 'a.xhtml', bytes: '<html/>' },
  ];
  const feed =
    '<?xml version="1.0"?><rss><channel><item><guid>g</guid><description>d</description></item></channel></rss>';
  const warc = encodeRecord({
    type: 'response',
    url: 'http://a.example/',
    date: '2026-01-01T00:00:00Z',
    block: formatResponse(200, 'OK', [['Content-Type', 'text/html']], Buffer.from(page)),
    payload: Buffer.from(page),
  });

  test('is opened by what it is, archives in archives too, under names that tell where', async () => {
    const inner = writeZip([
      { name: 'book.bin', bytes: writeZip(book) },
      { name: '__MACOSX/._x', bytes: 'x' },
      { name: '.DS_Store', bytes: 'x' },
      { name: 'p.html', bytes: page },
    ]);
    const bytes = gzipSync(
      writeTar([
        ['f.xml', feed],
        ['x.zip', inner],
        ['docs/d.jsonl.zst', zstdCompressSync(Buffer.from('{"text":"one"}\n{"text":"two"}\n'))],
        ['w', warc],
        ['empty.txt', ''],
        ['readme.txt', 'plain'],
      ]),
    );
    await using folder = await createImportFolder('web');
    expect(told(await folder.items(folderImporter, 'all', bytes))).toEqual([
      ['f.xml#g', 'd'],
      ['x.zip#book.bin#a.xhtml', '<html/>'],
      ['x.zip#p.html', page],
      ['docs/d.jsonl.zst#0', 'one'],
      ['docs/d.jsonl.zst#1', 'two'],
      ['w#http://a.example/', page],
      ['empty.txt', 'empty'],
      ['readme.txt', 'plain'],
    ]);
  });

  test('keeps a compressed file its path and gives its ending to what is inside', async () => {
    const [item] = await open(gzipSync(page), 'a/page.html.gz');
    expect([item.source, item.mediaType, textOf(item)]).toEqual([
      { name: 's', kind: 'web', path: 'a/page.html.gz' },
      'text/html',
      page,
    ]);
  });

  test.each<[string, Uint8Array | string, (string | undefined)[][]]>([
    [
      'a.json',
      '{"text":"a"}\n{"text":"b"}\n',
      [
        ['0', 'a'],
        ['1', 'b'],
      ],
    ],
    [
      'a.json',
      '[{"content":"a","id":"x"},{"content":"b","id":"x"}]',
      [
        ['x', 'a'],
        ['x-2', 'b'],
      ],
    ],
    [
      'a.jsonl',
      '[\n  {"text": "a"},\n  {"text": "b"}\n]\n',
      [
        ['0', 'a'],
        ['1', 'b'],
      ],
    ],
    [
      'a.jsonl',
      '{"text":"a"},\r\n\r\n{"text":"b", "score": NaN}\r\n',
      [
        ['0', 'a'],
        ['1', 'b'],
      ],
    ],
    ['a.jsonl', `{"text":"a"}\n${'\0'.repeat(900)}`, [['0', 'a']]],
    [
      'a.jsonl',
      Buffer.from('\uFEFF{"text":"ä"}\n{"text":"水"}\n', 'utf16le'),
      [
        ['0', 'ä'],
        ['1', '水'],
      ],
    ],
    [
      'noname',
      '{"text":"a"}\n{"text":"b"}\n',
      [
        ['0', 'a'],
        ['1', 'b'],
      ],
    ],
    ['a.txt', '{curly} braces are not JSON', [[undefined, '{curly} braces are not JSON']]],
    ['a.csv', 'id;text\n1;"x;y"\n', [['1', 'x;y']]],
    ['a.tsv', 'text\tn\nx, y; z\t1\n', [['0', 'x, y; z']]],
    [
      'a.json',
      '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":7,"content_text":"t"}]}',
      [['7', 't']],
    ],
    ['chat.jsonl', '{"messages":[{"role":"user","content":"hi"}]}\n', [['0', '<|user|>\nhi']]],
    ['package.json', '{"name":"x","version":"1"}', [['0', 'empty']]],
    ['x.png', Buffer.from('89504e470d0a1a0a0000', 'hex'), [[undefined, 'unsupported']]],
    ['README.md', '---\nsize_categories: [1K]\n---\n# Card\n', [[undefined, 'dataset-card']]],
    ['empty.jsonl', '', [[undefined, 'empty']]],
    ['nuls', '\0\0\0\0', [[undefined, '\0\0\0\0']]],
  ])('%s is read as what it holds (%#)', async (path, bytes, expected) => {
    const items = told(await open(bytes, path));
    expect(items.map(([item, text]) => [item, text?.startsWith('<|') ? text.trim() : text])).toEqual(
      expected,
    );
  });

  test('says which fields there are where none is a text', async () => {
    const [item] = await open('{"tetx":"a","n":1}\n', 'a.jsonl', { textField: 'text' });
    expect(item.verdict).toEqual({ stage: 'acquire', reason: 'empty', detail: 'fields: tetx, n' });
  });

  test('stops at layers and archives that never end', async () => {
    let [layers, archives]: Buffer[] = [Buffer.from('x'), Buffer.from('x')];
    for (let depth = 0; depth < 8; depth++) {
      layers = gzipSync(layers);
      archives = Buffer.from(writeZip([{ name: `${depth}`, bytes: archives }]));
    }
    expect(told(await open(layers, 'x'))).toEqual([[undefined, 'too-deep']]);
    expect(told(await open(archives, 'x.zip'))).toEqual([['7#6#5#4', 'too-deep']]);
  });

  test('ends in verdicts however archives are damaged', async () => {
    const random = createRandom(23);
    const sound = [writeZip([...book, { name: 'x.html', bytes: page }]), writeTar([['a.html', page]]), warc];
    for (let round = 0; round < 200; round++) {
      const bytes = Buffer.from(sound[round % sound.length]);
      for (let hit = 0; hit < 1 + random() * 8; hit++)
        bytes[Math.floor(random() * bytes.length)] = random() * 256;
      await open(bytes.subarray(0, (0.5 + random()) * bytes.length), 'x');
    }
  });
});
