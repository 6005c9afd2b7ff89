// The executors that --executor names.

import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
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
  /** That share each step, of xla. Default 1. */
  readonly devices?: number;
  /** Told which one auto took, and why. */
  readonly onChoice?: (why: string) => void;
}

/** @throws DataError `unknown-executor`, `executor-missing`, `tfjs-missing` */
export async function openExecutor(options: ExecutorOptions = {}): Promise<Executor> {
  const { name = 'auto', threads = availableParallelism(), devices = 1, onChoice } = options;
  if (name === 'auto' && devices === 1) {
    const { engine, why } = chooseEngine(await listEngines());
    onChoice?.(why);
    return engine.executor === 'xla' ? openPlugin(engine.path!, devices) : open(engine.executor, threads);
  }
  const wanted = name === 'auto' ? 'xla' : name === 'tfjs' ? await chooseTfjs() : name;
  if (wanted === 'xla') return openXla(devices);
  if (devices === 1) return open(wanted, threads);
  throw new DataError(
    'wrong-option',
    `the executor ${wanted} works on one device`,
    'leave --devices out, or use --executor xla',
  );
}

function open(name: string, threads: number): Executor | Promise<Executor> {
  const openers: Readonly<Record<string, () => Executor | Promise<Executor>>> = {
    cpu: () => openCpuExecutor({ threads }),
    xla: () => openXla(1),
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

/** Compiled programs are kept, so that a second start does not wait for the compiler. */
function openPlugin(plugin: string, devices: number): Promise<Executor> {
  const home = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return openXlaExecutor({ plugin, devices, cache: join(home, 'gristmill', 'xla') });
}

async function openXla(devices: number): Promise<Executor> {
  const found = findPlugins();
  const plugin = found.find(({ platform }) => hasDevice(platform)) ?? found.at(0);
  if (plugin !== undefined) return openPlugin(plugin.path, devices);
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
