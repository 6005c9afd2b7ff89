// Bad input ends in a verdict or in text, never in a crash, and in time that grows with its length alone.
import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { extractDocument } from '@gristmill/extract';

const encode = (text: string) => new TextEncoder().encode(text);
const verdictOf = async (bytes: Uint8Array, options = {}) => {
  const result = await extractDocument({ bytes }, options);
  return 'verdict' in result ? result.verdict.reason : undefined;
};
const textOf = async (item: Parameters<typeof extractDocument>[0]) => {
  const result = await extractDocument(item);
  return 'verdict' in result ? `verdict ${result.verdict.reason}` : result.text;
};

describe('bad documents', () => {
  test('an empty file is a verdict', async () => {
    expect(await verdictOf(new Uint8Array())).toBe('empty');
  });

  test('a picture and random bytes are verdicts', async () => {
    expect(await verdictOf(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10))).toBe('unsupported');
    const random = createRandom(5);
    expect(await verdictOf(Uint8Array.from({ length: 5000 }, () => random() * 256))).toBe('binary');
  });

  test('a file above the limit is a verdict', async () => {
    expect(await verdictOf(encode('too long'), { maxBytes: 4 })).toBe('too-large');
  });

  test('a truncated page keeps the text that is there', async () => {
    expect(
      await textOf({ bytes: encode('<html><body><p>All of this was written before the cut.</p><a href="x') }),
    ).toBe('All of this was written before the cut.');
  });

  test('HTML nested 50,000 deep gives its text', async () => {
    const deep =
      '<div>'.repeat(50_000) + '<p>The text at the bottom of it all.</p>' + '</div>'.repeat(50_000);
    expect(await textOf({ bytes: encode(deep) })).toBe('The text at the bottom of it all.');
  });

  test('a long single line of text is text', async () => {
    const line = 'word '.repeat(1_000_000).trim();
    expect((await textOf({ bytes: encode(line) })).length).toBe(line.length);
  });
});

describe('charsets', () => {
  const page = (text: string) => `<html><body><p>${text}</p></body></html>`;

  test('UTF-8 declared as Latin 1 is read as UTF-8', async () => {
    const bytes = encode(page('Größe und Wärme sind überall schön verteilt.'));
    expect(await textOf({ bytes, charset: 'iso-8859-1' })).toContain('Größe und Wärme');
  });

  test('windows-1252 declared as UTF-8 is read as windows-1252', async () => {
    const bytes = Buffer.from(page('Größe und Wärme sind überall schön verteilt.'), 'latin1');
    expect(await textOf({ bytes, charset: 'utf-8' })).toContain('Größe und Wärme');
  });

  test('a broken character in UTF-8 costs that character only', async () => {
    const bytes = Buffer.concat([
      encode(page('Größe, Wärme, Höhe und ein Fehler: ')),
      Uint8Array.of(0xff),
      encode('<p>Ende gut, alles schön.</p>'),
    ]);
    expect(await textOf({ bytes })).toContain('Größe, Wärme');
  });
});
