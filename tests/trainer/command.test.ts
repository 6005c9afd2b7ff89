import { cpSync, existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { presets } from '@gristmill/models';
import { openLoader, parseIndex } from '@gristmill/shards';
import {
  dataSchema,
  modelSchema,
  parseSteps,
  prepareRun,
  readThreads,
  settingSchema,
} from '@gristmill/trainer';
import { keepProgram } from '../kept-program.ts';
import { trainHere, type Request } from './run-here.ts';
import { makeFolder, small, writeShards } from './shards.ts';

const program = keepProgram('trainer');
afterAll(() => program.close());
const runProgram = (...words: string[]) => program.run(words);

const shards = await writeShards(1, 60);
const config = join(makeFolder('config'), 'settings.json');
writeFileSync(config, JSON.stringify({ ...small, steps: 4, checkpointInterval: 2 }));
const common = ['--shards', shards, '--model', 'nanogpt-char-cpu', '--config', config];

/** A request with all of `common`, in a folder that does not exist. */
const request = (changes: Partial<Request> = {}): Request => ({
  ...{ shards, model: 'nanogpt-char-cpu', config, set: [], repin: false },
  ...{ run: join(makeFolder('request'), 'run'), ...changes },
});
/** A request that names no more than the folder of a run. */
const again = (run: string, changes: Partial<Request> = {}): Request => ({
  ...{ run, set: [], repin: false },
  ...changes,
});

const begun = join(makeFolder('begun'), 'run');
const first = await runProgram('train', ...common, '--run', begun);

/** A copy of a run of four steps that the program has trained. */
function copyRun(): string {
  const run = join(makeFolder('copy'), 'run');
  cpSync(begun, run, { recursive: true });
  return run;
}

const linesOf = (run: string) =>
  readFileSync(join(run, 'loss.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { loss: number });

test('a dry run says what would be trained and writes nothing', async () => {
  const run = join(makeFolder('dry'), 'run');
  const { stdout, code } = await runProgram('train', ...common, '--run', run, '--dry-run');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    stepTokens: 256,
    stepsDone: 0,
    settings: { steps: 4, beta2: 0.99 },
    executor: 'cpu',
    memory: { parameters: 109568, optimizerState: 2 * 109568, gradients: 109568 },
    stepFlops: expect.any(Number) as number,
    peakFlops: expect.any(Number) as number,
    mfu: expect.any(Number) as number,
    hoursLeft: expect.any(Number) as number,
    components: [{ name: 'all', rows: 32 }],
    sources: [{ name: 'test', tokens: expect.any(Number) as number }],
    timeLeft: expect.stringMatching(/^\d+s$/) as string,
  });
  expect(() => readFileSync(run)).toThrow(/ENOENT/);
});

test('a run describes itself, so that lineage can be computed from its folder', async () => {
  expect(first.code).toBe(0);
  const description = JSON.parse(readFileSync(join(begun, 'run.json'), 'utf8')) as {
    loader: object;
    index: string;
  };
  const index = parseIndex(readFileSync(join(begun, 'index.json'), 'utf8'));
  const loader = await openLoader({
    shards,
    index,
    ...(description.loader as { sequenceLength: number; globalBatchSize: number }),
  });
  expect(loader.pin).toBe(description.index);
  expect(loader.rows(0)).toHaveLength(8);
});

test('other settings or other shards are refused for a run that has begun, unless it is pinned anew', async () => {
  const run = copyRun();
  const changed = await runProgram('train', ...common, '--run', run, '--set', 'learningRate=1', 'nLayer=3');
  expect(changed.code).toBe(2);
  expect(changed.stderr).toMatch(/begun with learningRate 0\.005, now 1; n_layer of the model 2, now 3\n/);
  expect(changed.stderr).toContain('code: run-differs');
  const others = { shards: await writeShards(2, 60) };
  await expect(prepareRun(request({ run, ...others }))).rejects.toMatchObject({ code: 'shards-rewritten' });
  expect((await trainHere(request({ run, ...others, repin: true }))).finished).toBe(true);
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
  const asked = request(changes);
  await expect(prepareRun(asked)).rejects.toMatchObject({ code });
  expect(existsSync(asked.run)).toBe(false);
});

test('an error ends the program with one sentence, a hint, a code and exit code 2', async () => {
  const { code, stderr } = await runProgram('train', ...common, '--run', 'nowhere', '--executor', 'abacus');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^[^\n]+\n {2}hint: [^\n]+\n {2}code: unknown-executor\n$/);
});

test('help shows the commands, and of train every model, every setting and an example', async () => {
  expect((await runProgram('--help')).stdout).toMatch(
    /train[^]+evaluate[^]+score[^]+generate[^]+import[^]+export/,
  );
  const help = (await runProgram('train', '--help')).stdout;
  expect(help).toContain('Example:');
  const names = [presets, settingSchema, modelSchema, dataSchema].flatMap((one) => Object.keys(one));
  for (const name of names) expect(help).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
  expect(help).toMatch(/^ {2}gpt2-124m +12 layers, 768 wide, 12 heads, 1024 positions$/m);
  expect(help).toMatch(/^ {2}clip +.*0: no clipping\. \(a number of at least 0; default 1\)$/m);
});

