// The step of GPT-2 124M (bf16, T = 1024) compiled for an H100 where there is none, with NVIDIA's plugin and compiler.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findPlugins } from '@gristmill/tensor';

const plugin = findPlugins().find(({ platform }) => platform === 'cuda')?.path;
const why = plugin ? '' : ' (skipped: no CUDA plugin is installed)';

interface Report {
  readonly memoryMb: Readonly<Record<'inputs' | 'outputs' | 'shared' | 'scratch', number>>;
  readonly optimisedProgram: string;
  readonly products: number;
}

test.skipIf(!plugin)(`GPT-2 124M in bf16 compiles for an H100 that is not here, and fits${why}`, () => {
  const out = mkdtempSync(join(tmpdir(), 'gristmill-h100-'));
  const script = join(import.meta.dirname, 'compile-for.ts');
  const args = [script, '--plugin', plugin!, '--batch', '4', '--out', out];
  const output = execFileSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  process.stdout.write(output);
  const { memoryMb, optimisedProgram, products } = JSON.parse(output.trim().split('\n').at(-1)!) as Report;
  // Weights and sums, 124,439,808 each of 4 bytes; the sums are donated.
  expect(memoryMb.inputs).toBeGreaterThanOrEqual(949);
  expect(memoryMb.shared).toBeGreaterThanOrEqual(474);
  expect(memoryMb.inputs + memoryMb.outputs - memoryMb.shared + memoryMb.scratch).toBeLessThan(80_000);
  expect(products).toBeGreaterThan(12 * 6);
  expect(readFileSync(optimisedProgram, 'utf8')).toMatch(/bf16\[50304,768\]/);
  rmSync(out, { recursive: true });
});
