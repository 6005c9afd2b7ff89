// Texts on which tokenizers disagree: white space of every kind, contractions in odd letters, every Unicode class.
import { createRandom } from '@gristmill/core';

export const strangeTexts: readonly string[] = [
  '',
  ' ',
  'a',
  '  leading and trailing  ',
  "I'll can't WE'RE It'S don’t 'ſ 'ſT",
  'line\r\nbreaks\n\n\n and\ttabs \t\n x',
  '\u0085next\u00a0line\u2028sep\u2029\u3000wide \u180e\u200b\ufeff',
  '\ufeffa leading mark',
  '12345678901234567890 1,234.5 ½ Ⅻ ٣٤٥ ১২৩',
  'naïve café e\u0301 Ångström ﬁ ß ẞ İı',
  '東京都は日本の首都です。한국어 조선말 ไทยคำ עברית العربية हिन्दी',
  '👩‍👩‍👧‍👦 🇩🇪 👍🏽 ❤️ #️⃣',
  'HTTPServer.getURL(x_1) => {a: [1,2]}; // --> <|endoftext|> ####',
  'ǅungla ʰ ªº Ꭰꭰ',
  '\ud800 lone \udc00 surrogates \ud83d',
  'a'.repeat(3000),
  ' '.repeat(3000),
  `${' '.repeat(100)}x`,
  '!?'.repeat(800),
  '\n'.repeat(500),
];

/** Seeded strings that mix classes of characters. */
export function randomTexts(count: number, seed: number): string[] {
  const random = createRandom(seed);
  const ranges: readonly [number, number][] = [
    [32, 127],
    [32, 33],
    [10, 14],
    [97, 123],
    [65, 91],
    [48, 58],
    [0xa0, 0x250],
    [0x300, 0x370],
    [0x370, 0x600],
    [0x900, 0xe80],
    [0x2000, 0x2070],
    [0x2150, 0x2190],
    [0x3040, 0x30ff],
    [0x4e00, 0x9fff],
    [0x1f300, 0x1f700],
    [0x1d400, 0x1d7ff],
  ];
  return Array.from({ length: count }, () => {
    const length = Math.floor(random() * 60);
    let text = '';
    for (let i = 0; i < length; i++) {
      const [from, to] = ranges[Math.floor(random() * ranges.length)];
      const run = random() < 0.3 ? 1 + Math.floor(random() * 6) : 1;
      for (let j = 0; j < run; j++) text += String.fromCodePoint(from + Math.floor(random() * (to - from)));
    }
    return text;
  });
}
