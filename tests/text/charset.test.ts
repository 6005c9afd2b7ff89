// Finding the charset against html5lib's encoding cases, and the two repairs that browsers do not make.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { canonicalCharset, decodeText, sniffCharset } from '@gristmill/text';
import { encodeText } from './encode-text.ts';
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

  test.each<[string, string]>([
    ['windows-1250', 'Zażółć gęślą jaźń. Młyn nad rzeką zbudowano, gdy dolina wysyłała jeszcze zboże.'],
    ['iso-8859-2', 'Mlýn u řeky byl postaven v roce 1784, kdy údolí ještě posílalo žito po proudu.'],
    ['windows-1250', 'A malom a folyónál épült, amikor a völgy még búzát küldött, és őrizte a gátat.'],
    [
      'windows-1254',
      'Değirmen ırmağın kıyısında yapıldı; köylüler bütün gün sıralarını beklerdi, işler ağırdı.',
    ],
    ['windows-874', 'โรงสีริมแม่น้ำสร้างขึ้นเมื่อหุบเขายังส่งข้าวไปตามลำน้ำ ชาวนารอคิวทั้งวัน'],
    ['ibm866', 'Мельница у реки построена, когда долина ещё отправляла зерно вниз по течению.'],
    ['iso-8859-5', 'Мельница у реки построена, когда долина ещё отправляла зерно вниз по течению.'],
    ['koi8-u', 'Млин біля річки збудували, коли долина ще відправляла зерно за течією, їх було два.'],
    ['windows-1253', 'Ο μύλος δίπλα στο ποτάμι χτίστηκε όταν η κοιλάδα έστελνε ακόμη σιτάρι.'],
    ['windows-1255', 'הטחנה ליד הנהר נבנתה כאשר העמק עוד שלח תבואה במורד הזרם, והאיכרים חיכו לתורם.'],
    ['windows-1256', 'بنيت الطاحونة عند النهر عندما كان الوادي لا يزال يرسل القمح مع التيار.'],
    [
      'windows-1257',
      'Malūnas prie upės pastatytas, kai slėnis dar siuntė grūdus pasroviui, ūkininkai laukė eilės.',
    ],
    ['windows-1258', 'Tôi đi qua sông và thâm nhâp vào chô xay lúa cua làng, nơi ngươi dân đơi.'],
    ['euc-kr', '강이 굽이치는 곳의 물레방아는 오래전에 지어졌다. 똠방각하와 펲시콜라.'],
    ['big5', '河邊的磨坊是在很久以前建成的，那時山谷還有人把糧食運到下游。'],
    ['gb18030', '河边的磨坊是在很久以前建成的，那时山谷还有人把粮食运到下游。'],
    ['euc-jp', '川のほとりの水車小屋は、谷がまだ麦を下流へ送っていたころに建てられた。'],
    [
      'windows-1252',
      'Die Mühle am Fluß wurde gebaut, als das Tal noch Getreide flußabwärts schickte, später größer.',
    ],
  ])('tells %s: %s', (charset, text) => {
    const found = decodeText(encodeText(text, charset));
    expect(found.text).toBe(text);
    expect(found).toMatchObject({ repaired: true, guessed: true });
  });

  test('tells Chinese in UTF-16 without a mark, and calls nothing guessed that is UTF-8 or declared', () => {
    const text = '河边的磨坊是在很久以前建成的，\n那时山谷还有人把粮食运到下游。';
    const bytes = Buffer.from(text, 'utf16le');
    expect(decodeText(bytes)).toMatchObject({ text, charset: 'utf-16le', guessed: true });
    expect(decodeText(Buffer.from(bytes).swap16())).toMatchObject({ text, charset: 'utf-16be' });
    expect(decodeText(Buffer.from(text)).guessed).toBe(false);
    expect(decodeText(encodeText('ż', 'windows-1250'), { charset: 'cp1250' })).toMatchObject({
      text: 'ż',
      guessed: false,
    });
  });

  const field = '../shared/field';
  test.skipIf(!existsSync(field))('reads what lies in ../shared/field', () => {
    const page = readFileSync(`${field}/cp949/page.html`);
    expect(decodeText(page, { markup: 'html' }).text).toContain('똠방각하와 펲시콜라');
    const { text } = decodeText(readFileSync(`${field}/czech-8859-2/text.txt`));
    for (const word of ['řeky', 'ještě']) expect(text).toContain(word);
  });

  test.each([
    ['euc-kr', '똠펲', '8c63bc84'],
    ['ks_c_5601-1987', '똠펲', '8c63bc84'],
    ['big5-hkscs', '䏰𡁻嘅', '87409ae99def'],
  ])('%s is what the WHATWG says it is (bytes by Python)', (charset, text, hex) => {
    expect(decodeText(Buffer.from(hex, 'hex'), { charset }).text).toBe(text);
  });

  test('never throws, whatever the declaration says', () => {
    for (const charset of ['no-such-charset', 'x-user-defined', 'replacement', 'iso-2022-kr', '']) {
      expect(decodeText(Uint8Array.of(65, 0xff, 0xfe, 66), { charset, markup: 'html' }).text).toContain('A');
    }
  });
});
