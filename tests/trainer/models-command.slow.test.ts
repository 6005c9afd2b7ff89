// The program as people type it; what it counts has its test in models-command.test.ts.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { presets } from '@gristmill/models';
import { writeTable } from '../../apps/trainer/src/commands/models.ts';
import type { ModelFacts } from '../../apps/trainer/src/model-list.ts';

const program = fileURLToPath(new URL('../../apps/trainer/bin/gristmill-trainer.mjs', import.meta.url));
const models = (...args: string[]) =>
  spawnSync(process.execPath, [program, 'models', ...args], { encoding: 'utf8' });

test('JSON has an object a preset, and the table a line within 100 columns', () => {
  const { stdout, status } = models('--json');
  expect(status).toBe(0);
  const list = JSON.parse(stdout) as ModelFacts[];
  expect(list.map(({ name }) => name)).toEqual(Object.keys(presets));
  expect(list.find(({ name }) => name === 'gpt2-124m')).toMatchObject({ parameters: 124_439_808 });
  const lines = writeTable(list).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  for (const name of Object.keys(presets))
    expect(lines.some((line) => line.startsWith(`${name} `))).toBe(true);
});

test('one model is told with its recipe, any depth of nanochat too, and a name is guessed', () => {
  expect(models('gpt3-125m').stdout).toMatch(/125,226,240 parameters[^]*batchRamp/);
  expect(models('nanochat-d4').stdout).toContain('nanochat-d4');
  const wrong = models('gpt2-125m');
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain('gpt2-124m');
});
