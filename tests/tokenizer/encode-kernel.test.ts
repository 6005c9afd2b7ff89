import { describe, expect, test } from 'vitest';
import { loadTokenizer } from '@gristmill/tokenizer';
import { randomTexts, strangeTexts } from './strange-texts.ts';

const endings = ['x\n  ', 'x \n\n \t', '\n', '  ', "ABC'S", "ʰA'ſT", '\u0301ABC', 'ﬁA\u0301bC/\n/', "''ll"];

describe.each(['gpt2', 'cl100k_base', 'o200k_base'])('the WebAssembly encoder of %s', (name) => {
  const fast = loadTokenizer(name);
  const reference = loadTokenizer(name, true);

  test('gives the ids of the plain one', () => {
    const texts = [...endings, ...strangeTexts, ...randomTexts(3000, 31)];
    const differing = texts.filter(
      (text) => JSON.stringify(fast.encode(text)) !== JSON.stringify(reference.encode(text)),
    );
    expect(differing).toEqual([]);
  });

  test('stays right when its output fills more than once and every class of character comes by', () => {
    const points = Array.from({ length: 0x30000 }, (_, point) =>
      point >= 0xd800 && point < 0xe000 ? ' ' : String.fromCodePoint(point),
    );
    const text = points.join(' ') + points.join('');
    expect(Buffer.from(fast.encode(text).buffer).equals(Buffer.from(reference.encode(text).buffer))).toBe(
      true,
    );
  });
});
