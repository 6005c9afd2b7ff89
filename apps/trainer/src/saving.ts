// When checkpoints of a run are written: begun after a step, done before the parameters change again.

import type { SavedModel } from '@gristmill/models';
import { listCheckpoints, removeTaken, writeCheckpoint } from './checkpoint.ts';
import { seesPrompt } from './run-objective.ts';
import { findBestStep } from './watch/observe.ts';
import type { Loop, TrainOptions } from './training-run.ts';

/** Begins to write a checkpoint, beside whatever comes until the parameters change. */
export function save(options: TrainOptions, loop: Loop): Promise<void> {
  const { run, source, settings } = options;
  const { step, at, updates, observed } = loop;
  const write = async () => {
    await loop.removing; // so that the disk never holds more than the checkpoints kept and two
    await writeCheckpoint(run, at, {
      saved: savedModel(options),
      values: step,
      index: source.digest,
      updates,
      keep: settings.keepCheckpoints,
      best: findBestStep(observed),
    });
    loop.removing = removeTaken(run);
    loop.removing.catch(() => {}); // looked at before the next checkpoint, and at the end
  };
  const saving = write();
  saving.catch(() => {}); // looked at before the parameters change
  return saving;
}

/**
 * Waits for the checkpoint that is being written.
 * @returns milliseconds that it took; undefined where none was being written
 * @throws DataError when it could not be
 */
export async function settleSaving(loop: Loop): Promise<number | undefined> {
  if (loop.saving === undefined) return undefined;
  const start = performance.now();
  await loop.saving;
  loop.saving = undefined;
  return performance.now() - start;
}

/** Makes sure that there is a checkpoint of the last step, and none that was taken away. */
export async function saveNow(options: TrainOptions, loop: Loop): Promise<void> {
  await settleSaving(loop);
  if (loop.at > 0 && listCheckpoints(options.run).at(-1) !== loop.at) await save(options, loop);
  await loop.removing;
}

export const savedModel = ({ model, source, objective }: TrainOptions): SavedModel => ({
  model,
  tokenizer: source.tokenizer,
  seesPrompt: seesPrompt(model, objective),
});
