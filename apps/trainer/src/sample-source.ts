// Where a run's samples come from: a pure function of the step, so that a run resumes at any step exactly. Over shards
// the loader of libs/shards decides the order; step n of training (from 1) is step n − 1 of the loader.

import { openLoader, openTokens, type TokenBatch, type TokenIndex } from '@gristmill/shards';
import { loaderSettings } from './run-folder.ts';
import type { RunSettings } from './settings.ts';

/** Sequences in row-major order [rows, T]; a negative target is not trained on. */
export interface Samples {
  readonly tokens: Int32Array;
  readonly targets: Int32Array;
}

export interface SampleSource {
  readonly vocabSize: number;
  readonly endOfText: number;
  /** Identity of the data: changes when any token or the order does. */
  readonly digest: string;
  readonly trainTokens: number;
  readonly validationTokens: number;
  /** The bytes of tokenizer.json. */
  readonly tokenizer?: Uint8Array;
  /** The sequences of a step (from 1), micro-batch after micro-batch. */
  batch(step: number): Promise<Samples>;
  /** Sequences of the validation split, one at a time, in its order. */
  validation(): AsyncIterable<Samples>;
  close(): Promise<void>;
}

/**
 * Opens a folder of shards under a pinned index.
 * @throws DataError when the folder, its train split or a shard cannot be used
 */
export async function openShardSource(
  shards: string,
  index: TokenIndex,
  settings: RunSettings,
): Promise<SampleSource> {
  const { sequenceLength } = settings;
  const loader = await openLoader({ shards, index, ...loaderSettings(settings) });
  const validationTokens = index.splits.validation?.tokens ?? 0;
  const heldOut =
    validationTokens > 0
      ? await openLoader({
          shards,
          index,
          sequenceLength,
          split: 'validation',
          globalBatchSize: 1,
          shuffle: false,
          epochs: 1,
        })
      : undefined;
  return {
    vocabSize: index.vocabSize,
    endOfText: index.endOfText,
    digest: loader.pin,
    trainTokens: index.splits.train?.tokens ?? 0,
    validationTokens,
    tokenizer: index.tokenizer.file ? await (await openTokens(shards, { index })).tokenizer() : undefined,
    batch: async (step) => maskTargets(await loader.batch(step - 1)),
    async *validation() {
      for (let step = 0; heldOut && step < heldOut.steps; step++)
        yield maskTargets(await heldOut.batch(step));
    },
    async close() {
      await loader.close();
      await heldOut?.close();
    },
  };
}

function maskTargets({ inputs, targets, lossMask }: TokenBatch): Samples {
  if (lossMask) targets.forEach((_, i) => lossMask[i] === 0 && (targets[i] = -1));
  return { tokens: inputs, targets };
}
