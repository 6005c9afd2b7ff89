// How BLEU cuts a text into words: mteval-v13a's rules (NIST), mteval-v14's international ones, characters, Chinese
// characters one by one (Huang), or spaces alone. Equal to sacreBLEU's tokenisers of the same names.

import { splitWords, trimBoth } from './words.ts';

export const tokenizerNames = ['13a', 'intl', 'char', 'zh', 'none'] as const;
export type TokenizerName = (typeof tokenizerNames)[number];

export const tokenizers: Readonly<Record<TokenizerName, (text: string) => string[]>> = {
  '13a': (text) => cutWestern(` ${unescapeMarkup(text)} `),
  intl: cutInternational,
  char: (text) => splitWords(Array.from(text).join(' ')),
  zh: (text) => cutWestern(trimBoth(text).replace(chinese, ' $& ')),
  none: splitWords,
};

function unescapeMarkup(text: string): string {
  return text
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replaceAll('\n', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
}

/** Marks of ASCII stand alone; full stops and commas unless they stand between digits; a dash after a digit. */
function cutWestern(text: string): string[] {
  const marked = text
    .replace(/[{-~[-` -&(-+:-@/]/gu, ' $& ')
    .replace(/([^0-9])([.,])/gu, '$1 $2 ')
    .replace(/([.,])([^0-9])/gu, ' $1 $2')
    .replace(/([0-9])(-)/gu, '$1 $2 ');
  return splitWords(marked);
}

/** Punctuation stands alone unless between numbers, symbols always. */
function cutInternational(text: string): string[] {
  const marked = text
    .replace(/(\P{N})(\p{P})/gu, '$1 $2 ')
    .replace(/(\p{P})(\P{N})/gu, ' $1 $2')
    .replace(/\p{S}/gu, ' $& ');
  return splitWords(marked);
}

// sacreBLEU writes the two ranges beyond the basic plane as \u20000-\u2a6d6 and \u2f800-\u2fa1d, which Python reads
// as a character and a digit: what is cut is U+2001 to U+2A6D and U+2F81 to U+2FA1, and here too.
const chinese = new RegExp(
  '[\\u3400-\\u4db5\\u4e00-\\u9fbb\\uf900-\\ufa2d\\ufa30-\\ufa6a\\ufa70-\\ufad9\\u2001-\\u2a6d\\u2f81-\\u2fa1' +
    '\\uff00-\\uffef\\u2e80-\\u2eff\\u3000-\\u303f\\u31c0-\\u31ef\\u2f00-\\u2fdf\\u2ff0-\\u2fff\\u3100-\\u312f' +
    '\\u31a0-\\u31bf\\ufe10-\\ufe1f\\ufe30-\\ufe4f\\u2600-\\u27bf\\u3200-\\u33ff]',
  'gu',
);
