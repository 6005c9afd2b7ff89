// Reports over a census made by hand: 256 bytes, and two tokens of the vocabulary that are longer.
import { describe, expect, test } from 'vitest';
import { measureDrift, parseCensus, reportTokens, spellCensus, type TokenCensus } from '@gristmill/pack';
import { createTokenizer, createWordCounter, trainTokenizer, type TokenizerJson } from '@gristmill/tokenizer';

const counter = createWordCounter({ type: 'bpe' });
counter.addText('aaaa aaaa aaaa aaaa miller miller miller');
const tokenizer = createTokenizer(
  trainTokenizer(counter.words(), { type: 'bpe', vocabSize: 275 }) as TokenizerJson,
);
const idOf = (text: string): number => tokenizer.encode(text)[0];

function census(counts: Record<string, number>, german = 10): TokenCensus {
  const all = new Float64Array(tokenizer.vocabSize);
  for (const [text, count] of Object.entries(counts)) all[idOf(text)] = count;
  const groups = [
    { source: 'books', language: 'en', documents: 2, tokens: 40, bytes: 160 },
    { source: 'web', documents: 1, tokens: 10, bytes: 20 },
    { source: 'web', language: 'de', documents: 1, tokens: german, bytes: 30 },
  ];
  return { tokenizer: 'a'.repeat(64), groups, counts: all };
}

describe('a report', () => {
  const report = reportTokens(census({ a: 3, ' miller': 2, ' ': 0 }), tokenizer, 5);

  test('adds up bytes and tokens by source and by language', () => {
    expect(report).toMatchObject({ documents: 4, tokens: 60, bytes: 210 });
    expect(report.sources).toEqual([
      { source: 'books', documents: 2, tokens: 40, bytes: 160 },
      { source: 'web', documents: 2, tokens: 20, bytes: 50 },
    ]);
    expect(report.languages.map((sums) => sums.language)).toEqual(['de', 'en', undefined]);
  });

  test('names what is unused and what is long, and leaves special tokens out', () => {
    expect(report.vocabulary).toBe(tokenizer.vocabSize - 1);
    expect(report.unusedBytes).toBe(255);
    expect(report.unused.map(({ text }) => text)).toContain('aa');
    expect(report.unused.map(({ text }) => text)).not.toContain(' miller');
    expect(report.long[0]).toEqual({ id: idOf(' miller'), text: ' miller', bytes: 7, count: 2 });
    expect(report.long.every(({ bytes }) => bytes > 5)).toBe(true);
  });
});

describe('drift', () => {
  const then = census({ a: 5, ' miller': 5 });

  test('is none between equal counts, whatever their size', () => {
    expect(measureDrift(then, census({ a: 50, ' miller': 50 }))).toMatchObject({ divergence: 0, moved: [] });
  });

  test('is one bit where no token is left, and names the tokens', () => {
    const drift = measureDrift(then, census({ aa: 7 }, 30));
    expect(drift.divergence).toBeCloseTo(1, 12);
    expect(drift.moved[0]).toMatchObject({ id: idOf('aa'), then: 0, now: 1 });
    expect(drift.groups[1]).toEqual({ source: 'web', language: 'de', then: 3, now: 1 });
    expect(drift.then).toBeCloseTo(3.5, 12);
  });

  test('is not measured between different tokenizers', () => {
    const code = expect.objectContaining({ code: 'other-tokenizer' }) as Error;
    expect(() => measureDrift(then, { ...then, tokenizer: 'b'.repeat(64) })).toThrow(code);
  });
});

test('a census is read as it was written, and damage is named', () => {
  const given = census({ a: 1 });
  expect(parseCensus(spellCensus(given), 'x')).toEqual(given);
  const code = expect.objectContaining({ code: 'census-damaged' }) as Error;
  expect(() => parseCensus('{"counts":', 'x')).toThrow(code);
});
