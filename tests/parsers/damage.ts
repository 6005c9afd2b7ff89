// Every parser of foreign bytes with good documents of its kind, and seeded damage to them. A parser may refuse with a
// DataError; it must not crash otherwise, hang, or answer with far more than it was given.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { createRandom, DataError, type JsonObject } from '@gristmill/core';
import type { Importer } from '@gristmill/corpus';
import { extractDocument } from '@gristmill/extract';
import { parseRobots } from '@gristmill/consent';
import {
  epubImporter,
  jsonDocumentsImporter,
  mediawikiImporter,
  parseFeed,
  postsImporter,
  tarImporter,
  zipImporter,
} from '@gristmill/import';
import {
  gatherFacts,
  parseHtml,
  parseSitemap,
  parseXml,
  readListing,
  readLinkHeaders,
  readLinks,
  readMetadata,
} from '@gristmill/markup';
import { canonicalUrl, decodeText } from '@gristmill/text';
import { parseHttp, readWarc, readWat, sourceOf } from '@gristmill/warc';
import { readSitemap } from '../../libs/crawl/src/discover/read-sitemap.ts';
import { familiesOf, findTrap, parameterKey, withoutSession } from '../../libs/crawl/src/discover/traps.ts';
import { writeDump } from '../import/mediawiki-dump.ts';
import { writeTar } from '../import/tar-writer.ts';
import { writeZip } from '../import/zip-writer.ts';

