import { describe, expect, test } from 'vitest';
import { loadTokenizer } from '@gristmill/tokenizer';
import { boundaryTexts, randomTexts, strangeTexts } from './strange-texts.ts';

const endings = ['x\n  ', 'x \n\n \t', '\n', '  ', "ABC'S", "ʰA'ſT", '\u0301ABC', 'ﬁA\u0301bC/\n/', "''ll"];

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

  test('stays right when its output fills more than once, between pieces and with a long one', () => {
    const text = `${boundaryTexts(9000, 33).join('')}${'ab'.repeat(70_000)} ${boundaryTexts(9000, 34).join('')}`;
    const ids = fast.encode(text);
    expect(ids.length).toBeGreaterThan(2 * 131_072);
    expect(Buffer.from(ids.buffer).equals(Buffer.from(reference.encode(text).buffer))).toBe(true);
  });
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
