// Each training recipe of pipelines/, twenty steps at a tiny size.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { trainHere } from './run-here.ts';
import { makeFolder } from './shards.ts';
import { writePairShards, writeTextShards } from './text-shards.ts';

const pipelines = fileURLToPath(new URL('../../pipelines/', import.meta.url));
/** With tests of their own (second pre-training below, images in images.slow.test.ts). */
const programs = ['train-continue.ts', 'train-llava.ts'];
const recipes = readdirSync(pipelines).filter(
  (name) => /^train-.*\.ts$/.test(name) && !programs.includes(name),
);
const shards = await writeTextShards();
const tiny = [
  ...[
    'nLayer=2',
    'nHead=2',
    'nEmbd=32',
    'sequenceLength=32',
    'nPositions=64',
    'batchRamp={}',
    'lengthRamp={}',
  ],
  ...[
    'microBatchSize=2',
    'gradAccumSteps=2',
    'steps=20',
    'warmupSteps=2',
    'learningRate=0.01',
    'evalInterval=20',
  ],
];

const lossesOf = (run: string) =>
  readFileSync(join(run, 'loss.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { loss: number }).loss);

test.each(recipes)('%s trains twenty steps, and its loss falls', async (name) => {
  const run = join(makeFolder('recipe'), 'run');
  const config = join(pipelines, name);
  const decay = readFileSync(config, 'utf8').includes('decaySteps') ? ['decaySteps=10'] : [];
  // The Transformer reads pairs; the others' shards have none.
  const read = name === 'train-transformer.ts' ? await writePairShards() : shards;
  // T5 has no number of positions, and Adafactor's rate is relative to the size of a parameter.
  const set =
    name === 'train-t5.ts'
      ? [...tiny, 'learningRate=0.2'].filter((one) => !one.startsWith('nPositions'))
      : tiny;
  await trainHere({ shards: read, config, run, set: [...set, ...decay], repin: false });
  const losses = lossesOf(run);
  expect(losses).toHaveLength(20);
  const mean = (some: number[]) => some.reduce((sum, loss) => sum + loss, 0) / some.length;
  expect(mean(losses.slice(-4))).toBeLessThan(mean(losses.slice(0, 4)) - 0.1);
});

test.each(['llama', 'bloom'])(
  'a %s goes on with new text by train-continue, which prints what it keeps of the old',
  async (family) => {
    const begun = join(makeFolder('begun'), 'run');
    const config = join(pipelines, `train-${family}.ts`);
    const set = [...tiny, 'steps=60', ...(family === 'bloom' ? ['decaySteps=50'] : [])];
    await trainHere({ shards, config, run: begun, set, repin: false });
    const fresh = await writeTextShards(60, 'in turn');
    const program = join(pipelines, 'train-continue.ts');
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [
        ...[program, '--model', join(begun, 'model'), '--shards', fresh, '--kept', shards],
        ...[
          '--run',
          join(makeFolder('continued'), 'run'),
          '--set',
          'steps=40',
          'warmupSteps=4',
          'learningRate=0.01',
        ],
        ...['sequenceLength=32', 'microBatchSize=4', 'evalInterval=0'],
      ],
      { encoding: 'utf8' },
    );
    expect(status, stderr).toBe(0);
    const result = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<
      string,
      { before: number; after: number }
    >;
    expect(result.steps).toBe(40);
    expect(result.new.after).toBeLessThan(result.new.before - 0.1);
    expect(result.kept.before).toBeGreaterThan(0);
    expect(stderr).toContain('loss on the kept old text');
  },
);

test('a recipe that is none is refused', async () => {
  const folder = makeFolder('wrong');
  const run = join(folder, 'run');
  for (const [name, text] of Object.entries({
    'empty.ts': 'export const settings = {};',
    'other.ts': "export default { model: 'demo', setings: {} };",
    'other.json': '{"model": 3, "settings": {}}',
  })) {
    writeFileSync(join(folder, name), text);
    await expect(
      trainHere({ shards, config: join(folder, name), run, set: [], repin: false }),
    ).rejects.toMatchObject({
      code: 'file-unreadable',
    });
  }
});
