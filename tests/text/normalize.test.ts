import { describe, expect, it } from 'vitest';
import {
  codePointLength,
  normalizeForDedup,
  shingles,
  splitLines,
  splitParagraphs,
  toNfc,
} from '@gristmill/text';

/** The definition of filters.md §5, written as the field writes it: slow and clear. */
function reference(text: string): string {
  return text
    .toLowerCase()
    .replace(/ς/g, 'σ')
    .replace(/\p{Nd}+(?:[.,\u060c\u066b]\p{Nd}+)?/gu, '0')
    .replace(/[\p{P}\p{S}\p{Cc}]/gu, ' ')
    .normalize('NFD')
    .replace(/[\p{Mn}\p{Cf}\p{Cs}]/gu, '')
    .normalize('NFC')
    .replace(/[\s\p{Z}]+/gu, ' ')
    .trim();
}

describe('normalizeForDedup', () => {
  it('makes case, digits, punctuation, marks and spaces alike', () => {
    expect(normalizeForDedup('Café №5 — cost: 12,50 €')).toBe('cafe 0 cost 0');
    expect(normalizeForDedup('  \n')).toBe('');
    expect(normalizeForDedup('İstanbul ΟΔΟΣ Ångström 1.2.3')).toBe('istanbul οδοσ angstrom 0 0');
  });

  it('equals the definition written with regular expressions', () => {
    const alphabet = [...'abZÄéßςΣİ ..,,-123٣٫\n\t漢字がガ한글नमस्ते😀𝔄𐐀£©—“”\u00ad\u200b\u0301\ufeffˀ'];
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
