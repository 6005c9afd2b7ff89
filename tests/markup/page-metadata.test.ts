// Title, author and date as pages state them: heads of pages in the ways that sites write them, all made up.
import { describe, expect, it } from 'vitest';
import { gatherFacts, parseDate, parseHtml, readMetadata } from '@gristmill/markup';

const read = (html: string, url?: string) => readMetadata(gatherFacts(parseHtml(html), url));
const page = (head: string, body: string, url?: string) =>
  read(`<html><head>${head}</head><body>${body}</body></html>`, url);

describe('titles', () => {
  it.each([
    ['<title>Growing pears | The Orchard</title>', '<h1>Growing pears</h1>', 'Growing pears'],
    [
      '<title>The Orchard » Growing pears in clay</title>',
      '<h1><a href="/">The Orchard</a></h1><h2>Growing pears in clay</h2>',
      'Growing pears in clay',
    ],
    [
      '<title>Growing pears in clay - The Orchard</title><meta property="og:site_name" content="The Orchard">',
      '<h1>The Orchard</h1><div class="entry-title">Growing pears in clay</div>',
      'Growing pears in clay',
    ],
    ['<title>How do pears grow? | Fruit | Forum</title>', '<p>Well.</p>', 'How do pears grow?'],
    [
      '<title>Pears – a guide for clay</title>',
      '<h1>Pears – a guide for clay</h1>',
      'Pears – a guide for clay',
    ],
    ['<title>梨树的栽培方法-果园网</title>', '<p>一</p>', '梨树的栽培方法'],
    ['<title>Orchard</title>', '<h1>Orchard</h1>', 'Orchard'],
  ])('%s %s', (head, body, title) => expect(page(head, body).title).toBe(title));

  it('know a site by its host, also behind an archive', () => {
    const head = '<title>Orchard Blog – Pears in clay</title>';
    const body = '<h1>Orchard Blog</h1><h2>Pears in clay</h2>';
    expect(page(head, body, 'https://www.orchardblog.example/x').title).toBe('Pears in clay');
    expect(
      page(head, body, 'https://web.archive.org/web/20110101000000/http://orchardblog.example/x').title,
    ).toBe('Pears in clay');
  });
});

const graph = (value: object) => `<script type="application/ld+json">${JSON.stringify(value)}</script>`;

describe('authors', () => {
  it.each([
    ['<p>Von Anna Bell und Ben Okri, 3. Mai 2024</p>', 'Anna Bell; Ben Okri'],
    ['<span>By Anna Bell, Ben Okri and Cleo van der Berg</span>', 'Anna Bell; Ben Okri; Cleo van der Berg'],
    [
      '<a rel="author" href="/a">Anna Bell</a>, <a rel="author" href="/b">Ben Okri</a>',
      'Anna Bell; Ben Okri',
    ],
    ['<div class="author"><a href="/anna">Anna Bell</a><br>All articles by Anna</div>', 'Anna Bell'],
    [
      '<div class="byline"><span>By</span><a href="/a">Anna Bell</a><span>Thursday, May 2</span></div>',
      'Anna Bell',
    ],
    ['<span itemprop="author" itemscope><span itemprop="name">Ana Núñez</span></span>', 'Ana Núñez'],
    ['<footer>Theme by Theo Maker</footer><p>nothing</p>', undefined],
    ['<p>by the river we sat</p>', undefined],
  ])('%s', (body, author) => expect(page('', body).author).toBe(author));

  it('follows a reference in a JSON-LD graph', () => {
    const head = graph({
      '@graph': [
        { '@type': 'Article', headline: 'Pears', author: { '@id': '#anna' } },
        { '@type': ['Person', 'Organization'], '@id': '#anna', name: 'Anna Bell' },
        { '@type': 'Person', '@id': '#ben', name: 'Ben Okri' },
      ],
    });
    expect(page(head, '').author).toBe('Anna Bell');
  });

  it('takes several meta elements, and no site for a person', () => {
    expect(
      page(
        '<meta name="citation_author" content="Bell, A."><meta name="citation_author" content="Okri, B.">',
        '',
      ).author,
    ).toBe('Bell, A.; Okri, B.');
    const head =
      '<meta property="og:site_name" content="The Orchard"><meta name="author" content="The Orchard">';
    expect(page(head, '<p class="byline">By Anna Bell</p>').author).toBe('Anna Bell');
  });
});

describe('dates', () => {
  it.each([
    ['3. Oktober 2019', '2019-10-03'],
    ['October 3rd, 2019', '2019-10-03'],
    ['3 de octubre de 2019', '2019-10-03'],
    ['3. lokakuuta 2019', '2019-10-03'],
    ['3 жовтня 2019', '2019-10-03'],
    ['3 Οκτωβρίου 2019', '2019-10-03'],
    ['3 באוקטובר 2019', '2019-10-03'],
    ['3 अक्टूबर 2019', '2019-10-03'],
    ['3 tháng 10, 2019', '2019-10-03'],
    ['2019年10月3日', '2019-10-03'],
    ['3 listopada 2019', '2019-11-03'],
    ['the 3 men of 2019', undefined],
  ])('%s', (text, date) => expect(parseDate(text)).toBe(date));

  it('come from JSON-LD, time elements, microdata, and the address', () => {
    expect(page(graph({ '@type': 'NewsArticle', datePublished: '2020-02-03T10:00:00Z' }), '').date).toBe(
      '2020-02-03',
    );
    expect(page('', '<time datetime="2020-02-03">yesterday</time>').date).toBe('2020-02-03');
    expect(page('', '<span itemprop="datePublished" content="2020-02-03">x</span>').date).toBe('2020-02-03');
    expect(page('', '<p>x</p>', 'https://a.example/2020/2/3/pears').date).toBe('2020-02-03');
  });
});
