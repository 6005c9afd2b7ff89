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

const atoms = [
  ...["'s", "'S", "'ſ", "'t", "'LL", "'ll", "'rE", "'Ve", "'d", "'M", "'", "''", '’s'],
  ...[
    ' ',
    '  ',
    '   ',
    '\n',
    '\r\n',
    '\r',
    '\n\n',
    '\t',
    '\u00a0',
    '\u0085',
    '\u2028',
    '\u3000',
    '\u180e',
    '\ufeff',
  ],
  ...['/', '//', '1', '12', '123', '1234', '٣', '½', 'Ⅻ', '𝟘', '১', '²'],
  ...[
    'a',
    'A',
    'Ab',
    'aB',
    'ABc',
    'the',
    'The',
    'ǅ',
    'ʰ',
    'ª',
    'ß',
    'é',
    'É',
    'ﬁ',
    'İ',
    'ı',
    'Σ',
    'я',
    'Я',
    'ʕ',
  ],
  ...['\u0301', '\u0903', '\u20dd', 'a\u0301', 'A\u0301', '中', '中文', 'の', 'ก', 'ด็', 'क्ष', 'ع', 'ש', '한'],
  ...['👍', '👍🏽', '👩‍👩‍👧', '🇩🇪', '\u200d', '\ufe0f', '\ud83d', '\udc00', '\u{10400}', '\u{10428}', '\u{1d400}'],
  ...['!', '?!', '...', '_', '<|endoftext|>', '-', '(', '"', '€', '\u0000', '\u007f', '\uffff', '\u{10ffff}'],
  ...['\u088f', '\ua7f1', '\u{10940}', '\u{11de0}', '\u{323b0}', '\u0378', '\ue000'],
];

/** Seeded strings of what the patterns turn on: contractions, prefixes, case, marks, digits, breaks and their ends. */
export function boundaryTexts(count: number, seed: number): string[] {
  const random = createRandom(seed);
  const pick = (): string => {
    if (random() > 0.06) return atoms[Math.floor(random() * atoms.length)];
    const point = Math.floor(random() * 0x110000);
    return String.fromCodePoint(point);
  };
  return Array.from({ length: count }, () => {
    let text = '';
    const length = 1 + Math.floor(random() ** 2 * 24);
    for (let i = 0; i < length; i++)
      text += random() < 0.08 ? pick().repeat(2 + Math.floor(random() * 5)) : pick();
    return text;
  });
}

/** Every code point that is assigned, and many that are not: after and before letters of both cases. No surrogates. */
export function codePointTexts(): string[] {
  const texts: string[] = [];
  for (let first = 0; first < 0x110000; first += 512) {
    if (first >= 0x33600 && first !== 0xe0000 && first !== 0xf0000) continue;
    let text = '';
    for (let point = first; point < first + 512; point++) {
      if (point >= 0xd800 && point < 0xe000) continue;
      const character = String.fromCodePoint(point);
      text += `a${character}A${character} ${character}b1`;
    }
    if (text !== '') texts.push(text);
  }
  return texts;
}
