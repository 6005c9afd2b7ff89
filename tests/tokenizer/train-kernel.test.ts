// The WebAssembly counter and merger against the plain ones, and what must not change the result.
import { describe, expect, test } from 'vitest';
import { createRandom, shuffle } from '@gristmill/core';
import {
  createWordCounter,
  trainTokenizer,
  type CountedWords,
  type TokenizerJson,
} from '@gristmill/tokenizer';
import { byteToCharacter } from '../../libs/tokenizer/src/byte-alphabet.ts';
import { byteOrder } from '../../libs/tokenizer/src/tokenizer-json.ts';
import { cutText } from '../../libs/tokenizer/src/train/count-kernel.ts';
import { readCountedWords } from '../../libs/tokenizer/src/train/counted-words.ts';
import { mergePairs } from '../../libs/tokenizer/src/train/merge-pairs-reference.ts';
import { countWords } from '../../libs/tokenizer/src/train/word-counts.ts';
import { boundaryTexts, randomTexts, strangeTexts } from './strange-texts.ts';

const texts = [...strangeTexts, ...randomTexts(60, 5), ...boundaryTexts(60, 6)];
const random = createRandom(12);
/** Long runs of few letters: pairs that overlap, and counts that are often equal. */
const runs = Array.from({ length: 250 }, () =>
  Array.from({ length: 3 + Math.floor(random() * 20) }, () => 'aab'[Math.floor(random() * 3)]).join(''),
);

function count(lines: readonly string[]): CountedWords {
  const counter = createWordCounter({ type: 'bpe' });
  for (const line of lines) counter.addText(line);
  return counter.words();
}

const train = (words: CountedWords, vocabSize: number, special?: readonly string[]) =>
  trainTokenizer(words, { type: 'bpe', vocabSize, special }) as TokenizerJson;

/** The merges that the plain merger finds. */
function plainMerges(words: CountedWords, limit: number): string[][] {
  const spelled = byteOrder.map((byte) => byteToCharacter[byte]);
  const idOf = new Map(byteOrder.map((byte, id) => [byte, id]));
  const counted = [...readCountedWords(words)].map(([word, times]) => ({
    ids: Array.from(Buffer.from(word), (byte) => idOf.get(byte)!),
    count: times,
  }));
  return mergePairs(counted, 256, limit, 2).map(([left, right]) => {
    spelled.push(spelled[left] + spelled[right]);
    return [spelled[left], spelled[right]];
  });
}

describe('counting', () => {
  test('gives the pretokens of the regular expression', () => {
    const expected = new Map<string, number>();
    for (const text of texts) countWords(text.toWellFormed(), expected, { type: 'bpe' });
    expect(new Map(readCountedWords(count(texts)))).toEqual(expected);
  });

  test('adds up parts of different counters, and long words', () => {
    const long = ['x'.repeat(300_000), ...runs, 'x'.repeat(300_000)];
    const whole = createWordCounter({ type: 'bpe' });
    for (const part of [texts, long, texts]) whole.addWords(count(part));
    const expected = new Map(readCountedWords(count([...texts, ...long, ...texts])));
    expect(new Map(readCountedWords(whole.words()))).toEqual(expected);
    expect(expected.get('x'.repeat(300_000))).toBe(2);
  });

  test('cuts a long text only where pretokens end', () => {
    const text = [...texts, ...runs].join(' ');
    const parts = [...cutText(text, 500)];
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.join('')).toBe(text);
    expect(new Map(readCountedWords(count(parts)))).toEqual(new Map(readCountedWords(count([text]))));
  });
});

describe('merging', () => {
  test.each([
    ['strange texts', texts, 900],
    ['runs of few letters', runs, 2000],
    ['words of very different frequency', ['the '.repeat(9000), ...texts, ...runs], 1500],
  ])('takes the pairs that the plain merger takes: %s', (_, lines, vocabSize) => {
    const words = count(lines);
    const merges = plainMerges(words, vocabSize - 257);
    expect(train(words, vocabSize).model.merges).toEqual(merges);
    expect(merges.length).toBeGreaterThan(100);
  });

  test('does not depend on the order of texts and batches', () => {
    const total = createWordCounter({ type: 'bpe' });
    const mixed = shuffle([...texts, ...runs], createRandom(3));
    for (let i = 0; i < mixed.length; i += 37) total.addWords(count(mixed.slice(i, i + 37)));
    expect(train(total.words(), 600)).toEqual(train(count([...texts, ...runs]), 600));
  });

  test('a merge that spells a special token gives that token, and the vocabulary is filled all the same', () => {
    const { model } = train(count(['there then the the other', ...texts]), 400, ['the', '<|endoftext|>']);
    expect(model.vocab.the).toBe(0);
    expect(Object.values(model.vocab).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 400 }, (_, i) => i),
    );
  });
});
