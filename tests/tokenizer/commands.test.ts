// The commands as a user types them, in a child process.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../apps/cli/bin/gristmill.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gristmill-'));
afterAll(() => rmSync(folder, { recursive: true }));

function gristmill(args: string[], input = '') {
  return spawnSync(process.execPath, [program, ...args], {
    input,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
}

test('tokenize gives a line of ids for each line, unknown fields kept', () => {
  const { stdout, status } = gristmill(
    ['tokenize', '-', '--tokenizer', 'gpt2'],
    '{"id":"a","text":"Hello world","note":1}\n{"id":"b","text":"<|endoftext|>"}\n',
  );
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; tokens: number[] });
  expect(status).toBe(0);
  expect(lines[0]).toEqual({ id: 'a', note: 1, tokens: [15496, 995] });
  expect(lines[1].tokens).not.toContain(50256);
});

test('tokenize --show marks the borders of tokens', () => {
  const { stdout } = gristmill(
    ['tokenize', '-', '--tokenizer', 'gpt2', '--show'],
    '{"id":"a","text":"Hello world"}\n{"id":"b","text":"👍"}\n',
  );
  expect(stdout).toBe('a (2 tokens)\nHello| world\nb (2 tokens)\n‹f09f91›|‹8d›\n');
});

test('train-tokenizer writes a tokenizer.json that tokenize reads', () => {
  const text = join(folder, 'text.txt');
  const out = join(folder, 'tokenizer.json');
  writeFileSync(text, readFileSync(new URL('../../docs/glossary.md', import.meta.url)));
  const trained = gristmill(['train-tokenizer', text, '--vocab-size', '400', '--out', out]);
  expect(trained.stderr).toContain('400 tokens');
  const { stdout } = gristmill(['tokenize', '-', '--tokenizer', out], '{"id":"a","text":"a document"}\n');
  expect((JSON.parse(stdout) as { tokens: number[] }).tokens.length).toBeLessThan(6);
});

test('train-tokenizer draws a weighted sample and says what it took', () => {
  const lines = (source: string, word: string): string =>
    Array.from({ length: 50 }, (_, i) =>
      JSON.stringify({ id: `${source}${i}`, source, text: `${word} `.repeat(20) }),
    ).join('\n');
  const [file, out] = [join(folder, 'mixed.jsonl'), join(folder, 'sampled.json')];
  writeFileSync(file, `${lines('books', 'miller')}\n${lines('web', 'qwertz')}\n`);
  const args = ['--vocab-size', '270', '--sample-bytes', '4000', '--weight', 'web=0', '--out', out];
  const { stderr, status } = gristmill(['train-tokenizer', file, ...args]);
  expect(status).toBe(0);
  expect(stderr).toMatch(/^books +1 +7,000 +3,9\d\d +100.0 %$/m);
  expect(stderr).toMatch(/^web +0 +7,000 +0 +0.0 %$/m);
  expect(readFileSync(out, 'utf8')).toContain('miller');
  expect(readFileSync(out, 'utf8')).not.toContain('qwertz');
});

test('an unknown tokenizer ends with a sentence, a hint and a code', () => {
  const { stderr, status } = gristmill(['tokenize', '-', '--tokenizer', 'gpt9'], '{"id":"a","text":"x"}\n');
  expect(status).toBe(2);
  expect(stderr).toContain('code: unknown-tokenizer');
});
