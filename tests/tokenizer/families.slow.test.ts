// Every kind of tokenizer.json, as Hugging Face's tokenizers trains and saves it: the same ids, the same text back, the
// same bytes when written.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { loadTokenizer, parseTokenizerJson, writeTokenizerFile } from '@gristmill/tokenizer';
import { findPython, runPython } from '../python/python.ts';
import { corpusLines } from './family-corpus.ts';
import { randomTexts, strangeTexts } from './strange-texts.ts';

interface Answers {
  readonly ids: readonly number[][];
  readonly special: readonly number[][];
  readonly template: readonly number[];
  readonly decoded: readonly string[];
}

const python = findPython(['tokenizers', 'sentencepiece']);
const folder = mkdtempSync(join(tmpdir(), 'gristmill-'));
afterAll(() => rmSync(folder, { recursive: true }));

const spellings = ['<x>', '<xx>', '<y>', '[MASK]', '<mask>', '</s>', '<s>', '<|endoftext|>', 'the', 'And'];
const marked = spellings.flatMap((token) => [
  token,
  `a ${token} b`,
  `a${token}b  ${token}${token}`,
  ` ${token} \n`,
]);
const texts = [...strangeTexts, ...corpusLines.slice(0, 60), ...marked, ...randomTexts(1500, 23)]
  .map((text) => text.toWellFormed())
  // Assigned in Unicode 17, which Node knows and Hugging Face's tokenizers does not yet.
  .filter((text) => !/[\u0c5c\u0cdc]/.test(text));

// Scripts of some punctuation have changed since Hugging Face's table was made.
const scriptless = (text: string): boolean => text.length < 20;

describe.skipIf(!python)('a tokenizer.json of Hugging Face', () => {
  const answers = python ? build(python) : {};

  test.each(Object.keys(answers))('of the kind %s gives the same ids and text', (name) => {
    const { ids, special, template, decoded } = answers[name];
    const bytes = new Uint8Array(readFileSync(join(folder, `${name}.json`)));
    const tokenizer = loadTokenizer(bytes);
    const isUnigram = Array.isArray((parseTokenizerJson(bytes).model as { vocab?: unknown }).vocab);
    const isCompared = name === 'unigram-nmt' ? scriptless : () => true;
    const differing = (encode: (text: string) => unknown, theirs: readonly unknown[]) =>
      texts
        .map((text, i) => ({ text, ours: JSON.stringify(encode(text)), theirs: JSON.stringify(theirs[i]) }))
        .filter(({ text, ours, theirs }) => ours !== theirs && isCompared(text));
    expect(differing((text) => [...tokenizer.encode(text, { special: true })], special).slice(0, 4)).toEqual(
      [],
    );
    // A Unigram model of theirs finds special tokens by itself; ours never does.
    const isModel = (text: string): boolean => isUnigram && /<\/?s>/.test(text);
    const ordinary = differing((text) => [...tokenizer.encode(text)], ids);
    expect(ordinary.filter(({ text }) => !isModel(text)).slice(0, 4)).toEqual([]);
    const specialIds = new Set(tokenizer.specialTokens.values());
    const unknown =
      tokenizer.tokenId('[UNK]') ?? tokenizer.tokenId('<unk>') ?? tokenizer.tokenId('<|endoftext|>');
    specialIds.delete(unknown ?? -1);
    expect(texts.filter((text) => tokenizer.encode(text).some((id) => specialIds.has(id)))).toEqual([]);
    expect(
      differing((text) => tokenizer.decode(tokenizer.encode(text, { special: true })), decoded).slice(0, 4),
    ).toEqual([]);
    expect([...tokenizer.encode('Hello there', { addSpecialTokens: true })]).toEqual(template);
    expect(Buffer.from(writeTokenizerFile(parseTokenizerJson(bytes))).equals(bytes)).toBe(true);
  });
});

function build(program: string): Record<string, Answers> {
  const textFile = join(folder, 'texts');
  const corpusFile = join(folder, 'corpus');
  writeFileSync(textFile, JSON.stringify(texts));
  writeFileSync(corpusFile, corpusLines.join('\n'));
  const source = readFileSync(fileURLToPath(new URL('build-tokenizers.py', import.meta.url)), 'utf8');
  return JSON.parse(runPython(program, source, [folder, textFile, corpusFile])) as Record<string, Answers>;
}
