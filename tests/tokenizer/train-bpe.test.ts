import { describe, expect, test } from 'vitest';
import { createRandom, shuffle } from '@gristmill/core';
import {
  createTokenizer,
  createWordCounter,
  loadTokenizer,
  trainTokenizer,
  type TokenizerJson,
} from '@gristmill/tokenizer';
import { randomTexts, strangeTexts } from './strange-texts.ts';

const words = 'low lower lowest new newer newest wide wider widest and the then there their'.split(' ');
const random = createRandom(2);
const texts = Array.from({ length: 300 }, () =>
  Array.from({ length: 20 }, () => words[Math.floor(random() ** 2 * words.length)]).join(' '),
);

function train(lines: readonly string[], vocabSize = 320) {
  const counter = createWordCounter({ type: 'bpe' });
  for (const line of lines) counter.addText(line);
  return trainTokenizer(counter.words(), { type: 'bpe', vocabSize }) as TokenizerJson;
}

describe('training', () => {
  test('gives the same bytes whatever the order of the texts', () => {
    expect(JSON.stringify(train(shuffle([...texts], createRandom(9))))).toBe(JSON.stringify(train(texts)));
  });

  test('merges the most frequent pair first', () => {
    const { model } = train(['aab aab aab aac'], 259);
    expect(model.merges).toEqual([
      ['a', 'a'],
      ['Ġ', 'aa'],
    ]);
  });

  test('refuses a vocabulary that does not hold the bytes', () => {
    expect(() => train(texts, 200)).toThrow(expect.objectContaining({ code: 'vocabulary-too-small' }));
  });

  test('stops when no pair is left that occurs twice', () => {
    expect(Object.keys(train(['ab ab'], 1000).model.vocab).length).toBeLessThan(270);
  });
});

test('a trained tokenizer decodes what it encodes, through its JSON', () => {
  const tokenizer = loadTokenizer(new TextEncoder().encode(JSON.stringify(train(texts))));
  for (const text of [...texts.slice(0, 5), ...strangeTexts, ...randomTexts(50, 3)]) {
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.toWellFormed());
  }
  expect(tokenizer.tokenId('<|endoftext|>')).toBe(0);
  expect(tokenizer.encode('there').length).toBeLessThan(4);
});

test('what a tokenizer.json holds that is not read is named', () => {
  const json = train(texts);
  expect(() => createTokenizer({ ...json, model: { ...json.model, type: 'Morpheme' } })).toThrow(
    expect.objectContaining({ code: 'unsupported-tokenizer' }),
  );
  expect(() => createTokenizer({ ...json, normalizer: { type: 'Romanise' } })).toThrow(/Romanise/);
  expect(() => loadTokenizer(new TextEncoder().encode('{}'))).toThrow(
    expect.objectContaining({ code: 'damaged-tokenizer' }),
  );
});
