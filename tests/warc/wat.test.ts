// WAT records as Common Crawl writes them: one of its own, and one of a page by the layout that it publishes.
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openFile, readWarc, readWat, type Fields } from '@gristmill/warc';

const sample = new URL('../../../shared/data/warc-small/whirlwind.warc.wat.gz', import.meta.url).pathname;

const fields: Fields = [['Content-Type', 'application/json']];
const asRecord = (value: unknown) => ({
  type: 'metadata',
  fields,
  block: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
});

test.skipIf(!existsSync(sample))(
  'a record of Common Crawl is read: what it describes and where that lies',
  async () => {
    await using source = await openFile(sample);
    const found = [];
    for await (const { record } of readWarc(source)) found.push(readWat(record));
    expect(found).toHaveLength(2);
    expect(found[0]).toBeUndefined(); // the file's own warcinfo
    expect(found[1]).toMatchObject({
      type: 'request',
      url: 'https://an.wikipedia.org/wiki/Escopete',
      file: 'CC-MAIN-20240517233122-20240518023122-00000.warc.gz',
      offset: 80610308,
      links: [],
    });
    expect(found[1]!.headers).toContainEqual(['Host', 'an.wikipedia.org']);
  },
);

const page = {
  Container: { Filename: 'a.warc.gz', Offset: '17' },
  Envelope: {
    'WARC-Header-Metadata': { 'WARC-Type': 'response', 'WARC-Target-URI': 'http://a.example/x/y.html' },
    'Payload-Metadata': {
      'HTTP-Response-Metadata': {
        'Response-Message': { Status: '200', Version: 'HTTP/1.1', Reason: 'OK' },
        Headers: { 'Content-Type': 'text/html', 'Set-Cookie': ['a=1', 'b=2'] },
        'HTML-Metadata': {
          Head: {
            Title: 'Mills & rivers',
            Base: '/base/',
            Metas: [
              { name: 'robots', content: 'noindex' },
              { property: 'og:type', content: 'article' },
              { 'http-equiv': 'refresh' },
            ],
            Link: [{ path: 'LINK@/href', url: 'style.css', rel: 'stylesheet' }],
          },
          Links: [
            { path: 'A@/href', url: 'mill.html', text: 'a mill' },
            { path: 'IMG@/src', url: '//b.example/i.png', alt: 'wheel' },
            { path: 'A@/href', url: 'http://' },
            { path: 'FORM@/action' },
          ],
        },
      },
    },
  },
};

test('of a page: status, headers, title, metas, and links made absolute by its base', () => {
  expect(readWat(asRecord(page))).toEqual({
    type: 'response',
    url: 'http://a.example/x/y.html',
    file: 'a.warc.gz',
    offset: 17,
    status: 200,
    headers: [
      ['Content-Type', 'text/html'],
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ],
    title: 'Mills & rivers',
    metas: [
      ['robots', 'noindex'],
      ['og:type', 'article'],
    ],
    links: [
      { url: 'http://a.example/base/style.css', path: 'LINK@/href', rel: 'stylesheet' },
      { url: 'http://a.example/base/mill.html', path: 'A@/href', text: 'a mill' },
      { url: 'http://b.example/i.png', path: 'IMG@/src' },
    ],
  });
});

test.each([
  '',
  'null',
  '[]',
  '{"Envelope":7}',
  '{"Envelope":{"WARC-Header-Metadata":{"WARC-Type":3}}}',
  '{"a":',
])('%j is no WAT record', (text) => expect(readWat(asRecord(text))).toBeUndefined());

test('values of other kinds than the layout says are passed over', () => {
  const strange = structuredClone(page) as unknown as {
    Envelope: Record<string, unknown>;
    Container: unknown;
  };
  strange.Container = { Filename: ['x'], Offset: '-3' };
  strange.Envelope['Payload-Metadata'] = {
    'HTTP-Response-Metadata': {
      Headers: 5,
      'HTML-Metadata': { Head: { Metas: {}, Link: 'x' }, Links: [null, 4] },
    },
  };
  expect(readWat(asRecord(strange))).toEqual({
    ...{ type: 'response', url: 'http://a.example/x/y.html', headers: [], metas: [], links: [] },
  });
});
