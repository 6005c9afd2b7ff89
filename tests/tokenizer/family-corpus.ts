// Lines to train small tokenizers on: this repository's own pages, and sentences in other scripts.
import { readFileSync } from 'node:fs';

const page = (name: string): string =>
  readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8');

const others = [
  'Съешь же ещё этих мягких французских булок, да выпей чаю.',
  'Portez ce vieux whisky au juge blond qui fume, dès Noël où un zéphyr haï me vêt.',
  'Falsches Üben von Xylophonmusik quält jeden größeren Zwerg.',
  '東京は今日も雨です。カタカナとひらがな、そして漢字。',
  '天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。',
  'यह एक छोटा वाक्य है। हिन्दी में लिखा गया।',
  'هذه جملة قصيرة بالعربية. نص آخر هنا.',
  'שלום עולם, זה משפט קצר.',
  'ภาษาไทยไม่มีช่องว่างระหว่างคำ',
  '키스의 고유조건은 입술끼리 만나야 한다.',
  'Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.',
  'Numbers 1 22 333 4444 3.14159, dates 2024-05-06 and “quotes” — dashes… it’s don’t we’ll.',
  'function add(a, b) { return a + b; } // code <b>bold</b> x_1 != y[2]',
  '👍🏽 emoji 🇩🇪 family 👩‍👩‍👧‍👦 ﬁne ½ Ⅻ ﾊﾝｶｸ Ａｂｃ e\u0301 ạ\u0308',
];

const english = [
  'The quick brown fox jumps over the lazy dog, and the dog does not care at all.',
  'And then there were none: nobody was there, nothing had been there, and that was that.',
  'She said that he had said that they would be there by the end of the week, or the week after.',
  'Hello there! The weather is nice; the rain in Spain stays mainly in the plain.',
];

/** A few lines that never change, for what is recorded. */
export const recordedLines: readonly string[] = [...english, ...others, ...english, ...english];

/** Of SentencePiece: which characters become which, in hexadecimal. */
export const recordedRules = [
  ['FB01', '66 69'],
  ['BD', '31 2044 32'],
  ['A0', '20'],
  ['FF21', '41'],
  ['FF42', '62'],
  ['41', '61'],
  ['65 301', 'E9'],
  ['3000', '20'],
  ['AD', ''],
]
  .map((rule) => `${rule.join('\t')}\n`)
  .join('');

/** The same lines at every call while this repository's pages stay the same. */
export const corpusLines: readonly string[] = [
  ...['architecture', 'glossary', 'formats'].flatMap((name) => page(name).split('\n')),
  ...Array.from({ length: 8 }, () => others).flat(),
].filter((line) => line.trim() !== '');
