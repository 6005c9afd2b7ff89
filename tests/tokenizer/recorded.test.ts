// The ids that tiktoken gave, recorded by scripts/record-tokens.mjs; python.slow.test.ts asks it anew.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadTokenizer } from '@gristmill/tokenizer';
import { digestsOf, recordedNames, recordedTexts, type RecordedTokens } from './recorded-texts.ts';

const recorded = JSON.parse(
  readFileSync(new URL('./fixtures/tiktoken.json', import.meta.url), 'utf8'),
) as RecordedTokens;
const { short, seeded } = recordedTexts();

test('the texts are those that were recorded', () => {
  const digest = createHash('sha256')
    .update(JSON.stringify([short, seeded]))
    .digest('hex');
  expect(digest, 'run scripts/record-tokens.mjs').toBe(recorded.texts);
});

describe.each(recordedNames)('%s', (name) => {
  const tokenizer = loadTokenizer(name);

  test('gives tiktoken’s ids of strange texts', () => {
    expect(short.map((text) => [...tokenizer.encode(text)])).toEqual(recorded.encodings[name].short);
  });

  test('gives tiktoken’s ids of seeded texts and of every code point', () => {
    expect(digestsOf(seeded.map((text) => tokenizer.encode(text)))).toEqual(recorded.encodings[name].seeded);
  });
});
