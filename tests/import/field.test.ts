// Files from the field, and more of their kinds: nothing is lost to what stands beside it.
import { existsSync, readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { JsonObject, RawItem } from '@gristmill/core';
import type { Importer } from '@gristmill/corpus';
import {
  epubImporter,
  feedImporter,
  folderImporter,
  jsonDocumentsImporter,
  parseFeed,
  warcImporter,
} from '@gristmill/import';
import { encodeRecord, formatRecord, formatResponse } from '@gristmill/warc';
import { createImportFolder, reasonOf, textOf } from './import-folder.ts';
import { writeZip, type ZipEntry } from './zip-writer.ts';

const field = '../shared/field';
const records = { textField: 'text', idField: 'id' };

async function read(
  importer: Importer,
  bytes: Uint8Array | string,
  path: string,
  options: JsonObject = {},
): Promise<RawItem[]> {
  await using folder = await createImportFolder('web');
  const items = await folder.items(importer, path, bytes, options);
  const same = await folder.items(
    folderImporter,
    path,
    bytes,
    importer === jsonDocumentsImporter ? options : {},
  );
  expect(same).toEqual(items);
  return items;
}

const told = (items: readonly RawItem[]): string[] =>
  items.map((item) => `${item.source.item}: ${reasonOf(item) ?? textOf(item)}`);

describe.skipIf(!existsSync(field))('what lies beside the project', () => {
  const given = (importer: Importer, path: string, options?: JsonObject): Promise<RawItem[]> =>
    read(importer, readFileSync(`${field}/${path}`), path.split('/')[1], options);

  test('one foreign line costs that line', async () => {
    const items = await given(jsonDocumentsImporter, 'one-foreign-line-jsonl/docs.jsonl', records);
    const lines = readFileSync(`${field}/one-foreign-line-jsonl/docs.jsonl`, 'utf8').trim().split('\n');
    expect(items.length).toBe(lines.length);
    expect([items[0].source.item, reasonOf(items[0])]).toEqual(['bad', 'bad-charset']);
    const whole = lines.slice(1).map((line) => (JSON.parse(line) as { text: string }).text);
    expect(items.slice(1).map(textOf)).toEqual(whole);
  });

  test('gzip is no obstacle, and whole numbers keep their digits', async () => {
    expect((await given(jsonDocumentsImporter, 'jsonl-gz/docs.jsonl.gz', records)).map(reasonOf)).toEqual(
      Array.from({ length: 6 }, () => undefined),
    );
    const posts = await given(jsonDocumentsImporter, 'ids-beyond-2-53/posts.jsonl', records);
    expect(posts.map(({ source }) => source.item)).toEqual(
      [607, 608, 609, 610].map((end) => `1480293847561028${end}`),
    );
  });

  test('WARC gives resource records, and bodies that are plain under a header that says gzip', async () => {
    const resources = await given(warcImporter, 'warc-resource-records/a.warc');
    const plain = await given(warcImporter, 'warc-gzip-header-plain-body/a.warc');
    expect([...resources, ...plain].map((item) => textOf(item).slice(0, 15))).toEqual(
      Array.from({ length: 5 }, () => '<!DOCTYPE html>'),
    );
  });

  test('EPUB gives its chapters whatever the form of their names', async () => {
    for (const name of ['epub-nfd-name', 'epub-closed-title'])
      expect((await given(epubImporter, `${name}/book.epub`)).map(reasonOf)).toEqual([undefined, undefined]);
  });

  test('Atom gives XHTML without its prefix', async () => {
    const [entry] = await given(feedImporter, 'atom-prefixed-xhtml/feed.atom');
    expect(textOf(entry)).not.toContain('xh:');
    expect(textOf(entry)).toMatch(/^<div[^>]*><p>The mill/);
  });
});

describe('lines of records', () => {
  const line = (id: string, text: string): Buffer => Buffer.from(`${JSON.stringify({ id, text })}\n`);
  const sjis = Buffer.from(
    '7b226964223a226a222c2274657874223a22908582cc97ac82ea82cd89b882e282a995227d0a',
    'hex',
  );

  test.each([0, 3, 6])('of which one in another charset stands at %i', async (at) => {
    const lines = ['ä', 'Größe', 'naïve', 'Щука', '水車', 'x'].map((text, i) => line(`${i}`, text));
    const items = await read(
      jsonDocumentsImporter,
      Buffer.concat(lines.toSpliced(at, 0, sjis)),
      'a.jsonl',
      records,
    );
    expect(told(items.toSpliced(at, 1))).toEqual([
      '0: ä',
      '1: Größe',
      '2: naïve',
      '3: Щука',
      '4: 水車',
      '5: x',
    ]);
    expect(reasonOf(items[at])).toBe('bad-charset');
  });

  test('in a legacy charset as a whole are read in it', async () => {
    const text = (name: string): Buffer =>
      Buffer.from(`{"id":"${name}","text":"Gr\u00f6\u00dfe ${name}"}\n`, 'latin1');
    const items = await read(
      jsonDocumentsImporter,
      Buffer.concat([text('a'), text('b')]),
      'a.jsonl',
      records,
    );
    expect(told(items)).toEqual(['a: Größe a', 'b: Größe b']);
  });

  test('bear a broken character', async () => {
    const cut = Buffer.concat([
      line('a', 'x'.repeat(300)).subarray(0, -3),
      Buffer.from([0xe6, 0xb0]),
      Buffer.from('"}\n'),
    ]);
    const items = await read(
      jsonDocumentsImporter,
      Buffer.concat([cut, line('b', '水')]),
      'a.jsonl',
      records,
    );
    expect(told(items)).toEqual([`a: ${'x'.repeat(300)}\ufffd`, 'b: 水']);
  });

  test('name items by numbers of any size, in JSON and CSV alike', async () => {
    const ids = ['9007199254740993', '9007199254740992', '-9223372036854775808', '18446744073709551615', '7'];
    const expected = ids.map((id) => `${id}: t`);
    const array = `[${ids.map((id) => `{"id":${id},"text":"t"}`).join(',\n')}]`;
    expect(told(await read(jsonDocumentsImporter, array, 'a.json', records))).toEqual(expected);
    const written = ['9007199254740993.0', '9007199254740993.5', '1e21', '1E400', '-1.5e300'];
    const lines = written.map((id) => `{"id":${id},"text":"t"}\n`).join('');
    expect(told(await read(jsonDocumentsImporter, lines, 'b.jsonl', records))).toEqual(
      written.map((id) => `${id}: t`),
    );
    const rows = `id,text\n${ids.map((id) => `${id},t\n`).join('')}`;
    expect(told(await read(jsonDocumentsImporter, rows, 'a.csv', records))).toEqual(expected);
    const nested = `{"user":{"id":${ids[0]}},"text":"see 12345678901234567890"}\n`;
    const options = { textField: 'text', idField: '/user/id' };
    expect(told(await read(jsonDocumentsImporter, nested, 'a.jsonl', options))).toEqual([
      `${ids[0]}: see 12345678901234567890`,
    ]);
  });
});

describe('records under gzip', () => {
  const lines = Array.from({ length: 3000 }, (_, id) => `{"id":${id},"text":"${Math.sin(id)}"}\n`).join('');
  const packed = gzipSync(lines);
  const empty = gzipSync('');
  const readPacked = async (bytes: Uint8Array): Promise<RawItem[]> => {
    await using folder = await createImportFolder('web');
    return await folder.items(folderImporter, 'a.jsonl.gz', bytes, records);
  };

  test.each<[string, Uint8Array, string | undefined]>([
    [
      'many members',
      Buffer.concat([empty, gzipSync(lines.slice(0, 99)), gzipSync(lines.slice(99)), empty]),
      undefined,
    ],
    ['zeros behind it', Buffer.concat([packed, Buffer.alloc(1000)]), undefined],
    ['something else behind it', Buffer.concat([packed, Buffer.from('garbage')]), 'damaged'],
    ['a wrong sum', Buffer.from(packed).fill(1, packed.length - 8, packed.length - 4), 'damaged'],
  ])('with %s are all there', async (_, bytes, last) => {
    const items = await readPacked(bytes);
    expect(items.slice(0, 3000).every((item, id) => item.source.item === `${id}` && !item.verdict)).toBe(
      true,
    );
    expect([items.length, reasonOf(items.at(-1)!)]).toEqual([last ? 3001 : 3000, last]);
  });

  test('are there up to a damaged place', async () => {
    const at = packed.length >> 1;
    const items = await readPacked(Buffer.from(packed).fill(0xff, at, at + 40));
    expect(items.length).toBeGreaterThan(1300);
    expect(items.slice(0, 1300).map(textOf)).toEqual(
      Array.from({ length: 1300 }, (_, id) => `${Math.sin(id)}`),
    );
    expect(reasonOf(items.at(-1)!)).toBe('damaged');
  });
});

describe('compression that is not read', () => {
  test.each([
    ['lzma', '5d00008000ffffffffffffffff003d'],
    ['lzip', '4c5a49500114'],
    ['lzop', '894c5a4f000d0a1a0a1030'],
    ['snappy', 'ff060000734e61507059'],
    ['lz4', '04224d186440a7'],
    ['zlib', '789cab562a2e29'],
  ])('is named: %s', async (detail, hex) => {
    await using folder = await createImportFolder('web');
    const [item] = await folder.items(
      folderImporter,
      `a.jsonl.${detail}`,
      Buffer.from(`${hex}${'00'.repeat(40)}`, 'hex'),
    );
    expect(item.verdict).toEqual({ stage: 'acquire', reason: 'unsupported', detail });
  });
});

describe('records of a WARC', () => {
  const date = '2026-01-01T00:00:00Z';
  const page = '<!doctype html><title>A page</title><p>Some words of a page.';
  const response = (encoding: string, body: Uint8Array | string): Buffer => {
    const payload = Buffer.from(body);
    const headers: [string, string][] = [
      ['Content-Type', 'text/html'],
      ...(encoding === '' ? [] : ([['Content-Encoding', encoding]] as [string, string][])),
    ];
    const block = formatResponse(200, 'OK', headers, payload);
    return Buffer.from(encodeRecord({ type: 'response', url: 'http://a.example/', date, block, payload }));
  };

  test.each<[string, Uint8Array | string]>([
    ['gzip', page],
    ['br', page],
    ['deflate', page],
    ['zstd', page],
    ['gzip, br', page],
    ['utf-8', page],
    ['gzip', gzipSync(page)],
    ['br', brotliCompressSync(page)],
    ['br', gzipSync(page)],
    ['gzip, br', gzipSync(page)],
    ['', gzipSync(page)],
    ['', zstdCompressSync(page)],
    ['gzip', Buffer.concat([gzipSync(page), Buffer.from('something behind it')])],
    ['gzip', gzipSync(page).fill(7, gzipSync(page).length - 8)],
    ['identity', page],
  ])('are read under the header %j', async (encoding, body) => {
    expect(
      (await read(warcImporter, response(encoding, body), 'a.warc')).map((item) => textOf(item)),
    ).toEqual([page]);
  });

  test('are read in a charset of two bytes under a header that says gzip', async () => {
    const wide = Buffer.from(page, 'utf16le');
    const [item] = await read(warcImporter, response('gzip', wide), 'a.warc');
    expect([reasonOf(item), Buffer.from(item.bytes).toString('utf16le')]).toEqual([undefined, page]);
  });

  test('that are gzip and damaged are told', async () => {
    const damaged = gzipSync(page.repeat(50));
    damaged.fill(255, 20, 60);
    expect((await read(warcImporter, response('gzip', damaged), 'a.warc')).map(reasonOf)).toEqual([
      'bad-encoding',
    ]);
  });

  test('of type resource are items with their media type, but for notes of programs', async () => {
    const resource = (url: string, contentType: string, body: string): Buffer =>
      Buffer.from(
        formatRecord({
          type: 'resource',
          url,
          date,
          contentType,
          block: Buffer.from(body),
          payload: Buffer.from(body),
        } as never),
      );
    const items = await read(
      warcImporter,
      Buffer.concat([
        resource('file:///a/b.html', 'text/html; charset=iso-8859-1', page),
        resource('http://a.example/x.txt', 'text/plain', 'text'),
        resource('ipfs://q/x.txt', 'text/plain', 'text'),
        resource('metadata://gnu.org/software/wget/warc/wget.log', 'text/plain', 'log'),
        resource('urn:thumbnail:http://a.example/', 'image/png', 'png'),
      ]),
      'a.warc',
    );
    expect(items.map((item) => [item.source.item, item.mediaType, textOf(item)])).toEqual([
      ['file:///a/b.html', 'text/html', page],
      ['http://a.example/x.txt', 'text/plain', 'text'],
      ['ipfs://q/x.txt', 'text/plain', 'text'],
    ]);
  });
});

describe('names in an EPUB', () => {
  const book = (inManifest: string, inArchive: string): Buffer =>
    Buffer.from(
      writeZip([
        { name: 'mimetype', bytes: 'application/epub+zip', deflate: false },
        {
          name: 'META-INF/container.xml',
          bytes: '<container><rootfiles><rootfile full-path="O/p.opf"/></rootfiles></container>',
        },
        {
          name: 'O/p.opf',
          bytes: `<package><metadata/><manifest><item id="a" href="${inManifest}" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>`,
        },
        { name: inArchive, bytes: '<html/>' },
      ] satisfies ZipEntry[]),
    );

  test.each([
    ['Größe.xhtml'.normalize('NFC'), 'O/Größe.xhtml'.normalize('NFD')],
    ['Größe.xhtml'.normalize('NFD'), 'O/Größe.xhtml'.normalize('NFC')],
    [encodeURI('Größe.xhtml'.normalize('NFD')), 'O/Größe.xhtml'.normalize('NFC')],
    ['가나.xhtml'.normalize('NFC'), 'O/가나.xhtml'.normalize('NFD')],
    ['Text/Ch1.xhtml', 'O/text/ch1.XHTML'],
    ['Å.xhtml', 'O/\u212b.xhtml'],
    ['a%20b.xhtml', 'O/a%20b.xhtml'],
    ['Text\\a.xhtml', 'O/Text/a.xhtml'],
    ['Text/a.xhtml', 'O/Text\\a.xhtml'],
    ['a%E9.xhtml', 'O/aé.xhtml'],
    ['100%.xhtml', 'O/100%.xhtml'],
    ['Straße.xhtml', 'O/STRASSE.xhtml'],
  ])('%s in the manifest is %s in the archive', async (inManifest, inArchive) => {
    const items = await read(epubImporter, book(inManifest, inArchive), 'a.epub');
    expect(items.map(reasonOf)).toEqual([undefined]);
  });

  test('that lead out of the book cost nobody else', async () => {
    const bytes = writeZip([
      { name: '../../evil.txt', bytes: 'x' },
      { name: 'good.txt', bytes: 'y' },
    ]);
    await using folder = await createImportFolder('web');
    expect(told(await folder.items(folderImporter, 'a.zip', bytes))).toEqual(['evil.txt: x', 'good.txt: y']);
  });
});

describe('XHTML in a feed', () => {
  const xhtml = 'http://www.w3.org/1999/xhtml';
  const content = (feed: string): string | undefined => parseFeed(feed)?.entries[0]?.content;

  test.each([
    [
      `<feed xmlns:q="${xhtml}"><entry><content type="xhtml"><q:div><q:p>a</q:p></q:div></content></entry></feed>`,
    ],
    [
      `<feed><entry xmlns:q="${xhtml}"><summary type="xhtml"><q:div><q:p>a</q:p></q:div></summary></entry></feed>`,
    ],
    [
      `<a:feed xmlns:a="x"><a:entry><a:content type="xhtml"><z:div xmlns:z="${xhtml}"><z:p>a</z:p></z:div></a:content></a:entry></a:feed>`,
    ],
    ['<feed><entry><content type="xhtml"><xh:div><xh:p>a</xh:p></xh:div></content></entry></feed>'],
    [`<rss><channel><item><b:body xmlns:b="${xhtml}"><b:p>a</b:p></b:body></item></channel></rss>`],
  ])('has no prefix (%#)', (feed) => {
    expect(content(feed)?.replace(/ xmlns[^>]*/g, '')).toMatch(/^(?:<div>)?<p>a<\/p>(?:<\/div>)?$/);
  });

  test('keeps the prefix of what is none', () => {
    const feed = `<feed xmlns:m="http://www.w3.org/1998/Math/MathML"><entry><content type="xhtml"><div><m:mi>x</m:mi></div></content></entry></feed>`;
    expect(content(feed)).toContain('<m:mi>');
  });
});
