// `gristmill tokens` over a build: what it counts, and drift when the corpus grows under the same pin.
import { spawnSync, type SpawnSyncOptions } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Recipe } from '@gristmill/corpus';
import { TestCorpus, recipeOf } from '../corpus/corpora.ts';

const program = fileURLToPath(new URL('../../apps/cli/bin/gristmill.mjs', import.meta.url));
const select = new URL('./stand-in-select.ts', import.meta.url).pathname;
const whole = recipeOf();
const recipe: Recipe = {
  ...whole,
  steps: [
    ...whole.steps.filter(({ stage }) => stage === 'extract' || stage === 'clean'),
    { stage: 'select', module: select, export: 'selectStage' },
    {
      stage: 'tokenizer',
      module: '@gristmill/pack',
      export: 'tokenizerStage',
      options: { vocabSize: 400 },
    },
    { stage: 'pack', module: '@gristmill/pack', export: 'packStage' },
  ],
};

function gristmill(args: string[], options: SpawnSyncOptions = {}): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    ...options,
  });
  expect(String(stderr)).not.toContain('code:');
  expect(status).toBeLessThan(2);
  return String(stdout);
}

test('counts a build, and tells drift since the pin when other text comes', async () => {
  await using corpus = await TestCorpus.make(30, recipe);
  const dir = join(corpus.folder, 'corpus');
  const run = () =>
    gristmill(['run', join(corpus.folder, corpus.recipe), '--corpus', dir, '--workers', '0', '--json']);
  const lines = () =>
    gristmill(['tokens', dir, '--json', '--limit', '3'])
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number | string | undefined>);
  const [made] = [
    JSON.parse(run()) as { funnel: { step: string; tokensOut?: number; documentsOut: number }[] },
  ];
  const pack = made.funnel.find(({ step }) => step === 'pack')!;
  const before = lines();
  const [total] = before;
  expect(total.documents).toBe(pack.documentsOut);
  expect(total.tokens).toBe(pack.tokensOut! - pack.documentsOut);
  expect(total.bytesPerToken).toBeGreaterThan(2);
  expect(before.filter(({ kind }) => kind === 'group').map(({ source }) => source)).toEqual([
    'notes',
    'posts',
  ]);
  expect(before.find(({ kind }) => kind === 'drift')).toMatchObject({ divergence: 0 });
  for (let i = 0; i < 20; i++) await corpus.write(`notes/new-${i}.txt`, `qwertz ${i} `.repeat(50));
  run();
  const after = lines();
  expect(after.find(({ kind }) => kind === 'drift')!.divergence).toBeGreaterThan(0.1);
  expect(after.filter(({ kind }) => kind === 'moved')).toHaveLength(3);
  expect(gristmill(['tokens', dir])).toMatch(/^all +[\d,]+ +[\d,]+ +[\d,]+ +\d\.\d+$/m);
}, 60_000);

test('tokenize --show colours the tokens, neighbours unlike each other', () => {
  const env = { ...process.env, FORCE_COLOR: '1', NO_COLOR: undefined };
  const shown = gristmill(['tokenize', '-', '--tokenizer', 'gpt2', '--show'], {
    input: '{"id":"a","text":"Hello world again"}\n',
    env,
  });
  const on = (colour: number, text: string): string => `\u001b[${colour}m${text}\u001b[0m`;
  expect(shown).toBe(`a (3 tokens)\n${on(44, 'Hello')}${on(45, ' world')}${on(42, ' again')}\n`);
});