test('a run goes on from what its folder says, and may be made longer', async () => {
  const run = copyRun();
  await expect(prepareRun(again(run, { set: ['steps=3'] }))).rejects.toThrow('steps 4, now 3');
  const longer = await runProgram('train', '--run', run, '--set', 'steps=6', 'keepCheckpoints=5');
  expect(longer.stderr).toContain('6 steps, from 4');
  expect(longer.code).toBe(0);
  expect(linesOf(run)).toHaveLength(6);
  // Settings that are younger than the run had their defaults.
  const file = join(run, 'run.json');
  const description = JSON.parse(readFileSync(file, 'utf8')) as { settings: Record<string, unknown> };
  delete description.settings.remat;
  writeFileSync(file, JSON.stringify(description));
  await expect(prepareRun(again(run, { set: ['learningRate=1'] }))).rejects.toMatchObject({
    code: 'run-differs',
    message: expect.stringMatching(/begun with learningRate 0.005, now 1$/) as string,
  });
  const nowhere = join(makeFolder('nowhere'), 'run');
  await expect(prepareRun(again(nowhere))).rejects.toMatchObject({ code: 'no-shards' });
  await expect(prepareRun(again(nowhere, { shards }))).rejects.toMatchObject({ code: 'no-model-named' });
});

test('weights that were trained elsewhere are trained further', async () => {
  const [other, further] = [copyRun(), join(makeFolder('further'), 'run')];
  const from = ['--init-from', join(other, 'model'), '--shards', shards, '--config', config];
  const { code, stderr } = await runProgram('train', ...from, '--run', further);
  expect(stderr).not.toContain('code:');
  expect(code).toBe(0);
  expect(linesOf(further)[0].loss).toBeLessThan(linesOf(other)[0].loss - 0.05); // the same samples, better weights
  // Once begun it needs no more than its folder.
  rmSync(other, { recursive: true });
  expect((await trainHere(again(further, { set: ['steps=5'] }))).step).toBe(5);
  const named = { model: undefined, initFrom: join(further, 'model') };
  await expect(prepareRun(request({ ...named, run: further }))).rejects.toMatchObject({
    code: 'run-differs',
  });
  const bigger = request({ ...named, set: ['nEmbd=64'] });
  await expect(prepareRun(bigger)).rejects.toMatchObject({ code: 'wrong-setting' });
});

test('a corpus stands for its newest shards, and a run keeps those that it was begun with', async () => {
  const corpus = makeFolder('corpus');
  const [older, newer] = ['k1', 'k2'].map((key) => join(corpus, 'tokens', key));
  cpSync(shards, older, { recursive: true });
  const asked = request({ shards: corpus });
  await trainHere(asked);
  cpSync(shards, newer, { recursive: true });
  utimesSync(join(newer, 'index.json'), Date.now() / 1000 + 60, Date.now() / 1000 + 60);
  await trainHere({ ...asked, set: ['steps=5'] });
  const shardsOf = (folder: string) =>
    (JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as { shards: string }).shards;
  expect(shardsOf(asked.run)).toBe(older);
  expect((await prepareRun(request({ shards: corpus }))).shards).toBe(newer);
});

test('what does not fit into memory is refused with the bytes by part, before a folder is made', async () => {
  const run = join(makeFolder('large'), 'run');
  const large = ['--model', 'gpt2-350m', '--run', run];
  const { stderr, code } = await runProgram(
    'train',
    '--shards',
    shards,
    ...large,
    '--set',
    'microBatchSize=8',
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(/activations [\d,]+ MB.*optimizer state [\d,]+ MB.*parameters [\d,]+ MB/);
  expect(stderr).toContain('code: model-too-large-for-cpu');
  expect(existsSync(run)).toBe(false);
});

test('steps that are to be passed by are recorded, and only steps to come', async () => {
  const run = copyRun();
  const skip = (steps: string) =>
    runProgram('train', '--run', run, '--set', 'steps=7', '--skip-steps', steps);
  expect((await skip('2-3')).stderr).toContain('code: wrong-option');
  expect((await skip('5-6')).code).toBe(0);
  expect(readFileSync(join(run, 'skips.jsonl'), 'utf8')).toBe('{"from":5,"to":6,"why":"asked"}\n');
  expect(linesOf(run).map(({ loss }) => loss === null)).toEqual([0, 0, 0, 0, 1, 1, 0].map(Boolean));
  expect(parseSteps('5-5', 4, 7)).toEqual({ from: 5, to: 5 });
  for (const wrong of ['2-3', '7', '9-5', '5-8', 'x', ''])
    expect(() => parseSteps(wrong, 4, 7)).toThrow(expect.objectContaining({ code: 'wrong-option' }) as Error);
});

test.each(['0', '1.5', 'all', '-1', ''])('--threads %s is refused', (threads) => {
  expect(() => readThreads(threads)).toThrow(expect.objectContaining({ code: 'wrong-option' }) as Error);
  expect(readThreads('2')).toBe(2);
});

test('the cpu executor and the reference train the same run, and one resumes what the other began', async () => {
  const tiny = ['nEmbd=8', 'nLayer=1', 'dropout=0', 'sequenceLength=8', 'evalInterval=0'];
  const [mixed, whole] = [request({ set: [...tiny, 'steps=2'] }), request({ set: [...tiny, 'steps=4'] })];
  await trainHere(mixed, 'reference');
  await trainHere(again(mixed.run, { set: ['steps=4'] }), 'cpu');
  await trainHere(whole, 'cpu');
  const losses = (run: string) => linesOf(run).map(({ loss }) => loss);
  expect(losses(mixed.run)).toHaveLength(4);
  losses(mixed.run).forEach((loss, i) => expect(Math.abs(loss - losses(whole.run)[i])).toBeLessThan(1e-3));
});
