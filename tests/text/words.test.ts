import { describe, expect, it } from 'vitest';
import { segmentWords, wordStrings } from '@gristmill/text';

const words = (text: string): string[] => wordStrings(text, segmentWords(text));

describe('segmentWords', () => {
  it.each([
    ["Don't stop.", ['Do', "n't", 'stop', '.']],
    ['We’ll see John’s house', ['We', '’ll', 'see', 'John', '’s', 'house']],
    ['(see "this", e.g. that)', ['(', 'see', '"', 'this', '"', ',', 'e.g.', 'that', ')']],
    ['a well-known 3.14 and 1,000', ['a', 'well', '-', 'known', '3.14', 'and', '1,000']],
    ['wait... what?!', ['wait', '...', 'what', '?', '!']],
    ['Mr. Smith of the U.S. cannot', ['Mr.', 'Smith', 'of', 'the', 'U.S.', 'can', 'not']],
    [
      'yes/no and/or either,or end.Next',
      ['yes', '/', 'no', 'and/or', 'either', ',', 'or', 'end', '.', 'Next'],
    ],
    ['see https://example.org/a,b?c=d.', ['see', 'https://example.org/a,b?c=d', '.']],
    [
      'mail bob@example.org, costs 5% or $20',
      ['mail', 'bob@example.org', ',', 'costs', '5', '%', 'or', '$', '20'],
    ],
    ['naïve Müllers Straße', ['naïve', 'Müllers', 'Straße']],
    ['अच्छा है।', ['अच्छा', 'है', '।']],
    ['', []],
    [' \n\t ', []],
  ])('takes %j apart', (text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  // The dictionaries are ICU's: another ICU may answer otherwise, and then enters the keys of stages as another version.
  it.each([
    ['昨天我们去商店买面包和牛奶。', '昨天 我们 去 商店 买 面包 和 牛奶 。'],
    ['昨日パンと牛乳を買いに店へ行きました。', '昨日 パン と 牛乳 を 買い に 店 へ 行き ま した 。'],
    ['เราไปซื้อขนมปังและนมที่ร้าน', 'เรา ไป ซื้อ ขนมปัง และ นม ที่ ร้าน'],
    ['ມື້ວານນີ້ພວກເຮົາໄປຕະຫຼາດ', 'ມື້ວານນີ້ ພວກ ເຮົາ ໄປ ຕະຫຼາດ'],
    ['ម្សិលមិញយើងបានទៅផ្សារដើម្បីទិញនំប៉័ង', 'ម្សិលមិញ យើង បាន ទៅ ផ្សារ ដើម្បី ទិញ នំប៉័ង'],
    ['မနေ့ကကျွန်တော်တို့ဈေးကိုသွားခဲ့တယ်။', 'မနေ့ က ကျွန်တော် တို့ ဈေး ကို သွား ခဲ့ တယ် ။'],
    ['中文和English混排，v2.0版。', '中文 和 English 混 排 ， v2.0 版 。'],
  ])('finds the words of %s by dictionary', (text, expected) => {
    expect(words(text)).toEqual(expected.split(' '));
  });

  it('covers every character but white space, in order and without overlap', () => {
    const alphabet = [...'abcZ09 .,-\'’"()/…:=+$%\n漢字カナก😀é£#@—&ß।', '...', 'http://a.b', "n't"];
    let seed = 7;
    for (let round = 0; round < 2000; round++) {
      let text = '';
      for (let i = 0; i < 12; i++) {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
        text += alphabet[(seed >>> 16) % alphabet.length];
      }
      expect(words(text).join('')).toBe(text.replace(/\s+/g, ''));
    }
  });
});
