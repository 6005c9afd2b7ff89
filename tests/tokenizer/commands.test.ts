// The commands as a user types them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { keepProgram } from '../kept-program.ts';

const program = keepProgram('cli');
afterAll(() => program.close());
const folder = mkdtempSync(join(tmpdir(), 'gristmill-'));
afterAll(() => rmSync(folder, { recursive: true }));

const gristmill = (words: string[], input = '') => program.run(words, { input });

test('tokenize gives a line of ids for each line, unknown fields kept', async () => {
  const { stdout, code } = await gristmill(
    ['tokenize', '-', '--tokenizer', 'gpt2'],
    '{"id":"a","text":"Hello world","note":1}\n{"id":"b","text":"<|endoftext|>"}\n',
  );
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; tokens: number[] });
  expect(code).toBe(0);
  expect(lines[0]).toEqual({ id: 'a', note: 1, tokens: [15496, 995] });
  expect(lines[1].tokens).not.toContain(50256);
});

test('tokenize --show marks the borders of tokens', async () => {
  const { stdout } = await gristmill(
    ['tokenize', '-', '--tokenizer', 'gpt2', '--show'],
    '{"id":"a","text":"Hello world"}\n{"id":"b","text":"👍"}\n',
  );
  expect(stdout).toBe('a (2 tokens)\nHello| world\nb (2 tokens)\n‹f09f91›|‹8d›\n');
});

test('train-tokenizer writes a tokenizer.json that tokenize reads', async () => {
  const text = join(folder, 'text.txt');
  const out = join(folder, 'tokenizer.json');
  writeFileSync(text, readFileSync(new URL('../../docs/glossary.md', import.meta.url)));
  const trained = await gristmill(['train-tokenizer', text, '--vocab-size', '400', '--out', out]);
  expect(trained.stderr).toContain('400 tokens');
  const { stdout } = await gristmill(
    ['tokenize', '-', '--tokenizer', out],
    '{"id":"a","text":"a document"}\n',
  );
  expect((JSON.parse(stdout) as { tokens: number[] }).tokens.length).toBeLessThan(6);
});

test('train-tokenizer draws a weighted sample and says what it took', async () => {
  const lines = (source: string, word: string): string =>
    Array.from({ length: 50 }, (_, i) =>
      JSON.stringify({ id: `${source}${i}`, source, text: `${word} `.repeat(20) }),
    ).join('\n');
  const [file, out] = [join(folder, 'mixed.jsonl'), join(folder, 'sampled.json')];
  writeFileSync(file, `${lines('books', 'miller')}\n${lines('web', 'qwertz')}\n`);
  const args = ['--vocab-size', '270', '--sample-bytes', '4000', '--weight', 'web=0', '--out', out];
  const { stderr, code } = await gristmill(['train-tokenizer', file, ...args]);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^books +1 +7,000 +3,9\d\d +100.0 %$/m);
  expect(stderr).toMatch(/^web +0 +7,000 +0 +0.0 %$/m);
  expect(readFileSync(out, 'utf8')).toContain('miller');
  expect(readFileSync(out, 'utf8')).not.toContain('qwertz');
});

test('an unknown tokenizer ends with a sentence, a hint and a code', async () => {
  const { stderr, code } = await gristmill(
    ['tokenize', '-', '--tokenizer', 'gpt9'],
    '{"id":"a","text":"x"}\n',
  );
  expect(code).toBe(2);
  expect(stderr).toContain('code: unknown-tokenizer');
});
