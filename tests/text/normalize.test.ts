import { describe, expect, it } from 'vitest';
import {
  codePointLength,
  normalizeForDedup,
  shingles,
  splitLines,
  splitParagraphs,
  toNfc,
} from '@gristmill/text';

/** The definition written with regular expressions, slow and clear: filters.md §5, but figures with their minus, marks and letters of tone stay. */
const points = /[\u0591-\u05c7\u0610-\u061a\u064b-\u0652\u0670\u06d6-\u06dc\p{Cf}\p{Cs}]/gu;

const sign =
  /(?<=(?:^|(?![\ufeff˙˥⠁])[\s\p{Z}\p{P}\p{S}\p{Cc}])[\u0591-\u05c7\u0610-\u061a\u064b-\u0652\u0670\u06d6-\u06dc\p{Cf}\p{Cs}]*)[-−](?=[0-9])/gu;

function reference(text: string): string {
  return text
    .toLowerCase()
    .replace(/ς/g, 'σ')
    .replace(sign, '\ue000')
    .replace(/(?![˙˥⠁])[\p{P}\p{S}\p{Cc}]/gu, ' ')
    .replace(/\P{Mn}/gu, (character) => character.normalize('NFD').replace(points, '').normalize('NFC'))
    .replace(points, '')
    .replace(/[\s\p{Z}]+/gu, ' ')
    .replace(/\ue000/g, '-')
    .trim();
}

describe('normalizeForDedup', () => {
  it('makes case, punctuation and spaces alike', () => {
    expect(normalizeForDedup('Café №5 — cost: 12,50 €')).toBe('café 5 cost 12 50');
    expect(normalizeForDedup('  \n')).toBe('');
    expect(normalizeForDedup('İstanbul ΟΔΟΣ Ångström 1.2.3')).toBe('i\u0307stanbul οδοσ ångström 1 2 3');
  });

  it('tells figures, tones and vowels apart, and not the points that readers supply', () => {
    for (const [a, b] of [
      ['12 days', '13 days'],
      ['٣ أيام', '٤ أيام'],
      ['ma má mà', 'mà ma má'],
      ['màu', 'mẫu'],
      ['ไม้', 'ไม่'],
      ['कि', 'कु'],
      ['ọ̀rọ̀', 'ọrọ'],
      ['がき', 'かき'],
      ['ma˥', 'ma˩'],
      ['ㄇㄚ˙', 'ㄇㄚ'],
      ['꜂ma', '꜄ma'],
      ['⠁⠃', '⠁⠉'],
      ['−5 °C', '5 °C'],
      ['from -3 to 4', 'from 3 to 4'],
      ['(-1, 2)', '(1, 2)'],
      ['ma˥', 'ma˩'],
      ['ㄇㄚ˙', 'ㄇㄚ'],
      ['꜂ma', '꜄ma'],
      ['⠁⠃', '⠁⠉'],
      ['−5 °C', '5 °C'],
      ['from -3 to 4', 'from 3 to 4'],
      ['(-1, 2)', '(1, 2)'],
    ])
      expect(normalizeForDedup(a)).not.toBe(normalizeForDedup(b));
    for (const same of ['−5 to 10-12', '-5 to 10 – 12', '(−5) to “10” 12'])
      expect(normalizeForDedup(same)).toBe('-5 to 10 12');
    expect(normalizeForDedup('שָׁלוֹם')).toBe(normalizeForDedup('שלום'));
    expect(normalizeForDedup('كِتَاب')).toBe(normalizeForDedup('كتاب'));
  });

  it('equals the definition written with regular expressions', () => {
    const alphabet = [...'abZÄéßςΣİ ..,,-123٣٫\n\t漢字がガ한글नमस्ते😀𝔄𐐀£©—“”-−˙˥⠁\u00ad\u200b\u0301\ufeffˀ'];
    let seed = 3;
    for (let round = 0; round < 3000; round++) {
      let text = '';
      for (let i = 0; i < 14; i++) {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
        text += alphabet[(seed >>> 16) % alphabet.length];
      }
      expect(normalizeForDedup(text), JSON.stringify(text)).toBe(reference(text));
    }
  });

  it('is its own normal form', () => {
    const once = normalizeForDedup('Naïve Über-Größe, 3.5 ﬁnal 한국어 がぎ');
    expect(normalizeForDedup(once)).toBe(once);
  });
});

describe('shingles', () => {
  it('are the distinct word n-grams, and the whole of a text shorter than n', () => {
    expect([...shingles('a b c a b', 2)]).toEqual(['a b', 'b c', 'c a']);
    expect([...shingles('a b', 5)]).toEqual(['a b']);
    expect([...shingles('a b c d e', 5)]).toEqual(['a b c d e']);
    expect(shingles('', 5).size).toBe(0);
  });
});

describe('lines', () => {
  it('end where Python ends them', () => {
    expect(splitLines('a\r\nb\rc\u2028d\n\ne\n')).toEqual(['a', 'b', 'c', 'd', '', 'e']);
    expect(splitLines('')).toEqual([]);
  });
  it('make paragraphs at blank lines', () => {
    expect(splitParagraphs('\n a\nb\n \n\nc\n')).toEqual(['a\nb', 'c']);
  });
  it('are measured in code points', () => {
    expect(codePointLength('a😀b')).toBe(3);
    expect(codePointLength('a😀b', 1, 3)).toBe(1);
    expect(codePointLength('\ude00\ud83d')).toBe(2);
  });
});

describe('toNfc', () => {
  it('composes what is decomposed and returns the same string otherwise', () => {
    expect(toNfc('e\u0301')).toBe('é');
    expect(toNfc('\u212b')).toBe('Å');
    expect(toNfc('plain')).toBe('plain');
  });
});
