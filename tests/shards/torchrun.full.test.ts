// docs/torchrun_train.py on our shards: two processes learn what one does, over the batches of our loader.
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openTokens } from '@gristmill/shards';
import { openShardSource, resolveSettings } from '@gristmill/trainer';
import { findPython } from '../python/python.ts';
import { writeShards } from '../trainer/shards.ts';

const python = findPython(['torch', 'numpy']);
const why = python ? '' : ' (skipped: no Python with torch)';
const script = fileURLToPath(new URL('../../docs/torchrun_train.py', import.meta.url));

interface Line {
  readonly loss: number;
  readonly targets: number;
}

test.skipIf(!python)(`two processes of torchrun learn on our shards what one does${why}`, async () => {
  const shards = await writeShards();
  const train = (processes: number): Line[] => {
    const sizes = '--length 32 --rows 8 --steps 4 --layers 1 --heads 2 --width 32 --seed 7 --rate 0.01'.split(
      ' ',
    );
    const launch = ['-m', 'torch.distributed.run', '--standalone', '--nproc_per_node', String(processes)];
    const output = execFileSync(python!, [...launch, script, shards, ...sizes], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${dirname(python!)}:${process.env.PATH}`, OMP_NUM_THREADS: '1' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  };
  const [one, two] = [train(1), train(2)];
  expect(two).toHaveLength(4);
  two.forEach(({ loss }, i) => expect(Math.abs(loss - one[i].loss)).toBeLessThan(1e-4));
  expect(two.at(-1)!.loss).toBeLessThan(two[0].loss - 0.3);
  // The targets of each step are as many as our own loader gives.
  const { settings } = resolveSettings({ sequenceLength: 32, microBatchSize: 8, seed: 7 });
  const { index } = await openTokens(shards);
  const source = await openShardSource({ shards, index, settings });
  const { targets } = await source.batch(1);
  expect(two[0].targets).toBe(targets.filter((target) => target >= 0).length);
  await source.close();
});
