// The executors that --executor names.

import { availableParallelism } from 'node:os';
import { DataError } from '@gristmill/core';
import {
  findPlugins,
  openCpuExecutor,
  openPlainTfjs,
  openReferenceExecutor,
  openXlaExecutor,
  type Executor,
} from '@gristmill/tensor';
import { chooseEngine, hasDevice, listEngines, type Engine } from './engines.ts';
import { openTfjsNode } from './tfjs-node.ts';
import { openWebGpu } from './tfjs-webgpu.ts';

export interface ExecutorOptions {
  /** auto, cpu, xla, tfjs or tfjs:BACKEND; `reference` is slow, and for tests. Default auto. */
  readonly name?: string;
  /** Of the cpu executor and of TensorFlow. Default: as many as there are cores. */
  readonly threads?: number;
  /** Told which one auto took, and why. */
  readonly onChoice?: (why: string) => void;
}

/** @throws DataError `unknown-executor`, `executor-missing`, `tfjs-missing` */
export async function openExecutor(options: ExecutorOptions = {}): Promise<Executor> {
  const { name = 'auto', threads = availableParallelism(), onChoice } = options;
  if (name === 'auto') {
    const { engine, why } = chooseEngine(await listEngines());
    onChoice?.(why);
    return engine.executor === 'xla'
      ? openXlaExecutor({ plugin: engine.path! })
      : open(engine.executor, threads);
  }
  if (name === 'tfjs') return open(await chooseTfjs(), threads);
  return open(name, threads);
}

function open(name: string, threads: number): Executor | Promise<Executor> {
  const openers: Readonly<Record<string, () => Executor | Promise<Executor>>> = {
    cpu: () => openCpuExecutor({ threads }),
    xla: openXla,
    reference: () => openReferenceExecutor(),
    'tfjs:wasm': () => openPlainTfjs('wasm'),
    'tfjs:cpu': () => openPlainTfjs('cpu'),
    'tfjs:webgpu': openWebGpu,
    'tfjs:node': () => openTfjsNode('@tensorflow/tfjs-node', threads),
    'tfjs:node-gpu': () => openTfjsNode('@tensorflow/tfjs-node-gpu', threads),
  };
  if (Object.hasOwn(openers, name)) return openers[name]();
  const names = ['auto', ...Object.keys(openers).filter((one) => one !== 'reference')].join(', ');
  throw new DataError('unknown-executor', `there is no executor ${name}`, `names: ${names}`);
}

async function openXla(): Promise<Executor> {
  const found = findPlugins();
  const plugin = found.find(({ platform }) => hasDevice(platform)) ?? found.at(0);
  if (plugin !== undefined) return openXlaExecutor({ plugin: plugin.path });
  throw new DataError(
    'executor-missing',
    'the xla executor needs a PJRT plugin, and there is none',
    'see `gristmill-trainer engines`: install one and activate its environment, or name a library in GRISTMILL_PJRT_PLUGIN',
  );
}

/** The first backend that is ready, in the order of `auto`; plain JavaScript where none is, to say what is missing. */
async function chooseTfjs(): Promise<string> {
  const isReady = ({ executor, state }: Engine) => executor.startsWith('tfjs:') && state === 'ready';
  return (await listEngines()).find(isReady)?.executor ?? 'tfjs:wasm';
}
