// CSS selectors of a recipe: what they select, and what extract makes of it.
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { createRandom, type Row } from '@gristmill/core';
import { extractDocument, extractStage, type ExtractOptions } from '@gristmill/extract';
import { attribute, checkSelector, createNodeSelector, nameOf, parseHtml } from '@gristmill/markup';

describe('a selector', () => {
  const tags = ['div', 'p', 'ul', 'li', 'a', 'b', 'section', 'article', 'h2', 'span'];
  const selectors =
    'p|.x|#i3|div p|div > p|p + p|p ~ ul|li:first-child|li:last-of-type|:is(h2, b) a|[class~=y]|a[href^="/n"]|' +
    'div:not(.x) > *|section:has(a)|li:nth-child(2n+1)|article .x, article .y|[title="a\'b&c"]|:root > body > *';

  /** Well-formed, so that any parser sees the same tree. */
  function makePage(seed: number): string {
    const random = createRandom(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
    const blocks = ['div', 'section', 'article'];
    let id = 0;
    const node = (depth: number, inside: string): string => {
      if (depth > 5 || random() < 0.2) return pick(['text', 'one &amp; two', ' ']);
      const fits = blocks.includes(inside) ? tags.filter((tag) => tag !== 'li') : ['b', 'span'];
      const tag = inside === 'ul' ? 'li' : pick(inside === 'li' ? ['b', 'span', 'a'] : fits);
      const title = random() < 0.1 ? ' title="a&#39;b&amp;c"' : '';
      const held = random() < 0.4 ? ` class="${pick(['x', 'y', 'x y'])}"` : '';
      const href = tag === 'a' ? ` href=/n${id}` : '';
      const count = Math.floor(random() * 4);
      return `<${tag} id=i${id++}${held}${title}${href}>${Array.from({ length: count }, () => node(depth + 1, tag)).join('')}</${tag}>`;
    };
    const body = Array.from({ length: 6 }, () => node(0, 'div')).join('\n');
    return `<!doctype html><html><head><title>t</title></head><body>${body}</body></html>`;
  }

  test('finds what another library finds, on seeded pages', () => {
    let found = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const html = makePage(seed);
      const tree = parseHtml(html);
      const select = createNodeSelector(tree)!;
      const { document } = parseHTML(html);
      for (const selector of selectors.split('|')) {
        const ours = select(selector)!.map((node) => `${nameOf(tree, node)} ${attribute(tree, node, 'id')}`);
        const theirs = [...document.querySelectorAll(selector)].map(
          (element) => `${element.localName} ${element.getAttribute('id') ?? undefined}`,
        );
        expect(ours, `${seed} ${selector}`).toEqual(theirs);
        found += ours.length;
      }
    }
    expect(found).toBeGreaterThan(500);
  });

  test.each(['', '[', 'p:nope', 'p::before', ':has('])(
    '%j is refused before any page is read',
    (selector) => {
      expect(() => checkSelector(selector, 'keep')).toThrow(/keep is no CSS selector/);
    },
  );
});

const article = (text: string): string =>
  `<title>T</title><nav><a href=/a>Home</a></nav><div class=box><p>${text}</p><p class=ads>Buy now.</p></div><footer>Foot</footer>`;

async function extract(html: string, options: ExtractOptions) {
  const result = await extractDocument({ bytes: Buffer.from(html) }, options);
  return 'verdict' in result ? result.verdict : { text: result.text, selectors: result.selectors };
}

describe('extract with selectors', () => {
  const html = article('A short word.');

  test('keeps what is kept without what is dropped, in whatever order they stand', async () => {
    expect(await extract(html, { selectors: { keep: '.box', drop: '.ads' } })).toEqual({
      text: 'A short word.',
      selectors: 'applied',
    });
    expect(await extract(html, { selectors: { keep: 'footer, .box, .box p' } })).toMatchObject({
      text: 'A short word.\n\nBuy now.\n\nFoot',
    });
    expect(await extract(html, { selectors: { keep: 'nav' } })).toMatchObject({ text: 'Home' });
  });

  test('judges what is left where only something is dropped', async () => {
    const sentence = 'The bridge over the river was closed on Monday after divers had found cracks in it. ';
    const { text } = (await extract(article(sentence.repeat(6)), { selectors: { drop: '.ads' } })) as {
      text: string;
    };
    expect(text.trim()).toBe(sentence.repeat(6).trim());
  });

  test('says what became of them: not found, nothing left', async () => {
    const judged = (await extract(html, {})) as { text: string };
    expect(await extract(html, { selectors: { keep: '.gone' } })).toEqual({
      ...judged,
      selectors: 'not-found',
    });
    expect(await extract(html, { selectors: { keep: '.box', drop: 'div' } })).toEqual({
      stage: 'extract',
      reason: 'no-text',
      detail: 'html, by the selectors of its site',
    });
  });

  test('goes by the host of the address, subdomains included', async () => {
    const options = { sites: { 'a.example': { keep: '.box p' }, 'b.a.example': { keep: 'footer' } } };
    const transform = await extractStage.create(options, new Map());
    const textOf = async (url: string): Promise<unknown> =>
      ((await transform({ id: 'x', bytes: Buffer.from(html), url })) as Row)['text'];
    expect(await textOf('https://www.a.example/x')).toBe('A short word.\n\nBuy now.');
    expect(await textOf('https://c.b.a.example/x')).toBe('Foot');
    expect(await textOf('https://aa.example/x')).not.toBe('Foot');
  });

  test.each([
    [{ 'A.example': { keep: 'p' } }, 'no host'],
    [{ 'a.example': 'p' }, 'no object'],
    [{ 'a.example': { keep: 'p[' } }, 'no CSS selector'],
    [{ 'a.example': { kep: 'p' } }, 'no option kep'],
  ])('refuses %j', (sites, message) => {
    expect(() => extractStage.check!({ sites } as never)).toThrow(message);
  });
});
