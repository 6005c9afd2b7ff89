import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chooseEngine, listEngines, type Engine } from '../../apps/trainer/src/engines.ts';
import { findTfjsNode } from '../../apps/trainer/src/tfjs-node.ts';
import { makeFolder } from './shards.ts';

const root = new URL('../../', import.meta.url);
const readJson = <T>(path: string) => JSON.parse(readFileSync(new URL(path, root), 'utf8')) as T;

interface Manifest {
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { optional?: boolean }>>;
}

test("TensorFlow's packages are optional peers, which no installation brings and whose scripts nothing runs", () => {
  const { peerDependencies, peerDependenciesMeta } = readJson<Manifest>('apps/trainer/package.json');
  const { packages } = readJson<{ packages: Record<string, unknown> }>('package-lock.json');
  for (const name of ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu']) {
    expect(peerDependencies[name]).toBe('^4.22.0');
    expect(peerDependenciesMeta[name]).toEqual({ optional: true });
    expect(packages[`node_modules/${name}`]).toBeUndefined();
  }
  // The workspace's list of packages that may run scripts.
  expect(readJson<{ allowScripts: object }>('package.json').allowScripts).toEqual({ node: true });
});

test('every engine is listed, and what is missing has one command that gets it', async () => {
  const engines = await listEngines();
  const packages = engines.map(({ package: name }) => name);
  expect(packages).toEqual(
    expect.arrayContaining([
      'jax-cuda13-pjrt',
      'jax-rocm7-pjrt',
      'libtpu',
      '@tensorflow/tfjs-node',
      '@tensorflow/tfjs-node-gpu',
      'webgpu',
    ]),
  );
  for (const { state, get, executor } of engines)
    expect(state === 'missing', executor).toBe(get !== undefined);
  expect(engines.filter(({ state }) => state === 'ready').map(({ executor }) => executor)).toEqual(
    expect.arrayContaining(['cpu', 'tfjs:wasm', 'tfjs:cpu']),
  );
});

test('auto takes an accelerator whose device is here, else the cpu, and says why', () => {
  const cuda: Engine = { executor: 'xla', device: 'cuda', package: 'jax-cuda13-pjrt', state: 'ready' };
  const cpu: Engine = { executor: 'cpu', device: 'cpu', state: 'ready' };
  expect(chooseEngine([cuda, cpu])).toEqual({
    engine: cuda,
    why: 'xla (jax-cuda13-pjrt): there is a cuda device',
  });
  expect(chooseEngine([{ ...cuda, state: 'missing' }, cpu]).why).toBe(
    'cpu: the fastest without an accelerator',
  );
  expect(chooseEngine([{ ...cuda, state: 'no-device' }, cpu])).toEqual({
    engine: cpu,
    why: 'cpu: the fastest without an accelerator, for jax-cuda13-pjrt finds no cuda device',
  });
});

test("TensorFlow's package counts once its add-on is built", () => {
  const home = makeFolder('tfjs-node');
  const folder = join(home, 'node_modules/@tensorflow/tfjs-node');
  const find = () => findTfjsNode('@tensorflow/tfjs-node', { GRISTMILL_TFJS_NODE: home });
  expect(find()).toBeUndefined();
  mkdirSync(join(folder, 'lib/napi-v8'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{}');
  expect(find()).toEqual({ folder, isBuilt: false });
  writeFileSync(join(folder, 'lib/napi-v8/tfjs_binding.node'), '');
  expect(find()).toEqual({ folder, isBuilt: true });
});
