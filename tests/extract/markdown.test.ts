// Markdown of a page means what the page says: marks are escaped where they would be read as marks, and only there.
import { describe, expect, it } from 'vitest';
import { extractHtml } from '@gristmill/extract';

const filler =
  'The mill stood by the river for as long as anybody could remember, and its wheel turned day and night.';
const markdown = (body: string): string =>
  extractHtml(
    `<html><body><article><h1>The mill</h1><p>${filler}</p>${body}<p>${filler}</p></article></body></html>`,
    {
      format: 'markdown',
    },
  )
    .text.replaceAll(filler, '…')
    .replace('# The mill\n\n…\n\n', '')
    .replace(/\n\n…$/, '');

describe('Markdown', () => {
  it.each([
    ['# no heading, though the line begins like one', '\\# no heading, though the line begins like one'],
    ['1. no list, only a sentence that counts', '1\\. no list, only a sentence that counts'],
    ['- no list either, but a dash before words', '\\- no list either, but a dash before words'],
    ['The *star* and the _bar_ and a `tick`.', 'The \\*star\\* and the \\_bar\\_ and a \\`tick\\`.'],
    ['snake_case_name and 2 * 3 are safe as they are.', 'snake_case_name and 2 * 3 are safe as they are.'],
    ['A tag &lt;b&gt; and a link [x](y), but 1 &lt; 2.', 'A tag \\<b> and a link \\[x](y), but 1 < 2.'],
  ])('of the paragraph %j', (html, expected) => expect(markdown(`<p>${html}</p>`)).toBe(expected));

  it('escapes nothing in code', () => {
    expect(markdown('<p>The call <code>f(*a, _b_)</code> is made for each of the stones.</p>')).toBe(
      'The call `f(*a, _b_)` is made for each of the stones.',
    );
    expect(markdown('<pre># x\n* y</pre>')).toBe('```\n# x\n* y\n```');
  });

  it('keeps the number with which a list begins, and an item between two others', () => {
    const list =
      '<ol start="3"><li>Lift the stone and look at its grooves.<ul><li>Deep?</li></ul></li><li>Lower the stone again with care.</li></ol>';
    expect(markdown(list)).toBe(
      '3. Lift the stone and look at its grooves.\n    - Deep?\n4. Lower the stone again with care.',
    );
  });

  it('keeps the paragraphs of one quotation together', () => {
    expect(
      markdown(
        `<blockquote><p>It had not rained for weeks, he said.</p><p>Nobody answered him at all.</p></blockquote>`,
      ),
    ).toBe('> It had not rained for weeks, he said.\n>\n> Nobody answered him at all.');
  });
});
