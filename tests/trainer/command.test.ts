import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openLoader, parseIndex } from '@gristmill/shards';
import { prepareRun } from '@gristmill/trainer';
import { makeFolder, small, writeShards } from './shards.ts';

const program = fileURLToPath(new URL('../../apps/trainer/bin/gristmill-trainer.mjs', import.meta.url));
const runProgram = (...args: string[]) =>
  spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });

const shards = await writeShards(1, 60);
const config = join(makeFolder('config'), 'settings.json');
writeFileSync(config, JSON.stringify({ ...small, steps: 4, checkpointInterval: 2 }));
const common = ['--shards', shards, '--model', 'nanogpt-char-cpu', '--config', config];

test('a dry run says what would be trained and writes nothing', () => {
  const run = join(makeFolder('dry'), 'run');
  const { stdout, status } = runProgram('train', ...common, '--run', run, '--dry-run');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    stepTokens: 256,
    stepsDone: 0,
    settings: { steps: 4, beta2: 0.99 },
    executor: 'cpu',
    memory: { parameters: 109568, optimizerState: 2 * 109568, gradients: 109568 },
    timeLeft: expect.stringMatching(/^\d+s$/) as string,
  });
  expect(() => readFileSync(run)).toThrow(/ENOENT/);
});

test('a run describes itself, so that lineage can be computed from its folder', async () => {
  const run = join(makeFolder('cli'), 'run');
  expect(runProgram('train', ...common, '--run', run).status).toBe(0);
  const description = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as {
    loader: object;
    index: string;
  };
  const index = parseIndex(readFileSync(join(run, 'index.json'), 'utf8'));
  const loader = await openLoader({
    shards,
    index,
    ...(description.loader as { sequenceLength: number; globalBatchSize: number }),
  });
  expect(loader.pin).toBe(description.index);
  expect(loader.rows(0)).toHaveLength(8);
});

test('other settings or other shards are refused for a run that has begun, unless it is pinned anew', async () => {
  const run = join(makeFolder('pins'), 'run');
  runProgram('train', ...common, '--run', run);
  const changed = runProgram('train', ...common, '--run', run, '--set', 'learningRate=1');
  expect(changed.status).toBe(2);
  expect(changed.stderr).toContain('code: run-differs');
  const others = ['--shards', await writeShards(2, 60), ...common.slice(2)];
  const rewritten = runProgram('train', ...others, '--run', run);
  expect(rewritten.stderr).toContain('code: shards-rewritten');
  expect(rewritten.status).toBe(2);
  expect(runProgram('train', ...others, '--run', run, '--repin').status).toBe(0);
  const record = JSON.parse(readFileSync(join(run, 'repins.jsonl'), 'utf8')) as Record<string, unknown>;
  expect(record).toMatchObject({ step: 4 });
});

test.each([
  [{ model: 'gpt5' }, 'unknown-model'],
  [{ set: ['nHead=5'] }, 'wrong-setting'],
  [{ set: ['sequenceLength=4000'] }, 'wrong-setting'],
  [{ shards: makeFolder('empty') }, 'tokens-missing'],
  [{ config: join(makeFolder('none'), 'none.json') }, 'file-unreadable'],
])('%o is refused before any work with the code %s', async (changes, code) => {
  const run = join(makeFolder('bad'), 'run');
  const request = { shards, model: 'nanogpt-char-cpu', config, run, set: [], repin: false, ...changes };
  await expect(prepareRun(request)).rejects.toMatchObject({ code });
  expect(existsSync(run)).toBe(false);
});

test('an error ends the program with one sentence, a hint, a code and exit code 2', () => {
  const { status, stderr } = runProgram('train', ...common, '--run', 'nowhere', '--executor', 'abacus');
  expect(status).toBe(2);
  expect(stderr).toMatch(/^[^\n]+\n {2}hint: [^\n]+\n {2}code: unknown-executor\n$/);
});

test('help shows the commands, and a command an example', () => {
  expect(runProgram('--help').stdout).toMatch(/train[^]+evaluate[^]+score[^]+generate[^]+import[^]+export/);
  expect(runProgram('train', '--help').stdout).toContain('Example:');
});

test('a run goes on from what its folder says, and may be made longer', () => {
  const [run, whole] = [join(makeFolder('resume'), 'run'), join(makeFolder('whole'), 'run')];
  expect(runProgram('train', ...common, '--run', run).status).toBe(0);
  expect(runProgram('train', '--run', run, '--set', 'steps=3').stderr).toContain('steps 4, now 3');
  const longer = runProgram('train', '--run', run, '--set', 'steps=6', 'keepCheckpoints=5');
  expect(longer.stderr).toContain('6 steps, from 4');
  expect(longer.status).toBe(0);
  expect(readFileSync(join(run, 'loss.jsonl'), 'utf8').trim().split('\n')).toHaveLength(6);
  // Settings that are younger than the run had their defaults.
  const file = join(run, 'run.json');
  const description = JSON.parse(readFileSync(file, 'utf8')) as { settings: Record<string, unknown> };
  delete description.settings.remat;
  writeFileSync(file, JSON.stringify(description));
  const changed = runProgram('train', '--run', run, '--set', 'learningRate=1');
  expect(changed.stderr).toContain('begun with learningRate 0.005, now 1\n');
  expect(changed.status).toBe(2);
  const nowhere = runProgram('train', '--run', whole);
  expect(nowhere.stderr).toContain('code: no-shards');
  expect(runProgram('train', '--run', whole, '--shards', shards).stderr).toContain('code: no-model-named');
});