export interface Parser {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  /** Reads all of it and says how much came out, roughly in bytes. */
  read(bytes: Uint8Array, folder: string): number | Promise<number>;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const sizeOf = (value: unknown): number => (JSON.stringify(value) ?? '').length;

const html = encode(
  '<!doctype html><html lang=en><head><title>Pears &amp; gates</title><meta name="author" content="Ann Bell"><script type="application/ld+json">{"@type":"Article","datePublished":"2024-02-05","author":{"name":"Ann"}}</script><base href="/x/"></head><body><p>One <a href="a.html" rel="nofollow">two</a><math><mi>x</mi></math><table><tr><td>1<td>2</table><pre>a\n b</pre></body></html>',
);
const sitemap = encode(
  '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://a.example/1?a=1&amp;b=2</loc><lastmod>2024-01-02</lastmod></url><sitemap><loc>https://a.example/s.xml</loc></sitemap></urlset>',
);
const feeds = [
  '<rss version="2.0"><channel><title>T</title><item><title>A</title><link>https://a.example/</link><description><![CDATA[<p>x</p>]]></description><pubDate>Mon, 05 Feb 2024 09:30:00 GMT</pubDate></item></channel></rss>',
  '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>u:1</id><title type="xhtml"><div>b</div></title><content type="html">&lt;p&gt;x</content></entry></feed>',
].map(encode);
const wat = encode(
  '{"Container":{"Filename":"a.warc.gz","Offset":"17"},"Envelope":{"WARC-Header-Metadata":{"WARC-Type":"response","WARC-Target-URI":"http://a.example/x/y"},"Payload-Metadata":{"HTTP-Response-Metadata":{"Response-Message":{"Status":"200"},"Headers":{"Set-Cookie":["a=1","b"]},"HTML-Metadata":{"Head":{"Title":"T","Base":"/b/","Metas":[{"name":"robots","content":"x"}],"Link":[{"path":"LINK@/href","url":"s.css"}]},"Links":[{"path":"A@/href","url":"m","text":"t"}]}}}}}',
);
const lists = [
  ...feeds.map(decode),
  '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/b/"><link rel="next" href="2" type="application/atom+xml;profile=opds-catalog"/><entry><link rel="http://opds-spec.org/acquisition" href="a.epub"/></entry></feed>',
  '<OAI-PMH><ListRecords><record><header><identifier>oai:1</identifier></header><metadata><dc:dc><dc:identifier>https://a.example/1</dc:identifier></dc:dc></metadata></record><resumptionToken>t</resumptionToken></ListRecords></OAI-PMH>',
  '{"version":"https://jsonfeed.org/version/1.1","next_url":"/n","items":[{"url":"/a"},{"external_url":"/b"}]}',
  '{"metadata":{},"navigation":[{"href":"/n"}],"publications":[{"links":[{"rel":["http://opds-spec.org/acquisition"],"href":"/b"}]}]}',
].map(encode);
const warc = encode(
  'WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2024-01-02T03:04:05Z\r\nWARC-Target-URI: https://a.example/\r\nContent-Type: application/http;msgtype=response\r\nContent-Length: 77\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\r\n\r\n',
);
const pdf = encode(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>endobj\n4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n5 0 obj<</Length 44>>stream\nBT /F 12 Tf 20 200 Td (A few words here) Tj ET\nendstream endobj\ntrailer<</Root 1 0 R/Size 6>>\n%%EOF',
);
const chapter =
  '<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>One</h1><p>It was late in March.</p></body></html>';
const epub = writeZip([
  { name: 'mimetype', bytes: 'application/epub+zip', deflate: false },
  {
    name: 'META-INF/container.xml',
    bytes:
      '<container><rootfiles><rootfile full-path="p.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
  },
  {
    name: 'p.opf',
    bytes:
      '<package version="3.0"><metadata><title>T</title></metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>',
  },
  { name: 'a.xhtml', bytes: chapter },
]);

function ofImporter(importer: Importer, name: string, options: JsonObject = {}): Parser['read'] {
  return async (bytes, folder) => {
    const location = join(folder, name);
    await writeFile(location, bytes);
    let size = 0;
    const source = { name: 's', kind: 'book' } as const;
    for await (const item of importer.items({ source, path: name, location, options }))
      size += item.bytes.length;
    return size;
  };
}

async function extractedSize(bytes: Uint8Array): Promise<number> {
  const result = await extractDocument({ bytes });
  return 'text' in result ? result.text.length : 0;
}

export const parsers: readonly Parser[] = [
  {
    name: 'HTML',
    seeds: [html],
    read: (bytes) => sizeOf(readMetadata(gatherFacts(parseHtml(decode(bytes))))),
  },
  {
    name: 'links',
    seeds: [html],
    read: (bytes) => sizeOf(readLinks(parseHtml(decode(bytes)), 'https://a.example/')),
  },
  {
    name: 'Link headers',
    seeds: [
      encode(
        '<https://a.example/2>; rel="next"; title*=UTF-8\'de\'n%c3%a4chste, </de>; rel=alternate; hreflang=de',
      ),
    ],
    read: (bytes) => sizeOf(readLinkHeaders([decode(bytes)], 'https://a.example/')),
  },
  { name: 'XML', seeds: [sitemap, ...feeds], read: (bytes) => sizeOf(parseXml(decode(bytes))) / 4 },
  { name: 'sitemap', seeds: [sitemap], read: (bytes) => sizeOf(parseSitemap(decode(bytes))) },
  {
    name: 'sitemap in pieces',
    seeds: [
      sitemap,
      gzipSync(sitemap),
      Buffer.from('\ufeffhttps://a.example/1\nhttps://a.example/2', 'utf16le'),
    ],
    read: async (bytes) => sizeOf(await readSitemap(bytes)),
  },
  { name: 'list', seeds: lists, read: (bytes) => sizeOf(readListing(decode(bytes), 'https://a.example/')) },
  {
    name: 'address',
    seeds: [
      'https://a.example/2024/05/1/2/3;jsessionid=1a2b3c?year=2024&month=5&sid=ab12cd34',
      'https://a.example/x/y/x/y/x/y?b=2&a=1&%C3%A9=%2f',
    ].map(encode),
    read(bytes) {
      const url = canonicalUrl(decode(bytes));
      if (url === undefined) return 0;
      return sizeOf([withoutSession(url), familiesOf(url), parameterKey(url), findTrap(new URL(url), 0)]);
    },
  },
  { name: 'feed', seeds: feeds, read: (bytes) => sizeOf(parseFeed(decode(bytes))) / 2 },
  {
    name: 'robots.txt',
    seeds: [
      encode('User-agent: *\nDisallow: /a*b$\nAllow: /a\nCrawl-delay: 2\nSitemap: https://a.example/s.xml\n'),
    ],
    read: (bytes) => sizeOf(parseRobots(bytes)) / 4,
  },
  {
    name: 'charsets',
    seeds: [
      html,
      Buffer.from('\ufeffab', 'utf16le'),
      Buffer.from('<meta charset=shift_jis>\x82\xa0', 'latin1'),
    ],
    read: (bytes) => decodeText(bytes, { markup: 'html' }).text.length,
  },
  {
    name: 'WARC',
    seeds: [warc, Buffer.concat([warc, warc]), gzipSync(warc)],
    async read(bytes) {
      let size = 0;
      for await (const entry of readWarc(sourceOf(bytes))) size += sizeOf(Object.keys(entry));
      return size / 4;
    },
  },
  {
    name: 'WAT',
    seeds: [wat],
    read: (block) =>
      sizeOf(readWat({ type: 'metadata', fields: [['Content-Type', 'application/json']], block })),
  },
  {
    name: 'HTTP',
    seeds: [warc.subarray(300)],
    read: (bytes) => sizeOf(Object.keys(parseHttp({ block: bytes }) ?? {})),
  },
  { name: 'PDF', seeds: [pdf], read: extractedSize },
  {
    name: 'tar',
    seeds: [
      writeTar([
        ['a/b.txt', 'words'],
        ['c.html', '<p>x'],
      ]),
      gzipSync(writeTar([['a.txt', 'words']])),
    ],
    read: ofImporter(tarImporter, 'a.tar'),
  },
  {
    name: 'zip',
    seeds: [
      writeZip([
        { name: 'a.txt', bytes: 'words '.repeat(20) },
        { name: 'b/c.txt', bytes: 'x', deflate: false },
      ]),
    ],
    read: ofImporter(zipImporter, 'a.zip'),
  },
  { name: 'EPUB', seeds: [epub], read: ofImporter(epubImporter, 'a.epub') },
  {
    name: 'JSON lines',
    seeds: [encode('{"id":1,"text":"words"}\n{"id":2,"text":"\\u00e9 more"}\n')],
    read: ofImporter(jsonDocumentsImporter, 'a.jsonl', { text: 'text' }),
  },
  {
    name: 'CSV',
    seeds: [encode('id,text\n1,"a ""quoted"" word"\n2,plain\n')],
    read: ofImporter(jsonDocumentsImporter, 'a.csv', { text: 'text' }),
  },
  {
    name: 'MediaWiki dump',
    seeds: [
      encode(
        writeDump([
          { title: 'A', text: "'''a''' {{b|c}} [[d|e]]\n{|\n|-\n| 1 || 2\n|}" },
          { title: 'B', text: 'b', redirect: 'A' },
        ]),
      ),
    ],
    read: ofImporter(mediawikiImporter, 'a.xml'),
  },
  {
    name: 'wikitext',
    seeds: [
      encode(
        "{{Infobox|a={{lang|de|b}}}}'''A''' ''b''<ref>c</ref> [[d|e]] [[File:x.jpg|thumb|[[f]]]] [https://g.example h]\n== i ==\n* j\n** k\n; l : m\n{|\n! n !! o\n|-\n| p || q\n|}\n<math>r</math> -{zh-hans:s;zh-hant:t}- <nowiki>u</nowiki>",
      ),
    ],
    read: async (bytes) => {
      const result = await extractDocument({ bytes, mediaType: 'text/x-wiki' });
      return 'text' in result ? result.text.length : 0;
    },
  },
  {
    name: 'posts',
    seeds: [
      encode(
        '{"id":"a","title":"t","selftext":"s","author":"ann","created_utc":1700000000}\n{"id":"b","link_id":"t3_a","parent_id":"t3_a","body":"u/ann @ann","author":"bob"}\n',
      ),
      encode(
        '<posts>\n<row Id="1" PostTypeId="1" Body="&lt;p&gt;a" Title="t" />\n<row Id="2" PostTypeId="2" ParentId="1" Body="b" />\n</posts>',
      ),
      encode(
        '{"orderedItems":[{"type":"Create","actor":"https://a.example/u","object":{"id":"https://a.example/u/1","type":"Note","to":["as:Public"],"content":"<p>x</p>"}}]}',
      ),
    ],
    read: ofImporter(postsImporter, 'posts.jsonl', { authors: 'drop' }),
  },
];

const fragments = [
  '<',
  '>',
  '"',
  '&#x',
  ']]>',
  '<!--',
  '\0',
  '\r\n\r\n',
  '\xff\xfe',
  '{',
  '[',
  '%PDF-',
  ',,',
  '9'.repeat(40),
].map((text) => Buffer.from(text, 'latin1'));
const mostSeconds = 5;

/** `count` damaged documents for each parser. */
export async function damageAll(parser: Parser, count: number, seed: number): Promise<void> {
  const random = createRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-damage-'));
  try {
    for (let i = 0; i < count; i++) {
      let bytes = Buffer.from(parser.seeds[below(parser.seeds.length)]);
      for (let n = 1 + below(5); n > 0; n--) bytes = damage(bytes, below, fragments[below(fragments.length)]);
      await readDamaged(parser, bytes, folder);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function readDamaged(parser: Parser, bytes: Buffer, folder: string): Promise<void> {
  const start = process.cpuUsage();
  const input = bytes.toString('base64');
  try {
    expect(await parser.read(bytes, folder), input).toBeLessThan(50 * bytes.length + 10_000);
  } catch (error) {
    if (!(error instanceof DataError)) throw new Error(`${parser.name} failed on ${input}`, { cause: error });
  }
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1e6, input).toBeLessThan(mostSeconds);
}

function damage(bytes: Buffer, below: (limit: number) => number, fragment: Buffer): Buffer<ArrayBuffer> {
  const at = below(bytes.length + 1);
  const to = Math.min(bytes.length, at + below(60));
  const noise = Uint8Array.from({ length: 1 + below(6) }, () => below(256));
  const ways: readonly (() => readonly Uint8Array[])[] = [
    () => [bytes.subarray(0, at), fragment, bytes.subarray(at)],
    () => [bytes.subarray(0, at), bytes.subarray(to)],
    () => [bytes.subarray(0, to), bytes.subarray(at)],
    () => [bytes.subarray(0, at)],
    () => [bytes.subarray(0, at), noise, bytes.subarray(Math.min(bytes.length, at + noise.length))],
  ];
  return Buffer.concat(ways[below(ways.length)]());
}
