// The executors that --executor names.

import { availableParallelism } from 'node:os';
import { DataError } from '@gristmill/core';
import {
  findPlugins,
  openCpuExecutor,
  openReferenceExecutor,
  openXlaExecutor,
  pluginPackages,
  type Executor,
} from '@gristmill/tensor';

export interface ExecutorOptions {
  /** auto, cpu or xla; `reference` is slow, and for tests. Default auto. */
  readonly name?: string;
  /** Of the cpu executor. Default: as many as there are cores. */
  readonly threads?: number;
}

/** auto takes xla where there is a plugin for an accelerator. @throws DataError `unknown-executor`, `executor-missing` */
export async function openExecutor(options: ExecutorOptions = {}): Promise<Executor> {
  const { name = 'auto', threads = availableParallelism() } = options;
  const accelerated = name === 'auto' && findPlugins().some(({ platform }) => platform !== 'cpu');
  if (name === 'xla' || accelerated) return openXla();
  if (name === 'auto' || name === 'cpu') return openCpuExecutor({ threads });
  if (name === 'reference') return openReferenceExecutor();
  throw new DataError('unknown-executor', `there is no executor ${name}`, 'use --executor auto, cpu or xla');
}

async function openXla(): Promise<Executor> {
  const plugin = findPlugins().at(0)?.path;
  if (plugin !== undefined) return openXlaExecutor({ plugin });
  const names = pluginPackages.map(({ name }) => name).join(', ');
  throw new DataError(
    'executor-missing',
    'the xla executor needs a PJRT plugin, and there is none',
    `pip install one of ${names} and activate its environment, or name a library in GRISTMILL_PJRT_PLUGIN`,
  );
}
