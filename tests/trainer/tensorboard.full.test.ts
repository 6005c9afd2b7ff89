// What the trainer writes for TensorBoard, read back by TensorBoard's own reader. Needs PyPI tensorboard 2.21.0 in the Python
// that GRISTMILL_TENSORBOARD_PYTHON names, or in one of those of the other cross-checks; skips, saying so, without.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { findPython, runPython } from '../python/python.ts';
import { makeFolder } from './shards.ts';
import { textRun, writeTextShards } from './text-shards.ts';

const program = fileURLToPath(new URL('../../apps/trainer/bin/gristmill-trainer.mjs', import.meta.url));
const python = process.env.GRISTMILL_TENSORBOARD_PYTHON ?? findPython(['tensorboard']);

const reader = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
a = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0, 'histograms': 0, 'tensors': 0, 'compressedHistograms': 1}).Reload()
tags = a.Tags()
text = lambda tag: [[e.step, e.tensor_proto.string_val[0].decode()] for e in a.Tensors(tag)]
h = a.Histograms('gradient/magnitude')
print(json.dumps({
  'scalars': {t: [[e.step, e.value] for e in a.Scalars(t)] for t in tags['scalars']},
  'histograms': tags['histograms'],
  'magnitude': [[e.step, e.histogram_value.num, sum(e.histogram_value.bucket), e.histogram_value.sum_squares] for e in h],
  'samples': text('sample'),
  'plugin': a.SummaryMetadata('sample').plugin_data.plugin_name,
}))
`;

interface Read {
  readonly scalars: Readonly<Record<string, (readonly [step: number, value: number])[]>>;
  readonly histograms: readonly string[];
  readonly magnitude: (readonly [step: number, num: number, counted: number, sumSquares: number])[];
  readonly samples: (readonly [step: number, text: string])[];
  readonly plugin: string;
}

test.skipIf(python === undefined)(
  'TensorBoard reads scalars, histograms and samples, also of a run that went back (skipped without PyPI tensorboard)',
  async () => {
    const run = join(makeFolder('tensorboard'), 'run');
    const config = join(makeFolder('config'), 'settings.json');
    writeFileSync(config, JSON.stringify(textRun));
    const train = (...more: string[]) =>
      spawnSync(
        process.execPath,
        [
          program,
          'train',
          '--shards',
          shards,
          '--model',
          'nanogpt-char-cpu',
          '--config',
          config,
          '--run',
          run,
          ...more,
        ],
        { encoding: 'utf8' },
      );
    const shards = await writeTextShards();
    expect(train().status).toBe(0);
    // Its last checkpoint is lost: steps 41 to 60 are done again, and TensorBoard shows each once.
    execFileSync('rm', ['-r', join(run, 'checkpoints/step-00000060')]);
    expect(train().status).toBe(0);
    const read = JSON.parse(runPython(python!, reader, [join(run, 'tensorboard')])) as Read;
    const log = readFileSync(join(run, 'loss.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as { step: number; loss: number; gradNorm: number; tokensPerSecond: number },
      );
    expect(Object.keys(read.scalars).sort()).toEqual([
      'gradient/norm',
      'learning rate',
      'loss/training',
      'loss/validation',
      'speed/mfu',
      'speed/tokens per second',
    ]);
    expect(read.scalars['loss/training']).toEqual(log.map(({ step, loss }) => [step, Math.fround(loss)]));
    expect(read.scalars['loss/validation'].map(([step]) => step)).toEqual([10, 20, 30, 40, 50, 60]);
    const norms = new Map(log.map(({ step, gradNorm }) => [step, gradNorm]));
    for (const [step, num, counted, sumSquares] of read.magnitude) {
      expect(counted).toBe(num);
      expect(Math.sqrt(sumSquares) / norms.get(step)!).toBeCloseTo(1, 4);
    }
    expect(read.magnitude.map(([step]) => step)).toEqual([1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60]);
    expect(
      read.histograms.some((tag) => /^gradients\/.*wte/.test(tag)),
      read.histograms.join(),
    ).toBe(true);
    // Its reader purges no texts: that of step 60 is there twice, and the newer one is shown last.
    expect(read.samples.map(([step]) => step)).toEqual([20, 40, 60, 60]);
    expect(read.samples[0][1]).toMatch(/^\*\*the miller\*\*/);
    expect(read.plugin).toBe('text');
  },
);
