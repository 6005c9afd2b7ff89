// Training on XLA, on whatever PJRT plugin there is: GPT-2 learns what it learns on `cpu` (xla.full.test.ts has every
// architecture), nearly so in bf16, several devices learn what one does, and a compiled program is kept.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  findPlugins,
  openCpuExecutor,
  openXlaExecutor,
  type Executor,
  type XlaOptions,
} from '@gristmill/tensor';
import { takeSteps, trainings } from './every-architecture.ts';

const plugin = findPlugins().at(0)?.path;
const skipped = plugin ? undefined : 'no PJRT plugin is installed';
const suffix = skipped ? ` (skipped: ${skipped})` : '';
const folder = mkdtempSync(join(tmpdir(), 'gristmill-xla-'));
const opened: Executor[] = [];
afterAll(async () => {
  await Promise.all(opened.map((executor) => executor.close()));
  rmSync(folder, { recursive: true });
});
async function open(options: Partial<XlaOptions> = {}): Promise<Executor> {
  const executor = await openXlaExecutor({ plugin: plugin!, ...options });
  opened.push(executor);
  return executor;
}
const cpu = openCpuExecutor({ threads: 1 });
opened.push(cpu);
const one = skipped ? undefined : await open();

test.skipIf(skipped)(
  `GPT-2 learns on xla what it learns on cpu, and nearly that in bf16${suffix}`,
  async () => {
    const training = trainings['GPT-2'];
    const expected = await takeSteps(cpu, training, 20);
    const got = await takeSteps(one!, training, 20);
    const rounded = await takeSteps(one!, training, 20, { settings: { precision: 'bf16' } });
    expected.forEach(({ loss, gradNorm }, i) => {
      expect(Math.abs(got[i].loss - loss), `loss ${i}`).toBeLessThan(1e-4);
      expect(Math.abs(got[i].gradNorm / gradNorm - 1), `norm ${i}`).toBeLessThan(1e-3);
      expect(Math.abs(rounded[i].loss - loss), `loss ${i} in bf16`).toBeLessThan(0.02);
    });
    expect(rounded).not.toEqual(got);
    await expect(takeSteps(cpu, training, 1, { settings: { precision: 'bf16' } })).rejects.toMatchObject({
      code: 'wrong-setting',
    });
  },
);

test.skipIf(skipped).each([2, 4])(`%i devices learn what one does${suffix}`, async (devices) => {
  const several = await open({ devices });
  const training = trainings['GPT-2'];
  const settings = { microBatchSize: 4, gradAccumSteps: 1 };
  const expected = await takeSteps(one!, training, 5, { settings });
  const got = await takeSteps(several, training, 5, { settings });
  got.forEach(({ loss }, i) => expect(Math.abs(loss - expected[i].loss), `loss ${i}`).toBeLessThan(1e-5));
  await expect(takeSteps(several, training, 1, { settings: { microBatchSize: 3 } })).rejects.toMatchObject({
    code: 'wrong-setting',
  });
});

test.skipIf(skipped)(
  `a program that was compiled before is read, and a damaged one compiled anew${suffix}`,
  async () => {
    const cache = join(folder, 'cache');
    const training = trainings['GPT-2'];
    const expected = await takeSteps(one!, training, 2);
    await takeSteps(await open({ cache }), training, 2);
    const files = readdirSync(cache);
    expect(files).toHaveLength(3); // accumulate, measure, update
    expect(await takeSteps(await open({ cache }), training, 2)).toEqual(expected);
    expect(readdirSync(cache)).toEqual(files);
    for (const file of files) writeFileSync(join(cache, file), 'damaged');
    expect(await takeSteps(await open({ cache }), training, 2)).toEqual(expected);
  },
);
