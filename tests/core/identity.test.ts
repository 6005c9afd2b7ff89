import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createRandom, DataError, describeError, documentId, sha256, shuffle } from '@gristmill/core';

describe('documentId', () => {
  test('is 128 bits in hexadecimal', () => {
    expect(documentId({ name: 'books', path: 'emma.txt', item: 'chapter-3' })).toMatch(/^[0-9a-f]{32}$/);
  });

  test('of a fetched page depends on its URL alone', () => {
    const url = 'https://example.org/a';
    expect(documentId({ name: 'one', url })).toBe(documentId({ name: 'two', url }));
  });

  test('of an imported item depends on source, path and item, and no part runs into the next', () => {
    const ids = [
      documentId({ name: 'a', path: 'b', item: 'c' }),
      documentId({ name: 'a', path: 'b\nc' }),
      documentId({ name: 'a', path: 'b', item: '\nc' }),
      documentId({ name: 'a', path: 'bc' }),
      documentId({ name: 'ab', path: 'c' }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test('sha256 is that of Node for bytes and for UTF-8 text', () => {
  const expected = createHash('sha256').update('é').digest('hex');
  expect(sha256('é')).toBe(expected);
  expect(sha256(new TextEncoder().encode('é'))).toBe(expected);
});

test('a seeded generator repeats and spreads over [0, 1)', () => {
  const values = Array.from({ length: 10_000 }, createRandom(7));
  expect(Array.from({ length: 3 }, createRandom(7))).toEqual(values.slice(0, 3));
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...values)).toBeLessThan(1);
  expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0.5, 1);
});

test('shuffle keeps every item', () => {
  const items = Array.from({ length: 50 }, (_, i) => i);
  const shuffled = shuffle([...items], createRandom(1));
  expect(shuffled).not.toEqual(items);
  expect(shuffled.sort((a, b) => a - b)).toEqual(items);
});

test('an error for people is a sentence, a hint and a code', () => {
  const error = new DataError('no-recipe', 'there is no recipe x.ts', 'give the path of a recipe');
  expect(describeError(error)).toBe(
    'there is no recipe x.ts\n  hint: give the path of a recipe\n  code: no-recipe',
  );
});
