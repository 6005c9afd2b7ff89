// What Hugging Face's tokenizers and transformers gave, recorded by scripts/record-families.mjs; the slow tests ask anew.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createTokenizer } from '@gristmill/tokenizer';
import { chatCases, layOut } from './chat-cases.ts';
import { digestOf, digestsOfTens, familyTexts, type RecordedFamilies } from './recorded-families.ts';

const recorded = JSON.parse(
  readFileSync(new URL('./fixtures/families.json', import.meta.url), 'utf8'),
) as RecordedFamilies;
const { shown, rest } = familyTexts();

test('the texts are those that were recorded', () => {
  expect(digestOf([shown, rest]), 'run scripts/record-families.mjs').toBe(recorded.texts);
});

describe('a small tokenizer.json of Hugging Face', () => {
  test.each(Object.keys(recorded.families))('of the kind %s gives the recorded ids', (name) => {
    const family = recorded.families[name]!;
    const tokenizer = createTokenizer(family.tokenizer as Parameters<typeof createTokenizer>[0]);
    const encode = (text: string): number[] => [...tokenizer.encode(text, { special: true })];
    expect(shown.map(encode)).toEqual(family.shown);
    const ids = rest.map(encode);
    expect(digestsOfTens(ids)).toEqual(family.ids);
    expect(digestsOfTens(ids.map((list) => tokenizer.decode(Uint32Array.from(list))))).toEqual(
      family.decoded,
    );
    expect([...tokenizer.encode('Hello there', { addSpecialTokens: true })]).toEqual(family.template);
  });
});

test.each(Object.keys(recorded.chats))('chats in the style of %s are laid out as recorded', (style) => {
  expect(digestOf(chatCases((one) => one.style === style).map(layOut))).toBe(recorded.chats[style]);
});
