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

  it('finds words by dictionary where the script has no spaces', () => {
    expect(words('今日は天気がいいです。')).toEqual(expect.arrayContaining(['今日', '天気', '。']));
    expect(words('สวัสดีครับ').length).toBeGreaterThan(1);
    expect(words('中文和English混排。')).toEqual(expect.arrayContaining(['中文', 'English', '。']));
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
