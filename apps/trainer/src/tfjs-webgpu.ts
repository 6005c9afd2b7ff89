// TensorFlow.js on a GPU through WebGPU, where the packages `webgpu` (Dawn for Node) and tfjs-backend-webgpu are installed
// and the machine has an adapter.

import { DataError } from '@gristmill/core';
import { loadTfjs, openTfjsExecutor, type Executor } from '@gristmill/tensor';

interface Dawn {
  readonly globals: Readonly<Record<string, unknown>>;
  create(options: readonly string[]): { requestAdapter(): Promise<object | null> };
}

interface FoundWebGpu {
  /** Whether the machine has a device. */
  readonly adapter: boolean;
}

let gpu: ReturnType<Dawn['create']> | undefined; // a second one in a process ends it

/** Undefined where the packages are not installed. */
export async function findWebGpu(): Promise<FoundWebGpu | undefined> {
  const [dawn, backend] = await Promise.all([
    tryImport('webgpu'),
    tryImport('@tensorflow/tfjs-backend-webgpu'),
  ]);
  if (dawn === undefined || backend === undefined) return undefined;
  const { globals, create } = dawn as Dawn;
  Object.assign(globalThis, globals);
  gpu ??= create([]);
  Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
  return { adapter: Boolean(await gpu.requestAdapter()) };
}

/** @throws DataError `tfjs-missing`, `executor-missing` where there is no adapter */
export async function openWebGpu(): Promise<Executor> {
  const found = await findWebGpu();
  const get = 'npm install webgpu @tensorflow/tfjs-backend-webgpu';
  if (!found) throw new DataError('tfjs-missing', 'the packages for WebGPU are not here', `run \`${get}\``);
  const tf = await loadTfjs();
  if (!found.adapter || !(await tf.setBackend('webgpu')))
    throw new DataError(
      'executor-missing',
      'WebGPU finds no adapter on this machine',
      'install a Vulkan driver for its GPU, or use --executor cpu',
    );
  return openTfjsExecutor({ name: 'webgpu', tf, backend: 'webgpu' });
}

async function tryImport(name: string): Promise<unknown> {
  try {
    return (await import(name)) as unknown;
  } catch {
    return undefined;
  }
}
