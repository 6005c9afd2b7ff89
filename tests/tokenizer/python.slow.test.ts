// The same ids as tiktoken and Hugging Face's tokenizers, live.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createWordCounter, loadTokenizer, trainTokenizer } from '@gristmill/tokenizer';
import { findPython, runPython } from '../python/python.ts';
import { boundaryTexts, codePointTexts, randomTexts, strangeTexts } from './strange-texts.ts';
import { askTiktoken } from './tiktoken.ts';

const python = findPython(['tiktoken', 'tokenizers']);
const folder = mkdtempSync(join(tmpdir(), 'gristmill-'));
afterAll(() => rmSync(folder, { recursive: true }));
const texts = [
  ...strangeTexts,
  ...randomTexts(3000, 17),
  ...boundaryTexts(5000, 19),
  ...codePointTexts(),
].map((text) => text.toWellFormed());

describe.skipIf(!python)('tiktoken', () => {
  const all = [...strangeTexts, ...randomTexts(3000, 17), ...boundaryTexts(20_000, 18), ...codePointTexts()];
  const long = ['a', ' ', '\n', '中', 'e\u0301', '👍🏽', '12', "'s"].map((run) =>
    run.repeat(100_000 / run.length),
  );

  test.each(['gpt2', 'r50k_base', 'p50k_base', 'cl100k_base', 'o200k_base'])(
    'gives the ids of %s',
    (name) => {
      // tiktoken itself is quadratic in long pieces without a letter, so the longest texts are ours to choose.
      const given = [...all, ...long];
      expectSame(askTiktoken(python!, folder, name, given).ids, name, given);
    },
  );
});

const tokenizersProgram = `
import json, sys
from tokenizers import Tokenizer
tokenizer = Tokenizer.from_file(sys.argv[1])
tokenizer.encode_special_tokens = True
print(json.dumps([tokenizer.encode(t, add_special_tokens=False).ids for t in json.load(open(sys.argv[2]))]))
`;

describe.skipIf(!python)('Hugging Face tokenizers', () => {
  test('loads what we trained and gives our ids', () => {
    const file = join(folder, 'tokenizer.json');
    writeFileSync(file, JSON.stringify(trainOn(sampleText())));
    expectSame(JSON.parse(runPython(python!, tokenizersProgram, [file, writeTexts()])) as number[][], file);
  });

  test('trains the same vocabulary from the same text', () => {
    const program = `
import json, sys
from tokenizers import Tokenizer, models, trainers, pre_tokenizers
t = Tokenizer(models.BPE())
t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
t.train_from_iterator([open(sys.argv[1], newline='').read()], trainers.BpeTrainer(vocab_size=1000, min_frequency=2, show_progress=False,
  special_tokens=['<|endoftext|>'], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
print(json.dumps(json.loads(t.to_str())['model']))
`;
    const file = join(folder, 'text.txt');
    writeFileSync(file, sampleText());
    const theirs = JSON.parse(runPython(python!, program, [file])) as { vocab: object; merges: unknown };
    const model = trainOn(sampleText()).model as { merges: unknown; vocab: object };
    expect(model.merges).toEqual(theirs.merges);
    expect(model.vocab).toEqual(theirs.vocab);
  });

  const neox = '../shared/data/hf-tokenizer/gpt-neox-tokenizer.json.gz';
  test.skipIf(!existsSync(neox))('gives our ids for a foreign tokenizer.json', async () => {
    const { gunzipSync } = await import('node:zlib');
    const file = join(folder, 'neox.json');
    writeFileSync(file, gunzipSync(readFileSync(neox)));
    expectSame(JSON.parse(runPython(python!, tokenizersProgram, [file, writeTexts()])) as number[][], file);
  });
});

function writeTexts(): string {
  const file = join(folder, 'texts.json');
  writeFileSync(file, JSON.stringify(texts));
  return file;
}

function expectSame(theirs: number[][], tokenizerName: string, given: readonly string[] = texts): void {
  const tokenizer = loadTokenizer(tokenizerName);
  const differing = given.filter(
    (text, i) => JSON.stringify([...tokenizer.encode(text)]) !== JSON.stringify(theirs[i]),
  );
  expect(differing).toEqual([]);
}

function sampleText(): string {
  return (
    readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8').repeat(3) + texts.join('\n')
  );
}

function trainOn(text: string) {
  const counter = createWordCounter({ type: 'bpe' });
  counter.addText(text);
  return trainTokenizer(counter.words(), { type: 'bpe', vocabSize: 1000 });
}
