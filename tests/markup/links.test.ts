import { describe, expect, test } from 'vitest';
import { parseHtml, readLinkHeaders, readLinks, urlsToFollow, type PageLink } from '@gristmill/markup';
import { countOperations } from './count-operations.ts';
import { mutatePage } from './page-mutations.ts';
import { standardUrls } from './parse5-reading.ts';

const page = 'https://a.example/x/page.html';
const linksOf = (html: string, url = page): readonly PageLink[] => readLinks(parseHtml(html), url).links;
const urlsOf = (html: string): string[] => urlsToFollow(readLinks(parseHtml(html), page));

describe('links of a page', () => {
  test('come in its order, absolute, without fragments, each once', () => {
    const html =
      '<a href="b.html#top">1</a><map><area href=/c></map><a href=" ../d ">2</a><a href="b.html">3</a>' +
      '<svg><a xlink:href="/drawn"><text>4</text></a></svg><frameset><frame src=f></frameset><iframe src="//b.example/"></iframe>';
    expect(urlsOf(html)).toEqual([
      ...['https://a.example/x/b.html', 'https://a.example/c', 'https://a.example/d'],
      ...['https://a.example/drawn', 'https://a.example/x/f', 'https://b.example/'],
    ]);
  });

  test.each([
    ['a base', '<base href="/y/"><base href="/z/"><a href=b>', ['https://a.example/y/b']],
    ['a base that comes late', '<a href=b></a><base href="//b.example/">', ['https://b.example/b']],
    ['a base that is no address', '<base href="javascript:x"><a href=b>', ['https://a.example/x/b']],
    [
      'references in addresses',
      '<a href="?a=1&amp;b=2&region=3&copy;4">',
      [`${page}?a=1&b=2&region=3%C2%A94`],
    ],
    [
      'what is no document',
      '<a href="mailto:x"><a href="javascript:y"><a href="data:,z"><a href="http://[">',
      [],
    ],
    [
      'scripts, comments, styles',
      '<script>"<a href=/s>"</script><!-- <a href=/c> --><style><a href=/t></style>',
      [],
    ],
    ['a page for those without scripts', '<noscript><a href=/n>n</a></noscript>', ['https://a.example/n']],
    ['a template', '<template><a href="/{{id}}"></a></template>', []],
    [
      'a shadow tree',
      '<div><template shadowrootmode=open><a href=/s></a></template></div>',
      ['https://a.example/s'],
    ],
    [
      'a frame with its document',
      '<iframe src=/not srcdoc="<a href=/in&amp;amp;1>">',
      ['https://a.example/in&1'],
    ],
    ['a refresh', '<meta http-equiv=Refresh content="5; URL=\'/next\'">', ['https://a.example/next']],
    ['a refresh that leads nowhere', '<meta http-equiv=refresh content=300>', []],
    ['nofollow', '<a rel="external nofollow" href=/no></a><a href=/yes></a>', ['https://a.example/yes']],
  ])('%s', (_, html, expected) => expect(urlsOf(html)).toEqual(expected));

  test('of its own other addresses tell what they are', () => {
    const html =
      '<link rel=canonical href=/c><link rel=alternate hreflang=de-AT href=/de><link rel="alternate stylesheet" href=/s.css>' +
      '<link rel=alternate type="application/rss+xml" title=News href=/feed><link rel=feed href=/f2>' +
      '<link rel=alternate type="application/atom+xml;profile=opds-catalog" href=/opds>' +
      '<link rel=alternate type="application/json" href=/wp-json/wp/v2/posts/1><link rel=next href=?p=3><a rel=prev href=?p=1>';
    expect(linksOf(html)).toEqual([
      { url: 'https://a.example/c', kind: 'canonical' },
      { url: 'https://a.example/de', kind: 'alternate', language: 'de-AT' },
      { url: 'https://a.example/feed', kind: 'feed', mediaType: 'application/rss+xml' },
      { url: 'https://a.example/f2', kind: 'feed' },
      { url: 'https://a.example/opds', kind: 'feed', mediaType: 'application/atom+xml;profile=opds-catalog' },
      { url: `${page}?p=3`, kind: 'next' },
      { url: `${page}?p=1`, kind: 'previous' },
    ]);
  });

  test('that are not to be followed are kept apart from the same address elsewhere', () => {
    expect(linksOf('<a rel=nofollow href=/a></a><a href=/a></a>')).toEqual([
      { url: 'https://a.example/a', kind: 'link', noFollow: true },
      { url: 'https://a.example/a', kind: 'link' },
    ]);
  });
});

