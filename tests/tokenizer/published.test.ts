import { describe, expect, test } from 'vitest';
import { encode as encodeCl100k } from 'gpt-tokenizer/encoding/cl100k_base';
import { encode as encodeO200k } from 'gpt-tokenizer/encoding/o200k_base';
import { encode as encodeR50k } from 'gpt-tokenizer/encoding/r50k_base';
import { loadTokenizer } from '@gristmill/tokenizer';
import { randomTexts, strangeTexts } from './strange-texts.ts';

// gpt-tokenizer cuts text with JavaScript's \s, so texts with the characters on which it differs are left to the slow
// test, which asks tiktoken itself.
const ordinary = [...strangeTexts, ...randomTexts(200, 5)].filter(
  (text) => !/[\u0085\ufeff\u180e]|[\ud800-\udbff](?![\udc00-\udfff])/.test(text),
);

describe.each([
  ['gpt2', encodeR50k],
  ['cl100k_base', encodeCl100k],
  ['o200k_base', encodeO200k],
] as const)('%s', (name, peer) => {
  const tokenizer = loadTokenizer(name);

  test('gives the ids of an independent implementation', () => {
    const differing = ordinary.filter(
      (text) =>
        JSON.stringify([...tokenizer.encode(text)]) !==
        JSON.stringify(peer(text, { allowedSpecial: new Set(), disallowedSpecial: new Set() })),
    );
    expect(differing).toEqual([]);
  });

  test('decodes to the text that was encoded', () => {
    for (const text of [...strangeTexts, ...randomTexts(100, 6)]) {
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.toWellFormed());
    }
  });
});

test('a million letters and a million spaces come back', () => {
  const tokenizer = loadTokenizer('gpt2');
  for (const letter of ['a', ' ', 'é']) {
    const text = letter.repeat(1_000_000);
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  }
});

test('a special token’s spelling is ordinary text unless asked for', () => {
  const tokenizer = loadTokenizer('gpt2');
  const text = 'a<|endoftext|>b';
  expect(tokenizer.encode(text)).not.toContain(50256);
  expect([...tokenizer.encode(text, { special: true })]).toEqual([64, 50256, 65]);
  expect(tokenizer.vocabSize).toBe(50257);
});

test('an unknown name is refused with the names that exist', () => {
  expect(() => loadTokenizer('gpt9')).toThrow(
    expect.objectContaining({ code: 'unknown-tokenizer', hint: expect.stringContaining('gpt2') }),
  );
});
