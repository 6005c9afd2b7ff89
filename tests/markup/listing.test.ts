// Lists of documents: feeds, catalogues, repositories, sitemaps. Each of the kinds, with the page that follows.
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createSitemapReader, parseSitemap, readListing } from '@gristmill/markup';

const url = 'https://a.example/lists/one?x=1';
const atom = 'xmlns="http://www.w3.org/2005/Atom"';
const catalogue = 'type="application/atom+xml;profile=opds-catalog;kind=acquisition"';
const book = 'http://opds-spec.org/acquisition';

describe('a list', () => {
  test.each([
    [
      'RSS 2.0 with its next page (RFC 5005)',
      `<?xml version="1.0"?><rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><title>t</title><link>https://a.example/</link>
       <a:link rel="self" href="/feed"/><a:link rel="next" href="/feed?page=2"/>
       <item><title>1</title><link> /one </link></item><item><guid>https://a.example/two</guid></item>
       <item><guid isPermaLink="false">https://a.example/no</guid></item></channel></rss>`,
      { kind: 'feed', documents: ['/one', 'https://a.example/two'], lists: ['/feed?page=2'] },
    ],
    [
      'RSS 1.0',
      `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><channel rdf:about="x"/><item rdf:about="https://a.example/r"><title>r</title></item></rdf:RDF>`,
      { kind: 'feed', documents: ['https://a.example/r'], lists: [] },
    ],
    [
      'Atom with an archive and a base',
      `<feed ${atom} xml:base="/blog/"><link rel="prev-archive" href="2023"/><link href="https://a.example/"/>
       <entry><link rel="edit" href="edit"/><link href="a"/></entry><entry><link rel="alternate" href="b"/></entry></feed>`,
      { kind: 'feed', documents: ['a', 'b'], lists: ['2023'], base: 'https://a.example/blog/' },
    ],
    [
      'JSON Feed with its next page',
      '{"version":"https://jsonfeed.org/version/1.1","next_url":"/n","items":[{"id":"1","url":"/a"},{"external_url":"/b"},{"id":3}]}',
      { kind: 'feed', documents: ['/a', '/b'], lists: ['/n'] },
    ],
    [
      'OPDS 1: navigation, books for nothing, the next page; no samples, prices, covers, facets',
      `<feed ${atom}><link rel="next" href="/opds?p=2" ${catalogue}/><link rel="http://opds-spec.org/facet" href="/opds?sort=new" ${catalogue}/>
       <link rel="self" href="/opds" ${catalogue}/><link rel="search" href="/s" type="application/opensearchdescription+xml"/>
       <entry><title>More</title><link rel="subsection" href="/opds/new" ${catalogue}/></entry>
       <entry><title>Book</title><link rel="${book}/open-access" href="/b.epub" type="application/epub+zip"/>
       <link rel="${book}/sample" href="/s.epub"/><link rel="${book}/buy" href="/pay"/><link rel="http://opds-spec.org/image" href="/c.jpg"/></entry></feed>`,
      { kind: 'opds', documents: ['/b.epub'], lists: ['/opds?p=2', '/opds/new'] },
    ],
    [
      'OPDS 2',
      JSON.stringify({
        metadata: { title: 't' },
        links: [{ rel: ['next'], href: '/2' }],
        navigation: [{ href: '/new', title: 'n' }],
        publications: [
          {
            metadata: {},
            links: [
              { rel: `${book}/open-access`, href: '/b' },
              { rel: `${book}/buy`, href: '/p' },
            ],
          },
        ],
        groups: [{ publications: [{ links: [{ rel: book, href: '/c' }] }] }],
      }),
      { kind: 'opds', documents: ['/b', '/c'], lists: ['/2', '/new'] },
    ],
    [
      'OAI-PMH records and the rest of them',
      `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><request verb="ListRecords">x</request><ListRecords>
       <record><header><identifier>oai:a:1</identifier></header><metadata><oai_dc:dc xmlns:oai_dc="o" xmlns:dc="d">
       <dc:identifier>https://a.example/1</dc:identifier><dc:identifier>doi:10.1/x</dc:identifier></oai_dc:dc></metadata></record>
       <record><header status="deleted"><identifier>oai:a:2</identifier></header></record>
       <resumptionToken cursor="0">a b&amp;c</resumptionToken></ListRecords></OAI-PMH>`,
      {
        kind: 'oai-pmh',
        documents: ['https://a.example/1'],
        lists: ['https://a.example/lists/one?verb=ListRecords&resumptionToken=a+b%26c'],
      },
    ],
    [
      'OAI-PMH identifiers; an empty token ends the list',
      `<OAI-PMH><ListIdentifiers><header><identifier>oai:a:1</identifier></header><resumptionToken/></ListIdentifiers></OAI-PMH>`,
      {
        kind: 'oai-pmh',
        documents: [],
        lists: ['https://a.example/lists/one?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai%3Aa%3A1'],
      },
    ],
  ])('%s', (_, text, expected) => {
    expect(readListing(text, url)).toEqual({ base: url, ...expected });
  });

  test.each(['', '<html><body>x', '{"a":1}', '[1]', '{', '<svg/>', 'plain'])('%j is none', (text) => {
    expect(readListing(text, url)).toBeUndefined();
  });
});

describe('a sitemap', () => {
  const page = (n: number): string =>
    `<url>\n<loc> https://a.example/${n}?a=1&amp;b=2 </loc><image:image><image:loc>https://i.example/x.png</image:loc></image:image><lastmod>2024-01-02</lastmod></url>`;
  const whole = `\uFEFF<?xml version="1.0"?><urlset>${[1, 2, 3].map(page).join('')}</urlset>`;

  test('gives pages and when they changed, without their pictures', () => {
    const entry = (n: number) => ({ url: `https://a.example/${n}?a=1&b=2`, lastModified: '2024-01-02' });
    expect(parseSitemap(whole)).toEqual({ pages: [1, 2, 3].map(entry), sitemaps: [] });
  });

  test('read in pieces it gives the same, wherever it is cut', () => {
    for (let size = 1; size < 40; size += 3) {
      const reader = createSitemapReader();
      for (let at = 0; at < whole.length; at += size) reader.write(whole.slice(at, at + size));
      expect(reader.end()).toEqual(parseSitemap(whole));
    }
  });

  test('may be an index, or a list of lines', () => {
    const index =
      '<s:sitemapindex xmlns:s="x"><s:sitemap><s:loc>/m.xml.gz</s:loc></s:sitemap></s:sitemapindex>';
    expect(parseSitemap(index)).toEqual({ pages: [], sitemaps: [{ url: '/m.xml.gz' }] });
    expect(parseSitemap('https://a.example/1\r\n\nhttps://a.example/2')).toMatchObject({
      pages: [{ url: 'https://a.example/1' }, { url: 'https://a.example/2' }],
    });
    expect(parseSitemap(gzipSync('x').toString('latin1'))).toEqual({ pages: [], sitemaps: [] });
  });
});
