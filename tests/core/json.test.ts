import { describe, expect, test } from 'vitest';
import { canonicalJson, createRandom, hashJson, type Json } from '@gristmill/core';

describe('canonicalJson', () => {
  test('sorts keys at every depth and leaves out undefined members', () => {
    expect(canonicalJson({ b: [{ d: 1, c: null }], a: undefined, A: 'x' })).toBe(
      '{"A":"x","b":[{"c":null,"d":1}]}',
    );
  });

  test('is valid JSON of an equal value for seeded random values', () => {
    const random = createRandom(3);
    for (let i = 0; i < 200; i++) {
      const value = randomJson(random, 4);
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }
  });

  test('refuses numbers that JSON cannot hold', () => {
    expect(() => canonicalJson({ a: NaN })).toThrow(TypeError);
  });
});

test('hashJson does not depend on the order of keys', () => {
  expect(hashJson({ a: 1, b: 2 })).toBe(hashJson({ b: 2, a: 1 }));
  expect(hashJson({ a: 1, b: 2 })).not.toBe(hashJson({ a: 2, b: 1 }));
});

function randomJson(random: () => number, depth: number): Json {
  const kind = Math.floor(random() * (depth > 0 ? 6 : 4));
  if (kind === 0) return null;
  if (kind === 1) return random() < 0.5;
  if (kind === 2) return Math.floor(random() * 1e6) / 8;
  if (kind === 3)
    return String.fromCodePoint(...Array.from({ length: 4 }, () => 32 + Math.floor(random() * 0xd000)));
  const items = Array.from({ length: Math.floor(random() * 4) }, () => randomJson(random, depth - 1));
  if (kind === 4) return items;
  return Object.fromEntries(items.map((item, i) => [`k${Math.floor(random() * 9)}${i}`, item]));
}
