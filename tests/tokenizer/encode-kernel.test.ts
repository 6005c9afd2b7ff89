import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import {
  createTokenizer,
  createWordCounter,
  loadTokenizer,
  trainTokenizer,
  type TokenizerJson,
} from '@gristmill/tokenizer';
import { byteToCharacter, textToBytes } from '../../libs/tokenizer/src/byte-alphabet.ts';
import { gpt2Pattern } from '../../libs/tokenizer/src/pretokenize-pattern.ts';
import { createReferenceEncoder } from '../../libs/tokenizer/src/reference-encoder.ts';
import { boundaryTexts, randomTexts, strangeTexts } from './strange-texts.ts';

const endings = ['x\n  ', 'x \n\n \t', '\n', '  ', "ABC'S", "ʰA'ſT", '\u0301ABC', 'ﬁA\u0301bC/\n/', "''ll"];

const random = createRandom(8);
const lettersOf = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
/** Pieces that are merged by buckets. */
const longPieces = [
  ...['a', ' ', '\n', '=', '.', 'e\u0301', '中', '👍🏽'].map((run) => run.repeat(700)),
  ...['ab', 'aab', 'abcdefghijklmnopqrstuvwxyz', 'etaoin', 'ßéñœ'].map((alphabet) =>
    lettersOf(alphabet, 2000),
  ),
];

describe.each(['gpt2', 'cl100k_base', 'o200k_base'])('the WebAssembly encoder of %s', (name) => {
  const fast = loadTokenizer(name);
  const reference = loadTokenizer(name, true);

  test('gives the ids of the plain one', () => {
    const texts = [...endings, ...strangeTexts, ...randomTexts(500, 31), ...boundaryTexts(500, 32)];
    const differing = texts.filter(
      (text) => JSON.stringify(fast.encode(text)) !== JSON.stringify(reference.encode(text)),
    );
    expect(differing).toEqual([]);
  });

  test('gives the ids of the plain one on long pieces', () => {
    for (const piece of longPieces) expect(fast.encode(piece)).toEqual(reference.encode(piece));
  });

  test('stays right when its output fills more than once, between pieces and with a long one', () => {
    const text = `${boundaryTexts(9000, 33).join('')}${'ab'.repeat(70_000)} ${boundaryTexts(9000, 34).join('')}`;
    const ids = fast.encode(text);
    expect(ids.length).toBeGreaterThan(2 * 131_072);
    expect(Buffer.from(ids.buffer).equals(Buffer.from(reference.encode(text).buffer))).toBe(true);
  });
});

test('merges long pieces right where a pair ranks before the one that made it', () => {
  const counter = createWordCounter({ type: 'bpe' });
  counter.addText([...strangeTexts, ...longPieces].join(' '));
  const json = trainTokenizer(counter.words(), { type: 'bpe', vocabSize: 500 }) as TokenizerJson;
  const backwards = { ...json, model: { ...json.model, merges: [...json.model.merges].reverse() } };
  const fast = createTokenizer(backwards);
  const { vocab, merges } = backwards.model;
  const vocabulary: Uint8Array[] = [];
  for (const [token, id] of Object.entries(vocab)) vocabulary[id] = textToBytes(token) ?? new Uint8Array(0);
  const plain = createReferenceEncoder({
    vocabulary,
    byteIds: Int32Array.from({ length: 256 }, (_, byte) => vocab[byteToCharacter[byte]]),
    merges: (merges as [string, string][]).map(([left, right], rank) => [
      vocab[left],
      vocab[right],
      vocab[left + right],
      rank,
    ]),
    pattern: new RegExp(gpt2Pattern, 'gu'),
    wholePieces: false,
  });
  for (const piece of longPieces) expect(fast.encode(piece)).toEqual(plain(piece));
});

test('a cache that fills is emptied and filled again', () => {
  const tokenizer = loadTokenizer('gpt2');
  const text = Array.from({ length: 700_000 }, (_, i) => ` ${spell(i)}`).join('');
  const once = tokenizer.encode(text);
  expect(tokenizer.decode(once)).toBe(text);
  expect(tokenizer.encode('Hello world')).toEqual(Uint32Array.of(15496, 995));
});

/** A word of letters for each number. */
function spell(number: number): string {
  return number.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)]);
}
