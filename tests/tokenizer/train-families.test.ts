import { describe, expect, test } from 'vitest';
import { createRandom, shuffle } from '@gristmill/core';
import { createTokenizer, createWordCounter, trainTokenizer, writeTokenizerFile } from '@gristmill/tokenizer';
import { corpusLines } from './family-corpus.ts';
import { strangeTexts } from './strange-texts.ts';

const lines = corpusLines.slice(0, 250);

function train(type: 'wordpiece' | 'unigram', texts: readonly string[] = lines, vocabSize = 900) {
  const counter = createWordCounter({ type });
  for (const line of texts) counter.addText(line);
  return trainTokenizer(counter.words(), { type, vocabSize });
}

describe.each(['wordpiece', 'unigram'] as const)('training %s', (type) => {
  test('gives the same bytes whatever the order of the texts', () => {
    const shuffled = train(type, shuffle([...lines], createRandom(4)));
    expect(Buffer.from(writeTokenizerFile(shuffled)).equals(writeTokenizerFile(train(type)))).toBe(true);
  });

  test('fills the vocabulary', () => {
    expect(createTokenizer(train(type)).vocabSize).toBe(900);
  });

  test('refuses a vocabulary that does not hold the characters', () => {
    expect(() => train(type, lines, 100)).toThrow(expect.objectContaining({ code: 'vocabulary-too-small' }));
  });
});

test('a Unigram tokenizer loses nothing but a space at the beginning', () => {
  const tokenizer = createTokenizer(train('unigram'));
  for (const text of [...lines.slice(0, 40), ...strangeTexts, '<0x0A> </s> <unk>']) {
    expect(tokenizer.decode(tokenizer.encode(text)).trimStart()).toBe(text.toWellFormed().trimStart());
  }
});

test('a WordPiece tokenizer sets its special tokens around a text where asked', () => {
  const tokenizer = createTokenizer(train('wordpiece'));
  expect(tokenizer.decode(tokenizer.encode('the document', { addSpecialTokens: true }))).toBe(
    '[CLS] the document [SEP]',
  );
});

test('adversarial words take linear time', () => {
  for (const type of ['wordpiece', 'unigram'] as const) {
    const tokenizer = createTokenizer(train(type));
    expect(tokenizer.encode('e'.repeat(200_000)).length).toBeGreaterThan(0);
  }
});
