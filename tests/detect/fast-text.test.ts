import { describe, expect, test } from 'vitest';
import { decodeFastText } from '@gristmill/detect';
import { writeFastText, type TinyModel } from './fast-text-fixture.ts';

// Two dimensions: the first speaks for German, the second for English.
const tiny: TinyModel = {
  loss: 'softmax',
  words: { '</s>': [0, 0], guten: [4, 0], good: [0, 4], morgen: [2, 0], morning: [0, 2] },
  labels: { de: 30, en: 20 },
  output: [
    [1, -1],
    [-1, 1],
  ],
};
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

describe('a fastText model', () => {
  test('names the likelier label with its softmax probability', () => {
    const model = decodeFastText(writeFastText(tiny));
    // Three rows with the line's end: the hidden vector is (6, 0) / 3, the scores 2 and -2.
    const found = model.predict('guten morgen')!;
    expect(found.label).toBe('de');
    expect(found.probability).toBeCloseTo(logistic(4), 6);
    expect(model.predict('good\nmorning')!.label).toBe('en');
  });

  test('walks the Huffman tree of hierarchical softmax', () => {
    // Labels by count: de 30, en 20, fr 10. The tree joins fr (left) with en (right), then that pair (left) with de.
    const model = decodeFastText(
      writeFastText({
        ...tiny,
        loss: 'hierarchical',
        labels: { de: 30, en: 20, fr: 10 },
        output: [
          [0, 1],
          [1, -1],
        ],
      }),
    );
    expect(model.labels).toEqual(['de', 'en', 'fr']);
    // Hidden (0, 2): the root says left with logistic(2), the pair right with logistic(2).
    const found = model.predict('good morning')!;
    expect(found.label).toBe('en');
    expect(found.probability).toBeCloseTo(logistic(2) ** 2, 4);
  });

  test('sums the subwords of a word it does not know, by bytes of UTF-8', () => {
    const model = decodeFastText(
      writeFastText({ ...tiny, minn: 2, maxn: 3, buckets: 8, subwords: [0.5, 0] }),
    );
    // Unknown word: only subword rows, all of which speak for German.
    expect(model.predict('grün')!.label).toBe('de');
  });

  test('reads quantised rows: centroids by code, times the length of the row', () => {
    const plain = decodeFastText(writeFastText(tiny)).predict('guten morgen')!;
    const quantized = decodeFastText(writeFastText({ ...tiny, quantized: true })).predict('guten morgen')!;
    expect(quantized.label).toBe(plain.label);
    expect(quantized.probability).toBeCloseTo(plain.probability, 6);
  });

  test('is refused when its magic is wrong, when it ends early, and when it has no labels', () => {
    const bytes = writeFastText(tiny);
    expect(() => decodeFastText(new Uint8Array(40))).toThrow('no fastText model');
    expect(() => decodeFastText(bytes.subarray(0, bytes.length - 3))).toThrow('ends too early');
    expect(() => decodeFastText(writeFastText({ ...tiny, labels: {} }))).toThrow('no labels');
  });
});

test.each([
  ['eng_Latn', 'en'],
  ['zho_Hans', 'zh'],
  ['arb_Arab', 'ar'],
  ['als', 'sq'],
  ['kab', 'kab'],
  ['fil', 'tl'],
  ['no', 'nb'],
  ['12', undefined],
])('the label %s stands for the language %s', (label, language) => {
  const model = decodeFastText(writeFastText({ ...tiny, labels: { [label]: 30, zz: 20 } }));
  expect(model.predict('guten morgen')).toMatchObject({ label, language });
});
