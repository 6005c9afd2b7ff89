// Tokenizers from the field: an added token ends where its normal form does.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openFinder } from '../../libs/tokenizer/src/added-tokens.ts';
import { createTokenizer } from '../../libs/tokenizer/src/create-tokenizer.ts';

const field = '../shared/field/added-token-normalized';

test.skipIf(!existsSync(field))(
  "ids are those of Hugging Face's tokenizers (the field lies beside the project)",
  () => {
    const read = (name: string): string => readFileSync(`${field}/${name}`, 'utf8');
    const tokenizer = createTokenizer(JSON.parse(read('tokenizer.json')) as never);
    const lines = read('texts.jsonl').trim().split('\n');
    const found = lines.map((line) => {
      const { id, text } = JSON.parse(line) as { id: string; text: string };
      return { id, tokens: [...tokenizer.encode(text)] };
    });
    expect(found).toEqual(JSON.parse(read('expected.json')));
  },
);

test('tokens that take spaces with them do not take them twice', () => {
  const token = { single_word: false, lstrip: false, rstrip: true, normalized: false, special: false };
  const space = { ...token, id: 26, content: ' ', lstrip: true };
  const ids = (text: string, ...tokens: (typeof space)[]) =>
    openFinder(tokens)(text, () => true).map(({ start, end, id }) => id ?? text.slice(start, end));
  // As tokenizers 0.23 finds them.
  for (const text of ['a b', 'a  b', 'a   b']) expect(ids(text, space)).toEqual(['a', 26, 'b']);
  const x = { ...token, id: 23, content: 'x' };
  for (const text of ['ax b', 'ax  b', 'ax   b']) expect(ids(text, x, space)).toEqual(['a', 23, 'b']);
});

describe('a normalised token', () => {
  const token = { id: 7, single_word: false, lstrip: false, rstrip: false, normalized: true, special: false };
  const find = (content: string, normalize: (text: string) => string, text: string) =>
    openFinder([{ ...token, content }], normalize)(normalize(text), () => true).map(({ start, end, id }) => [
      normalize(text).slice(start, end),
      id,
    ]);

  test('longer than what it is written as takes all of its letters', () => {
    expect(find('sop', (text) => text.replaceAll('o', 'oo'), 'a sop b')).toEqual([
      ['a ', undefined],
      ['soop', 7],
      [' b', undefined],
    ]);
    expect(find('İx', (text) => text.toLowerCase(), 'İx,İx')).toEqual([
      ['i̇x', 7],
      [',', undefined],
      ['i̇x', 7],
    ]);
    expect(find('ﬁn', (text) => text.normalize('NFKC'), 'finish')).toEqual([
      ['fin', 7],
      ['ish', undefined],
    ]);
  });

  test('shorter than what it is written as takes no more than its letters', () => {
    expect(find('hello', (text) => text.replaceAll('l', ''), 'helloo')).toEqual([
      ['heo', 7],
      ['o', undefined],
    ]);
  });
});
