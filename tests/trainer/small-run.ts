// Runs a small training in this process.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTokens } from '@gristmill/shards';
import { openDiskStore } from '@gristmill/storage';
import { openCpuExecutor } from '@gristmill/tensor';
import {
  openShardSource,
  resolveSettings,
  train,
  type TrainOptions,
  type TrainReport,
} from '@gristmill/trainer';
import { modelOf, small, writeShards } from './shards.ts';

export const shards = await writeShards();
export const { index } = await openTokens(shards);

export interface SmallOptions extends Partial<Omit<TrainOptions, 'onStep' | 'source'>> {
  readonly threads?: number;
  readonly stopAfter?: number;
  readonly onStep?: (step: number) => void;
  /** Other samples than the shards'. */
  readonly batch?: (
    from: TrainOptions['source'],
    step: number,
  ) => ReturnType<TrainOptions['source']['batch']>;
}

/** Trains 40 steps of the settings `small`, or goes on in the folder. */
export async function trainSmall(
  run: string,
  changes: Record<string, unknown> = {},
  options: SmallOptions = {},
): Promise<TrainReport> {
  const { threads = 1, stopAfter, onStep, batch, ...others } = options;
  const { settings, model } = resolveSettings(small, changes);
  const source = await openShardSource({ shards, index, settings });
  const executor = openCpuExecutor({ threads });
  const stop = new AbortController();
  try {
    return await train({
      executor,
      model: modelOf(model),
      settings,
      source: batch ? { ...source, batch: (step) => batch(source, step) } : source,
      run: openDiskStore({ root: run }),
      signal: stop.signal,
      onStep({ step }) {
        onStep?.(step);
        if (step === stopAfter) stop.abort();
      },
      ...others,
    });
  } finally {
    await executor.close();
  }
}

export interface Line {
  readonly step: number;
  readonly loss: number;
}

/** What of a run's log depends on its inputs alone. */
export function readCurve(run: string): unknown[] {
  const lines = readFileSync(join(run, 'loss.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const { step, loss, learningRate, gradNorm, tokens } = JSON.parse(line) as Line & Record<string, number>;
    return { step, loss, learningRate, gradNorm, tokens };
  });
}

export const weightsOf = (run: string) => readFileSync(join(run, 'model/model.safetensors'));
