// The recipe for images at a small size: it trains, goes on where it was stopped with the same bits, refuses what does not fit,
// and its model tells the colours of pictures with combinations that it never saw.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openCpuExecutor } from '@gristmill/tensor';
import { trainOnCaptions, type CaptionRequest } from '@gristmill/trainer';
import { askAll } from './shapes-answers.ts';
import { writeShapes } from './shapes.ts';
import { weightsOf } from './small-run.ts';
import { smallLlava } from './small-llava.ts';

const recipe = fileURLToPath(new URL('../../pipelines/train-llava.ts', import.meta.url));
const shapes = writeShapes({ variants: 2, tests: 1 });
// Colours alone, which is learned soon.
const colours = join(shapes.folder, 'colours.jsonl');
writeFileSync(colours, readFileSync(shapes.train, 'utf8').replaceAll(/("text":")\w+ (\w+)[^"]*/g, '$1$2'));
const files = ['--data', colours, '--tokenizer', shapes.tokenizer];
const sizes = [
  ...['nLayer=2', 'nHead=4', 'nKeyValueHead=4', 'nEmbd=64', 'nPositions=80', 'initializerRange=0.05'],
  ...['imageSize=32', 'patchSize=4', 'visionLayers=2', 'visionHeads=4', 'visionWidth=64'],
];

function runRecipe(run: string, ...set: string[]) {
  const args = [recipe, ...files, '--validation', shapes.heldOut, '--run', run, '--set', ...sizes, ...set];
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
}

test('the recipe trains, and its model tells colours through the program', () => {
  const run = join(shapes.folder, 'recipe');
  const set = ['microBatchSize=16', 'gradAccumSteps=1', 'sequenceLength=68', 'steps=90', 'warmupSteps=5'];
  const { status, stdout, stderr } = runRecipe(run, ...set, 'learningRate=0.002', 'evalInterval=90');
  expect(stderr.slice(-2000)).toContain('step 90: loss');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ step: 90, finished: true });
  const answers = askAll(run, shapes.heldOut);
  expect(answers).toHaveLength(shapes.counts.heldOut);
  const right = answers.filter(({ expected, text }) => text === expected.split(' ')[1]);
  expect(right.length / answers.length).toBeGreaterThan(0.9);
  const preprocessor = JSON.parse(
    readFileSync(join(run, 'model/preprocessor_config.json'), 'utf8'),
  ) as object;
  expect(preprocessor).toMatchObject({
    image_processor_type: 'CLIPImageProcessor',
    crop_size: { width: 32 },
  });
});

const small = { sequenceLength: 26, microBatchSize: 4, warmupSteps: 1, sampleInterval: 0, evalInterval: 0 };

async function trainHere(
  run: string,
  settings: Record<string, unknown>,
  other: Partial<CaptionRequest> = {},
) {
  const executor = openCpuExecutor({ threads: 1 });
  const { train: data, tokenizer } = shapes;
  const request = { data, tokenizer, run: join(shapes.folder, run), model: smallLlava, ...other };
  try {
    return await trainOnCaptions({ ...request, settings: [small, settings] }, executor);
  } finally {
    await executor.close();
  }
}

test('a run that goes on has the bits of one that was not stopped', async () => {
  const decay = { decaySteps: 6 };
  await trainHere('whole', { steps: 6, schedule: 'linear', ...decay });
  await trainHere('twice', { steps: 3, schedule: 'linear', ...decay });
  await trainHere('twice', { steps: 6, schedule: 'linear', ...decay });
  const [whole, twice] = ['whole', 'twice'].map((run) => weightsOf(join(shapes.folder, run)));
  expect(twice.equals(whole)).toBe(true);
  await expect(trainHere('twice', { steps: 9, seed: 2 })).rejects.toMatchObject({ code: 'run-differs' });
});

test('what does not fit is refused by name', async () => {
  await expect(trainHere('x', { sequenceLength: 16 })).rejects.toMatchObject({ code: 'wrong-setting' });
  await expect(trainHere('x', { patchSize: 64 })).rejects.toThrow(/larger than imageSize/);
  const lines = join(shapes.folder, 'lines.jsonl');
  const refuse = (text: string) => {
    writeFileSync(lines, text);
    return expect(trainHere('y', { steps: 1 }, { data: lines })).rejects;
  };
  await refuse('').toMatchObject({ code: 'nothing-to-train-on' });
  await refuse('{"image":"a.png"}\n').toMatchObject({ code: 'not-json-lines' });
  await refuse('{"image":"a.png","text":"x"}\n').toMatchObject({ code: 'image-unreadable' });
});
