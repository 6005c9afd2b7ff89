import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { feedImporter, parseFeed, readTar, type Feed } from '@gristmill/import';
import { decodeText } from '@gristmill/text';
import { createImportFolder, reasonOf, textOf } from './import-folder.ts';

const data = '../shared/data/feed-tests/feedparser-tests.tar.gz';

async function readFeeds(): Promise<{ path: string; text: string; feed: Feed | undefined }[]> {
  const feeds = [];
  for await (const { path, content } of readTar(data)) {
    if (typeof content === 'string' || !path.endsWith('.xml')) continue;
    const { text } = decodeText(content, { markup: 'xml' });
    feeds.push({ path, text, feed: parseFeed(text) });
  }
  return feeds;
}

/** What `Expect: … entries[0]['title'] == '…'` says, with Python's escapes undone. */
function expectations(text: string): { field: 'title' | 'link' | 'id'; value: string }[] {
  const [, line] = /Expect:\s*(.*)/.exec(text) ?? [];
  return [
    ...(line ?? '').matchAll(/entries\[0\]\[['"](title|link|id)['"]\] == u?(['"])(.*?)\2\s*(?=and|$)/g),
  ].map((match) => ({
    field: match[1] as 'title',
    value: match[3].replace(/\\x([0-9a-f]{2})|\\u([0-9a-f]{4})/g, (_, two: string, four: string) =>
      String.fromCodePoint(parseInt(two ?? four, 16)),
    ),
  }));
}

describe.skipIf(!existsSync(data))("feedparser's feeds (they lie beside the project)", () => {
  test('2,106 are read, but for UTF-32 and a file without any feed', async () => {
    const feeds = await readFeeds();
    const none = feeds.filter(({ feed }) => feed === undefined).map(({ path }) => path);
    expect(feeds.length).toBe(2106);
    expect(none.filter((path) => !/utf.32/.test(path))).toEqual(['tests/illformed/rss_empty_document.xml']);
  });

  test('titles, links and ids are those expected where no markup or base URL is asked for', async () => {
    const wrong: string[] = [];
    let right = 0;
    for (const { path, text, feed } of await readFeeds()) {
      // We take titles as text and leave relative links as they are.
      if (/\/base\/|sanitize/.test(path)) continue;
      for (const { field, value } of expectations(text)) {
        if (/<\w/.test(value) || value === '') continue;
        if (feed?.entries[0]?.[field] === value) right++;
        else wrong.push(`${path} ${field}`);
      }
    }
    expect(right).toBeGreaterThan(30);
    expect(
      wrong.filter((line) => !/inline_markup_2|text_plain_brackets|media|guid|_map_/.test(line)),
    ).toEqual([]);
  });
});

test('entries become items with the fuller text, named by their id', async () => {
  await using folder = await createImportFolder('post');
  const rss = `<?xml version="1.0"?><rss version="2.0"><channel><title>Blog</title><language>en</language><copyright>CC BY</copyright>
    <item><title>One &amp;amp; all</title><guid isPermaLink="false">g1</guid><link>http://a.example/1?utm_source=x</link><description>short</description>
      <content:encoded><![CDATA[<p>long</p>]]></content:encoded><pubDate>Tue, 06 Jan 2026 10:00:00 GMT</pubDate><author>a@b.example (Ann)</author></item>
    <item><link>http://a.example/2</link><description></description></item></channel></rss>`;
  const items = await folder.items(feedImporter, 'feed.xml', rss);
  expect(items.map((item) => [item.source.item, textOf(item), item.mediaType, reasonOf(item)])).toEqual([
    ['g1', '<p>long</p>', 'text/html', undefined],
    ['http://a.example/2', '', 'text/plain', 'empty'],
  ]);
  expect(items[0].metadata).toEqual({
    title: 'One & all',
    author: 'Ann',
    date: '2026-01-06',
    siteName: 'Blog',
    licence: 'CC BY',
    language: 'en',
    canonicalUrl: 'http://a.example/1',
  });
});

test('Atom says what is text, markup, or markup within', () => {
  const entry = (content: string) => parseFeed(`<feed><entry>${content}</entry></feed>`)?.entries[0];
  expect(entry('<content type="text">1 &lt; 2</content>')).toMatchObject({ content: '1 < 2', isPlain: true });
  expect(entry('<content type="html">&lt;b>x&lt;/b></content>')).toMatchObject({
    content: '<b>x</b>',
    isPlain: false,
  });
  expect(entry('<content type="xhtml"><div>a<br/>b &amp; c</div></content>')).toMatchObject({
    content: '<div>a<br>b &amp; c</div>',
    isPlain: false,
  });
  expect(entry('<summary>s</summary><link rel="self" href="u"/><link href="http://v/"/>')).toMatchObject({
    content: 's',
    link: 'http://v/',
  });
});

test('what is no feed is a verdict, and no text stops the reader', async () => {
  await using folder = await createImportFolder('post');
  expect((await folder.items(feedImporter, 'f', '<html></html>')).map(reasonOf)).toEqual(['no-feed']);
  expect((await folder.items(feedImporter, 'f', Buffer.from([0, 1, 2]))).map(reasonOf)).toEqual(['binary']);
  const deep = `<rss><channel>${'<item><description>'.repeat(20_000)}`;
  expect((await folder.items(feedImporter, 'f', deep)).length).toBeLessThan(3);
  const random = createRandom(17);
  const parts = [
    '<rss>',
    '<item>',
    '</item>',
    '<title',
    '>',
    '<![CDATA[',
    ']]>',
    '&amp',
    '&#x;',
    '"',
    ' x="',
    '<entry>',
    '<content type="xhtml">',
    'é',
    '<!--',
  ];
  for (let round = 0; round < 400; round++) {
    const text = `<rss><channel><item>${Array.from({ length: 30 }, () => parts[Math.floor(random() * parts.length)]).join('')}`;
    expect(Array.isArray(parseFeed(text)?.entries)).toBe(true);
  }
});
