// The xla executor on whatever PJRT plugin there is (GRISTMILL_PJRT_PLUGIN, VIRTUAL_ENV, python3 on PATH), such as the one
// in the PyPI wheel xla-cpu-pjrt. GRISTMILL_PJRT_TOLERANCE widens the bound for devices that round products.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import {
  createBuilder,
  fillPhilox,
  findPlugins,
  lowerToStableHlo,
  openXlaExecutor,
  operations as o,
} from '@gristmill/tensor';
import { testExecutor } from './executor-contract.ts';

const plugin = findPlugins().at(0)?.path;
const skipped = plugin ? undefined : 'no PJRT plugin is installed';
const suffix = skipped ? ` (skipped: ${skipped})` : '';
const open = () => openXlaExecutor({ plugin: plugin! });

testExecutor({
  name: 'xla',
  open,
  tolerance: Number(process.env.GRISTMILL_PJRT_TOLERANCE ?? 1e-5),
  bf16: true,
  randomPrograms: 20, // each is compiled
  skipped,
});

test.skipIf(skipped)(`xla draws the same random bits${suffix}`, async () => {
  const b = createBuilder();
  const counter = b.input('counter', [3], 'u32');
  const program = b.finish({ bits: b.apply('philox', [counter], { shape: [2, 5], stream: 7 }) });
  const expected = new Uint32Array(10);
  fillPhilox(expected, [1, 2, 3], 7);
  const executor = await open();
  const executable = await executor.compile(program);
  const { bits } = await executor.run(executable, { counter: await executor.upload(counter, [1, 2, 3]) });
  expect(await executor.download(bits)).toEqual(expected);
  await executor.close();
});

test.skipIf(skipped)(`the death of the plugin is an error, and nobody waits${suffix}`, async () => {
  // A process that opens the executor, kills the engine in the middle of a call and prints what it is told.
  const script = `
    import { openXlaExecutor } from '@gristmill/tensor';
    const executor = await openXlaExecutor({ plugin: process.env.PLUGIN });
    const engine = process.getActiveResourcesInfo && process._getActiveHandles().find(({ pid }) => pid);
    const calls = [executor.allocate({ shape: [2 ** 28], dtype: 'f32' }), executor.allocate({ shape: [1], dtype: 'f32' })];
    engine.kill('SIGKILL');
    for (const { reason } of await Promise.allSettled(calls)) console.log(reason.code, reason.message);
    await executor.allocate({ shape: [1], dtype: 'f32' }).catch(({ code }) => console.log('later', code));
    await executor.close();
    console.log('done');
  `;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    env: { ...process.env, PLUGIN: plugin },
  });
  const lines = (await run).stdout.trim().split('\n');
  expect(lines.slice(0, 2)).toEqual([
    expect.stringMatching(/^engine-died .*SIGKILL/),
    expect.stringMatching(/^engine-died .*SIGKILL/),
  ]);
  expect(lines.slice(2)).toEqual(['later engine-died', 'done']);
});

test.skipIf(skipped)(
  `the process of xla writes a file of tensors beside its other work${suffix}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gristmill-xla-'));
    const executor = await open();
    const type = { shape: [3], dtype: 'f32' } as const;
    const [x, y] = [await executor.upload(type, [1, 2, 3]), await executor.upload(type, [4, 5, 6])];
    const path = join(folder, 'file');
    const [{ sha256, notFinite }] = await Promise.all([
      executor.writeFile!(path, Uint8Array.of(7, 7, 7, 7), [x, y]),
      executor.allocate(type),
    ]);
    const bytes = readFileSync(path);
    expect(notFinite).toBeUndefined();
    expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect([...bytes.subarray(0, 4)]).toEqual([7, 7, 7, 7]);
    expect([...new Float32Array(bytes.buffer.slice(bytes.byteOffset + 4, bytes.byteOffset + 28))]).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
    const bad = await executor.upload(type, [1, NaN, 3]);
    expect(await executor.writeFile!(path, new Uint8Array(), [x, bad])).toMatchObject({ notFinite: 1 });
    await executor.close();
    rmSync(folder, { recursive: true });
  },
);

test('what is no plugin is refused in a sentence', async () => {
  await expect(openXlaExecutor({ plugin: '/nowhere/plugin.so' })).rejects.toMatchObject({
    code: 'plugin-missing',
  });
  await expect(openXlaExecutor({ plugin: import.meta.filename })).rejects.toMatchObject({
    code: 'plugin-unusable',
  });
});

test('plugins are found by name, in a virtual environment, fastest first, and nowhere else', () => {
  const home = mkdtempSync(join(tmpdir(), 'gristmill-plugins-'));
  const packages = join(home, 'lib', 'python3.12', 'site-packages');
  const libraries = [
    'xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so',
    'jax_plugins/xla_cuda13/xla_cuda_plugin.so',
  ].map((path) => join(packages, path));
  for (const path of libraries) {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '');
  }
  expect(findPlugins({ VIRTUAL_ENV: home })).toEqual([
    { path: libraries[1], platform: 'cuda', from: 'jax-cuda13-pjrt' },
    { path: libraries[0], platform: 'cpu', from: 'xla-cpu-pjrt' },
  ]);
  expect(findPlugins({ VIRTUAL_ENV: home, GRISTMILL_PJRT_PLUGIN: libraries[0] })).toEqual([
    { path: libraries[0], platform: 'cpu', from: 'GRISTMILL_PJRT_PLUGIN' },
  ]);
  expect(findPlugins({ VIRTUAL_ENV: home, GRISTMILL_PJRT_PLUGIN: '/nowhere/plugin.so' })).toEqual([]);
  expect(findPlugins({ VIRTUAL_ENV: join(home, 'nothing') })).toEqual([]);
  expect(findPlugins({ PATH: home })).toEqual([]);
  rmSync(home, { recursive: true });
});

test('the text names every parameter that is taken over', () => {
  const b = createBuilder();
  const [x, y] = [b.input('x', [2]), b.input('y', [2])];
  const text = lowerToStableHlo(b.finish({ z: o.add(b, x, y) }), { z: 'y' });
  expect(text).toContain('%arg0: tensor<2xf32>, %arg1: tensor<2xf32> {tf.aliasing_output = 0 : i32}');
});