describe('Link headers', () => {
  test('are read with their parameters; damaged ones and those of other documents give none', () => {
    const fields = [
      '<https://a.example/2>; rel="next", </de>; rel=alternate; hreflang=de, <style.css>; rel=preload; as=style',
      '</pdf>; rel="canonical"; title*=UTF-8\'de\'n%c3%a4chste',
      '</other>; rel=next; anchor="/elsewhere"',
      '<no end; rel=next',
      'rubbish',
    ];
    expect(readLinkHeaders(fields, page)).toEqual([
      { url: 'https://a.example/2', kind: 'next' },
      { url: 'https://a.example/de', kind: 'alternate', language: 'de' },
      { url: 'https://a.example/pdf', kind: 'canonical' },
    ]);
  });
});

const made = `<!doctype html><html><head><title>Pears</title><link rel=canonical href=/c></head><body><ul><li><a href=1>One</a>
<li><a href="2?a=1&b=2">Two</a></ul><table><tr><td><a href=3>Three</a><td><p>x<p>y</table><form><select><option>a<option>b
</select></form><p>Some <b>words <i>and</b> others</i> <a href='4'>four</a></p><noscript><a href=5>5</a></noscript></body></html>`;

test('300 damaged pages lead where parse5 says, but for tags that are cut off', () => {
  let lost = 0;
  let all = 0;
  for (let seed = 0; seed < 300; seed++) {
    const html = mutatePage(made, seed);
    const found = new Set(urlsToFollow(readLinks(parseHtml(html), page)));
    const expected = standardUrls(html, page);
    all += expected.length;
    lost += expected.filter((url) => !found.has(url)).length;
  }
  expect(all).toBeGreaterThan(1000);
  expect(lost / all).toBeLessThan(0.005);
});

const pieces: readonly (readonly [name: string, head: string, piece: string])[] = [
  ['open elements', '', '<div><a href=x>'],
  ['formatting', '', '<b>'],
  ['crossed formatting', '', '<a href=x><div></a>'],
  ['end tags of nothing', '<z>'.repeat(600), '</y></p></b></span></li>'],
  ['shielded end tags', `<y><li><b><table>${'<z>'.repeat(600)}`, '</y></li></b>'],
  ['items under many elements', `<ul>${'<span>'.repeat(600)}`, '<li></li>'],
  ['cells under many elements', `<table>${'<span>'.repeat(600)}`, '<td></td>'],
  ['blocks that are opened again', '', `<b>${'<div>'.repeat(40)}</b>`],
  ['titles that close themselves', '', '<title/>'],
  ['attributes', '<a ', 'href=x '],
  ['frames', '', '<iframe srcdoc="&lt;a href=x>"></iframe>'],
  ['refreshes', '', '<meta http-equiv=refresh content=";      url=x">'],
  ['open quotes', '', `<a href='x"><a href="`],
];

test('twice as much of what breaks parsers is twice the work, counted', () => {
  const bytes = 3000;
  const work = (head: string, piece: string, length: number) => {
    const html = head + piece.repeat(Math.ceil(length / piece.length));
    return () => void readLinks(parseHtml(html), page);
  };
  const counts = countOperations(
    pieces.flatMap(([, head, piece]) => [1, 2, 3].map((times) => work(head, piece, times * bytes))),
  );
  for (const [index, [name]] of pieces.entries()) {
    const [once, twice, thrice] = counts.slice(3 * index, 3 * index + 3);
    const added = twice.blocks - once.blocks;
    expect(added, name).toBeGreaterThan(100);
    expect((thrice.blocks - twice.blocks) / added, name).toBeLessThan(1.1);
    // No large factor either: 512 elements may be open.
    expect(added / bytes, name).toBeLessThan(60);
    expect(thrice.searched, name).toBeLessThan(3.3 * once.searched + 100);
  }
});

test('a long base does not make each link as long', () => {
  const html = `<base href="/${'y'.repeat(100_000)}/">${'<a href=x1>'.repeat(1000)}`;
  expect(readLinks(parseHtml(html), page).base).toBe(page);
});
