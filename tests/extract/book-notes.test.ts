// Notes of chapters stand apart, and the marks that call them are no words.
import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { extractDocument } from '@gristmill/extract';

const head =
  '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><head><title>t</title></head><body>';

async function read(body: string): Promise<{ text?: string; notes?: string; role?: string }> {
  const bytes = Buffer.from(`${head}${body}</body></html>`);
  const result = await extractDocument({ bytes, mediaType: 'application/xhtml+xml', whole: true });
  return 'verdict' in result ? {} : { text: result.text, notes: result.notes, role: result.role };
}

describe('a chapter', () => {
  test.each<[string, string, string, string?]>([
    [
      'EPUB 3',
      '<p>The mill has words in it.<a epub:type="noteref" href="#n">1</a> It goes on.</p><aside epub:type="footnote" id="n"><p>A note.</p></aside><p>Next.</p>',
      'The mill has words in it. It goes on.\n\nNext.',
      'A note.',
    ],
    [
      'roles alone',
      '<p>One<a role="doc-noteref" href="#n">*</a> two.</p><section role="doc-endnotes"><h2>Notes</h2><p id="n">A note. <a role="doc-backlink" href="#x">back</a></p></section>',
      'One two.',
      'Notes\n\nA note.',
    ],
    [
      'EPUB 2 with raised figures',
      '<p>Words in it<sup><a href="n.xhtml#n1">1</a></sup> and x<sup>2</sup>.</p><p>Next.<a id="r" href="#f"><sup>*</sup></a></p><p id="f"><a href="#r">*</a> A note.</p>',
      'Words in it and x2.\n\nNext.',
      'A note.',
    ],
    [
      'Gutenberg',
      '<p>Words<a id="A1"></a><a href="#F1" class="fnanchor">[1]</a> more.</p><div class="footnote"><p><a id="F1"></a><a href="#A1"><span class="label">[1]</span></a> Note one.</p><p>Its end.</p></div>',
      'Words more.',
      'Note one.\n\nIts end.',
    ],
    [
      'numbers of pages',
      '<p>It turned <span epub:type="pagebreak" id="p12">12</span>slowly, and <span role="doc-pagebreak">13</span>stopped.</p>',
      'It turned slowly, and stopped.',
    ],
    [
      'links that are words, and links to other places',
      '<p>See <a href="#c">chapter 2</a> of <a href="b.xhtml#x">1984</a> and <a href="#c">Mill</a>.</p><p id="c">Text.</p>',
      'See chapter 2 of 1984 and Mill.\n\nText.',
    ],
  ])('of %s', async (_, body, text, notes) => {
    expect(await read(body)).toEqual({ text, notes });
  });

  test('of notes alone is read as they stand', async () => {
    const body =
      '<section epub:type="endnotes"><h2>Notes</h2><ol><li epub:type="endnote"><p>One. <a epub:type="backlink" href="a#b">↩</a></p></li><li><p>Two.</p></li></ol></section>';
    expect(await read(body)).toEqual({ text: 'Notes\n\n- One.\n- Two.', role: 'notes' });
  });

  test('of anything is read without an error, and no word is lost: 300 seeded chapters', async () => {
    const random = createRandom(29);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
    for (let round = 0; round < 300; round++) {
      const words: string[] = [];
      const parts = Array.from({ length: 12 }, (_, at) => {
        words.push(`word${at}`);
        const id = Math.floor(random() * 5);
        return pick([
          `<p id="n${id}">word${at}</p>`,
          `<p>word${at}<a href="#n${id}"><sup>${at}</sup></a></p>`,
          `<div class="footnote"><p><a id="n${id}" href="#n${at}">[${at}]</a> word${at}</p></div>`,
          `<aside epub:type="footnote">word${at}`,
          `<sup><a href="#n${id}">${at}</a> word${at}</sup></aside>`,
          `<p>word${at}<span epub:type="pagebreak">`,
          `</span><a id="n${id}">word${at}</a>`,
        ]);
      });
      const { text = '', notes = '' } = await read(parts.join(''));
      const seen = `${text} ${notes}`;
      // What an open page break swallows is no word.
      if (!parts.some((part) => part.endsWith('pagebreak">')))
        for (const word of words) expect(seen).toContain(word);
    }
  });
});
