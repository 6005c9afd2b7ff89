// When checkpoints of a run are written: begun after a step, done before the parameters change again.

import { listCheckpoints, writeCheckpoint } from './checkpoint.ts';
import { findBestStep } from './watch/observe.ts';
import type { Loop, TrainOptions } from './training-run.ts';

/** Begins to write a checkpoint, beside whatever comes until the parameters change. */
export function save(options: TrainOptions, { step, at, updates, observed }: Loop): Promise<void> {
  const { run, source, settings } = options;
  const saving = writeCheckpoint(run, at, {
    saved: savedModel(options),
    values: step,
    index: source.digest,
    updates,
    keep: settings.keepCheckpoints,
    best: findBestStep(observed),
  });
  saving.catch(() => {}); // looked at before the parameters change
  return saving;
}

/** Waits for the checkpoint that is being written. @throws DataError when it could not be */
export async function settleSaving(loop: Loop): Promise<void> {
  await loop.saving;
  loop.saving = undefined;
}

/** Makes sure that there is a checkpoint of the last step. */
export async function saveNow(options: TrainOptions, loop: Loop): Promise<void> {
  await settleSaving(loop);
  if (loop.at > 0 && listCheckpoints(options.run).at(-1) !== loop.at) await save(options, loop);
}

export const savedModel = ({ model, source }: TrainOptions) => ({ model, tokenizer: source.tokenizer });
