import { describe, expect, it } from 'vitest';
import { createFingerprinter, findingProbability, resolveScheme, schemes } from '@gristmill/dedup';
import { normalizeForDedup } from '@gristmill/text';
import { overlapPlainly, shinglesPlainly } from '../../libs/dedup/src/fingerprint-reference.ts';
import { makeNearTexts, wordOf } from './near-texts.ts';

const fingerprinter = createFingerprinter();
const hard = [
  '',
  ' ',
  '!!! … ???',
  'one',
  'Straße İstanbul ΣΊΣΥΦΟΣ ﬁne',
  'Café №5 — cost: 12,50 € and 1,2,3.45.6 then 7.',
  '٣٫١٤ and ३.१४, １２，３４ 0.',
  '12',
  '3.',
  'a1b2 c\u0301afe\u0301 x\u0301y\u200dz',
  '日本語の 文章 を 書く 한국어 각 ภาษาไทย',
  '𝔘𝔫𝔦 😀 code 𐐀𐐁 x😀y',
  'tab\tnew\nline\r\n\u00a0\u2003wide\ufeff',
];

describe('the fingerprint kernel', () => {
  it('hashes the shingles of the plain version, for every kind of character', () => {
    for (const text of [...hard, ...makeNearTexts(20).map(({ text }) => text)])
      for (const n of [1, 2, 5])
        expect([...fingerprinter.shingles(text, n)]).toEqual(shinglesPlainly(text, n));
  });

  it('agrees with the plain version on every character of the basic plane and some beyond', () => {
    for (let from = 0x20; from < 0x11000; from += 512) {
      const points = Array.from({ length: 512 }, (_, i) => from + i).filter((p) => p < 0xd800 || p > 0xdfff);
      const text = points.map((point) => `a${String.fromCodePoint(point)}b`).join(' ');
      expect([...fingerprinter.shingles(text, 1)]).toEqual(shinglesPlainly(text, 1));
    }
  });

  it('takes UTF-8 bytes as well as strings', () => {
    for (const text of hard)
      expect(fingerprinter.hash(new TextEncoder().encode(text))).toEqual(fingerprinter.hash(text));
  });

  it('gives texts of equal normal form one hash, and others another', () => {
    const seen = new Map<string, string>();
    for (const { text } of makeNearTexts(300)) {
      const { hash } = fingerprinter.signature(text, schemes.default);
      expect(hash).toBe(fingerprinter.hash(text).hash);
      expect(seen.get(hash) ?? normalizeForDedup(text)).toBe(normalizeForDedup(text));
      seen.set(hash, normalizeForDedup(text));
    }
    expect(fingerprinter.hash('a b').hash).not.toBe(fingerprinter.hash('b a').hash);
    expect(fingerprinter.hash('A, b!').hash).toBe(fingerprinter.hash('a b').hash);
  });

  it('counts overlaps as sets of strings do', () => {
    const texts = makeNearTexts(60).map(({ text }) => text);
    for (let i = 1; i < texts.length; i++) {
      const [a, b] = [texts[i], texts[i - 1]];
      const overlap = fingerprinter.overlap(fingerprinter.shingles(a), fingerprinter.shingles(b));
      expect(overlap).toEqual(overlapPlainly(a, b));
    }
    const repeated = 'to be or not to be or not to be or not to be';
    const own = fingerprinter.shingles(repeated);
    expect(fingerprinter.overlap(own, own)).toEqual(overlapPlainly(repeated, repeated));
  });

  it('finds the byte span of each word', () => {
    const text = 'Ein „Zitat“, 12,5 — Ärger';
    const { spans } = fingerprinter.locate(text, 1);
    const bytes = Buffer.from(text);
    const words = Array.from({ length: spans.length / 2 }, (_, i) =>
      bytes.subarray(spans[2 * i], spans[2 * i + 1]).toString(),
    );
    expect(words).toEqual(['Ein', 'Zitat', '12', '5', 'Ärger']);
  });

  it('estimates Jaccard similarity by equal minima without bias', () => {
    const words = Array.from({ length: 400 }, (_, i) => wordOf(i * 31));
    let equal = 0;
    for (let shift = 0; shift < 100; shift++) {
      const text = words.map((word) => word + wordOf(shift));
      const [a, b] = [text.slice(0, 300), text.slice(100)].map(
        (part) => fingerprinter.signature(part.join(' '), schemes.default).sketch,
      );
      for (let i = 0; i < 64; i++) if (a[i] === b[i]) equal++;
    }
    // 196 of 396 shingles are shared; a byte is also equal by chance.
    expect(equal / 6400).toBeCloseTo(196 / 396 + 200 / 396 / 256, 1);
  });
});

describe('schemes', () => {
  it('find a pair of .8 with probability .999 by default, and as published for FineWeb', () => {
    expect(findingProbability(schemes.default, 0.8)).toBeGreaterThan(0.999);
    expect(findingProbability(schemes.fineweb, 0.8)).toBeCloseTo(0.92, 2);
  });
  it('are refused where the kernel cannot compute them', () => {
    expect(() => resolveScheme('fineweb2')).toThrow(/no scheme/);
    expect(() => resolveScheme({ bands: 3, rows: 3 })).toThrow(/no scheme/);
  });
});
