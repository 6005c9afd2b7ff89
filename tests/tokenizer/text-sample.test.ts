// Samples of training text: shares as the weights say, the same whatever the order, no document twice.
import { expect, test } from 'vitest';
import { createRandom, shuffle } from '@gristmill/core';
import { createSample, type SampleOptions } from '@gristmill/tokenizer';

const documents = Array.from({ length: 3000 }, (_, i) => ({
  id: `d${i}`,
  source: ['books', 'web', 'web', 'posts'][i % 4],
  language: i % 3 === 0 ? 'de' : 'en',
  bytes: 500 + ((i * 37) % 1000),
}));

function sampled(options: SampleOptions, of = documents) {
  const sample = createSample(options);
  for (const document of of) sample.note(document, document.bytes);
  const plan = sample.plan();
  const taken = of.filter((document) => plan.takes(document));
  const bytesOf = (wanted: (document: (typeof of)[number]) => boolean): number =>
    taken.filter(wanted).reduce((sum, { bytes }) => sum + bytes, 0);
  return { plan, ids: taken.map(({ id }) => id), total: bytesOf(() => true), bytesOf };
}

test('takes the bytes asked for, by the weights of sources', () => {
  const { total, bytesOf, plan } = sampled({ bytes: 600_000, sources: { books: 3, web: 1, posts: 0 } });
  expect(total).toBeLessThanOrEqual(600_000);
  expect(total).toBeGreaterThan(590_000);
  expect(bytesOf(({ source }) => source === 'books') / total).toBeCloseTo(0.75, 1);
  expect(bytesOf(({ source }) => source === 'posts')).toBe(0);
  expect(plan.groups.reduce((sum, { taken }) => sum + taken, 0)).toBe(total);
});

test('weighs languages inside sources', () => {
  const { total, bytesOf } = sampled({
    bytes: 400_000,
    sources: { books: 1, web: 1, posts: 2 },
    languages: { de: 4 },
  });
  expect(bytesOf(({ source }) => source === 'posts') / total).toBeCloseTo(0.5, 1);
  expect(bytesOf(({ language }) => language === 'de') / total).toBeCloseTo(0.8, 1);
});

test('without a size is the largest that has the weights’ proportions', () => {
  const { bytesOf } = sampled({ sources: { books: 1, web: 1, posts: 1 } });
  const of = (name: string): number => bytesOf(({ source }) => source === name);
  expect(of('books')).toBeGreaterThan(700_000);
  expect(Math.abs(of('web') - of('books'))).toBeLessThan(10_000);
});

test('what a source lacks goes to the others, and nothing is taken twice', () => {
  const { ids, total, bytesOf } = sampled({ bytes: 2_000_000, sources: { books: 10 } });
  const all = documents.filter(({ source }) => source === 'books').reduce((sum, { bytes }) => sum + bytes, 0);
  expect(bytesOf(({ source }) => source === 'books')).toBe(all);
  expect(total).toBeGreaterThan(1_980_000);
  expect(new Set(ids).size).toBe(ids.length);
});

test('does not depend on the order, but on the seed', () => {
  const options = { bytes: 300_000, sources: { books: 2 }, seed: 5 };
  const { ids } = sampled(options);
  expect(sampled(options, shuffle([...documents], createRandom(1))).ids.sort()).toEqual([...ids].sort());
  expect(sampled({ ...options, seed: 6 }).ids).not.toEqual(ids);
});

test('refuses names that do not occur and weights that are none', () => {
  const code = expect.objectContaining({ code: 'sample-weights' }) as Error;
  expect(() => sampled({ sources: { boks: 1 } })).toThrow(code);
  expect(() => sampled({ languages: { de: -1 } })).toThrow(code);
  expect(() => sampled({ sources: { books: 0, web: 0, posts: 0 } })).toThrow(code);
  expect(() => sampled({ bytes: Number.NaN })).toThrow(code);
});