test('weights that were trained elsewhere are trained further', () => {
  const [first, further] = [join(makeFolder('first'), 'run'), join(makeFolder('further'), 'run')];
  expect(runProgram('train', ...common, '--run', first).status).toBe(0);
  const from = ['--init-from', join(first, 'model'), '--shards', shards, '--config', config];
  const lossOf = (run: string, step: number) =>
    (JSON.parse(readFileSync(join(run, 'loss.jsonl'), 'utf8').split('\n')[step - 1]) as { loss: number })
      .loss;
  const { status, stderr } = runProgram('train', ...from, '--run', further);
  expect(stderr).not.toContain('code:');
  expect(status).toBe(0);
  expect(lossOf(further, 1)).toBeLessThan(lossOf(first, 1) - 0.05); // the same samples, better weights
  // Once begun it needs no more than its folder.
  rmSync(first, { recursive: true });
  expect(runProgram('train', '--run', further, '--set', 'steps=5').status).toBe(0);
  const other = runProgram(
    'train',
    ...from.slice(2),
    '--init-from',
    join(further, 'model'),
    '--run',
    further,
  );
  expect(other.stderr).toContain('code: run-differs');
  const bigger = runProgram(
    'train',
    '--init-from',
    further,
    ...from.slice(2),
    '--set',
    'nEmbd=64',
    '--run',
    first,
  );
  expect(bigger.stderr).toContain('code: wrong-setting');
});

test('a corpus stands for its newest shards, and a run keeps those that it was begun with', () => {
  const corpus = makeFolder('corpus');
  const [older, newer] = ['k1', 'k2'].map((key) => join(corpus, 'tokens', key));
  cpSync(shards, older, { recursive: true });
  const run = join(makeFolder('run'), 'run');
  const args = ['--shards', corpus, ...common.slice(2), '--run', run];
  expect(runProgram('train', ...args).status).toBe(0);
  cpSync(shards, newer, { recursive: true });
  utimesSync(join(newer, 'index.json'), Date.now() / 1000 + 60, Date.now() / 1000 + 60);
  expect(runProgram('train', ...args, '--set', 'steps=5').status).toBe(0);
  const shardsOf = (folder: string) =>
    (JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as { shards: string }).shards;
  expect(shardsOf(run)).toBe(older);
  const other = join(makeFolder('run'), 'run');
  expect(runProgram('train', ...args.slice(0, -1), other).status).toBe(0);
  expect(shardsOf(other)).toBe(newer);
});

test('what does not fit into memory is refused with the bytes by part, before a folder is made', () => {
  const run = join(makeFolder('large'), 'run');
  const large = ['--model', 'gpt2-350m', '--run', run];
  const { stderr, status } = runProgram('train', '--shards', shards, ...large, '--set', 'microBatchSize=8');
  expect(status).toBe(2);
  expect(stderr).toMatch(/activations [\d,]+ MB.*optimizer state [\d,]+ MB.*parameters [\d,]+ MB/);
  expect(stderr).toContain('code: model-too-large-for-cpu');
  expect(existsSync(run)).toBe(false);
});

test('steps that are to be passed by are recorded, and only steps to come', () => {
  const run = join(makeFolder('skips'), 'run');
  expect(runProgram('train', ...common, '--run', run, '--skip-steps', '2-3').status).toBe(0);
  expect(readFileSync(join(run, 'skips.jsonl'), 'utf8')).toBe('{"from":2,"to":3,"why":"asked"}\n');
  for (const wrong of ['2-3', '7', '9-5', 'x'])
    expect(runProgram('train', '--run', run, '--set', 'steps=6', '--skip-steps', wrong).stderr).toContain(
      'code: wrong-option',
    );
});

test.each(['0', '1.5', 'all', '-1'])('--threads %s is refused', (threads) => {
  const { stderr, status } = runProgram('train', ...common, '--run', 'nowhere', '--threads', threads);
  expect(stderr).toContain('code: wrong-option');
  expect(status).toBe(2);
});

test('the cpu executor and the reference train the same run, and one resumes what the other began', () => {
  const [run, whole] = [join(makeFolder('mixed'), 'run'), join(makeFolder('whole'), 'run')];
  const tiny = ['--set', 'nEmbd=8', 'nLayer=1', 'dropout=0', 'sequenceLength=8', 'evalInterval=0'];
  const train = (...args: string[]) => runProgram('train', '--run', ...args).status;
  expect(train(run, ...common, ...tiny, 'steps=2', '--executor', 'reference')).toBe(0);
  expect(train(run, '--executor', 'cpu', '--set', 'steps=4')).toBe(0);
  expect(train(whole, ...common, ...tiny, 'steps=4', '--executor', 'cpu')).toBe(0);
  const losses = (folder: string) =>
    readFileSync(join(folder, 'loss.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { loss: number }).loss);
  losses(run).forEach((loss, i) => expect(Math.abs(loss - losses(whole)[i])).toBeLessThan(1e-3));
});
