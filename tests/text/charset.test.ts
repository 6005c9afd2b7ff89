// Finding the charset against html5lib's encoding cases, and the two repairs that browsers do not make.
import { describe, expect, test } from 'vitest';
import { canonicalCharset, decodeText, sniffCharset } from '@gristmill/text';
import { haveHtml5lib, readArchive } from '../markup/html5lib.ts';

describe('sniffCharset', () => {
  test.skipIf(!haveHtml5lib)('agrees with html5lib on pages without scripts (needs ../shared/data)', () => {
    let cases = 0;
    const wrong: string[] = [];
    for (const [name, bytes] of readArchive('encoding')) {
      if (name.includes('scripted')) continue;
      const text = Buffer.from(bytes).toString('latin1');
      for (const part of text.split(/^#data\n/m).slice(1)) {
        const [data, rest] = part.split(/\n#encoding\n/);
        const expected = canonicalCharset((rest ?? '').split('\n')[0]);
        if (expected === undefined) continue;
        cases++;
        const found = sniffCharset(Buffer.from(data, 'latin1'), { markup: 'html' }) ?? 'windows-1252';
        if (found !== expected) wrong.push(`${expected} not ${found}: ${data.slice(0, 80)}`);
      }
    }
    expect(cases).toBeGreaterThan(60);
    expect(wrong).toEqual([]);
  });

  test('believes a byte order mark before the transport, and the transport before the page', () => {
    const page = '<meta charset=koi8-r>';
    expect(sniffCharset(Buffer.from(`\ufeff${page}`), { charset: 'big5', markup: 'html' })).toBe('utf-8');
    expect(sniffCharset(Buffer.from(page), { charset: 'big5', markup: 'html' })).toBe('big5');
    expect(sniffCharset(Buffer.from(page), { markup: 'html' })).toBe('koi8-r');
    expect(sniffCharset(Buffer.from(page))).toBeUndefined();
  });
});

describe('decodeText without a declaration', () => {
  const samples: readonly (readonly [string, string, Uint8Array])[] = [
    [
      'windows-1251',
      'Привет, как дела',
      Uint8Array.from([207, 240, 232, 226, 229, 242, 44, 32, 234, 224, 234, 32, 228, 229, 235, 224]),
    ],
    [
      'shift_jis',
      'こんにちは、せかい',
      Uint8Array.from([
        130, 177, 130, 241, 130, 201, 130, 191, 130, 205, 129, 65, 130, 185, 130, 169, 130, 162,
      ]),
    ],
    ['windows-1252', 'Größe, Wärme, Straße', Buffer.from('Größe, Wärme, Straße', 'latin1')],
    ['utf-16le', 'Hello, world of text', Buffer.from('Hello, world of text', 'utf16le')],
    ['utf-8', 'Größe 大きさ', new TextEncoder().encode('Größe 大きさ')],
  ];
  test.each(samples)('reads %s', (charset, text, bytes) => {
    expect(decodeText(bytes)).toMatchObject({ charset, text });
  });

  test('never throws, whatever the declaration says', () => {
    for (const charset of ['no-such-charset', 'x-user-defined', 'replacement', 'iso-2022-kr', '']) {
      expect(decodeText(Uint8Array.of(65, 0xff, 0xfe, 66), { charset, markup: 'html' }).text).toContain('A');
    }
  });
});
