// The flat tree against html5lib's tree construction cases (what is text, in which order, in which element) and on shapes
// that break parsers.
import { describe, expect, test } from 'vitest';
import { nameOf, nodeText, parseHtml, subtreeText, tag, textTag, type FlatTree } from '@gristmill/markup';
import { expectedTexts, haveHtml5lib, readArchive, readTreeCases } from './html5lib.ts';

function textsOf(tree: FlatTree): string[] {
  const texts: string[] = [];
  for (let i = 1; i < tree.length; i++)
    if (tree.tag[i] === textTag) {
      // A body that the page leaves out is not added to the tree.
      const name = nameOf(tree, tree.parent[i]);
      texts.push(`${name === '' || name === 'html' ? 'body' : name}:${nodeText(tree, i)}`);
    }
  return texts;
}

/** Neighbouring texts of one element as one: a comment between them is no content. */
function elements(texts: readonly string[]): string {
  const merged: string[] = [];
  for (const text of texts) {
    const [, name, words] = /^([^:]*):([\s\S]*)$/.exec(text) ?? ['', '', ''];
    if (words.trim() === '') continue;
    const last = merged[merged.length - 1];
    if (last?.startsWith(`${name}:`)) merged[merged.length - 1] = last + words;
    else merged.push(`${name}:${words}`);
  }
  return merged.join('\n');
}

function expectNested(tree: FlatTree): void {
  for (let i = 1; i < tree.length; i++) {
    expect(tree.parent[i]).toBeLessThan(i);
    expect(tree.end[i]).toBeGreaterThan(i);
    expect(tree.end[i]).toBeLessThanOrEqual(tree.end[tree.parent[i]]);
    expect(tree.start[i]).toBeLessThanOrEqual(tree.stop[i]);
  }
}

const joined = (texts: readonly string[]) =>
  texts
    .map((text) => text.slice(text.indexOf(':') + 1))
    .join('')
    .replace(/\s+/g, '');

describe('the flat tree', () => {
  test.skipIf(!haveHtml5lib)(
    'has the text of html5lib in its order, but for foster parenting (needs ../shared/data)',
    () => {
      let cases = 0;
      let sameText = 0;
      let sameElement = 0;
      for (const bytes of readArchive('tree-construction').values()) {
        for (const { data, document, isFragment } of readTreeCases(new TextDecoder().decode(bytes))) {
          if (isFragment || /<(?:frameset|template|noscript|plaintext)|\0|]]>/i.test(data)) continue;
          const expected = expectedTexts(document);
          const found = textsOf(parseHtml(data));
          cases++;
          if (joined(found) === joined(expected)) sameText++;
          if (elements(found) === elements(expected)) sameElement++;
        }
      }
      expect(cases).toBeGreaterThan(900);
      expect(sameText / cases).toBeGreaterThan(0.9);
      expect(sameElement / cases).toBeGreaterThan(0.7);
    },
  );

  test('closes what HTML closes by itself', () => {
    const tree = parseHtml('<ul><li>a<li>b</ul><p>c<p>d<table><tr><td>e<td>f<tr><td>g</table>');
    expect(textsOf(tree)).toEqual(['li:a', 'li:b', 'p:c', 'p:d', 'td:e', 'td:f', 'td:g']);
  });

  test('does not let a link reach beyond its end tag when a block crosses it', () => {
    const tree = parseHtml('<div><a href=x><div>linked</a>free</div>after</div>');
    const linked = textsOf(tree);
    expect(linked).toEqual(['div:linked', 'div:free', 'div:after']);
    const free = tree.tag.lastIndexOf(textTag, tree.length - 2);
    let node = free;
    while (node > 0 && tree.tag[node] !== tag.a) node = tree.parent[node];
    expect(node).toBe(0);
  });

  test('every subtree lies inside its parent and the spans inside the source', () => {
    const tree = parseHtml(
      '<p>a<b>b<div>c</b>d<table><p>e</table><script>x<y</script><!-- > --><a b="c>d">f',
    );
    expectNested(tree);
    expectNested(parseHtml('<ul><li>a'.repeat(2000)));
    expect(subtreeText(tree, 0)).toBe('ab cd e f');
  });

  test.each([
    ['open elements', '<div>'],
    ['formatting', '<b>'],
    ['crossed links', '<a><div></a>'],
    ['unclosed comments', '<!--'],
    ['unclosed tags', '<a href="'],
    ['unclosed quotes', `<a b='"`],
    ['end tags', '</p></x></div>'],
    ['brackets', '<'],
    ['tables', '<table><tr><td>'],
    ['scripts', '<script></scrip'],
    ['entities', '&amp'],
  ])('a megabyte of %s takes time in proportion to its length', (_, piece) => {
    const seconds = (bytes: number) => {
      const source = piece.repeat(Math.ceil(bytes / piece.length));
      const start = process.cpuUsage();
      subtreeText(parseHtml(source), 0);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1e6;
    };
    seconds(50_000);
    expect(seconds(1_000_000)).toBeLessThan(1);
  });
});
