// Backends of TensorFlow.js that need nothing but npm: how each is loaded. Those that need more (TensorFlow's own library,
// a GPU) are loaded by whoever has them and handed to openTfjsExecutor.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DataError } from '@gristmill/core';
import type { Executor } from '../executor.ts';
import { openTfjsExecutor } from './executor.ts';
import type { Tf } from './kernels.ts';

export type PlainBackend = 'wasm' | 'cpu';

export const tfjsPackages: Readonly<Record<PlainBackend, string>> = {
  wasm: '@tensorflow/tfjs-backend-wasm',
  cpu: '@tensorflow/tfjs-backend-cpu',
};

/** wasm runs on one thread; cpu is plain JavaScript. @throws DataError `tfjs-missing` */
export async function openPlainTfjs(backend: PlainBackend): Promise<Executor> {
  const tf = await loadTfjs();
  try {
    await (backend === 'wasm' ? loadWasm() : import('@tensorflow/tfjs-backend-cpu'));
  } catch (cause) {
    throw tfjsMissing(tfjsPackages[backend], cause);
  }
  if (!(await tf.setBackend(backend)))
    throw new Error(`TensorFlow.js could not start its backend ${backend}`);
  return openTfjsExecutor({ name: backend, tf, backend });
}

/** TensorFlow.js without a backend. @throws DataError `tfjs-missing` */
export async function loadTfjs(): Promise<Tf> {
  try {
    return await import('@tensorflow/tfjs-core');
  } catch (cause) {
    throw tfjsMissing('@tensorflow/tfjs-core', cause);
  }
}

/** Its binary lies beside its package, not beside the module that looks for it. */
async function loadWasm(): Promise<void> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
  setWasmPaths(`${join(dirname(main), 'dist')}/`);
}

const tfjsMissing = (name: string, cause: unknown) =>
  new DataError(
    'tfjs-missing',
    `the tfjs executor needs the package ${name}`,
    `run \`npm install ${name}\``,
    {
      cause,
    },
  );
