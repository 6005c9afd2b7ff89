// A training step: uses the pinned artefact, or trains and pins it when none is or when asked to. Options other than
// those of the pin stop the run; other data than the pin's, tables or files, is drift, which is reported.

import { DataError, hashJson, ownValue, type Json } from '@gristmill/core';
import { artefactOf } from './barrier-stage.ts';
import type { Building } from './building.ts';
import { bindInputs, inputDigests, wireInputs, type WiredInput } from './build-state.ts';
import { createMeter } from './meter.ts';
import { openInput } from './phase-task.ts';
import { addPin, optionsHash, readLock, readPins } from './pins.ts';
import type { TrainingStep } from './steps.ts';
import { digestTrainingFiles, listTrainingFiles, stateOfTrainingFiles } from './training-files.ts';

export async function runTraining(building: Building, step: TrainingStep, index: number): Promise<void> {
  const { run } = building;
  const artefact = artefactOf(step.code, step.options);
  const paths = step.code.files?.(step.options) ?? [];
  const wired = wireInputs(step.code.inputs(step.options), building.steps, index);
  const bound = bindInputs(wired, building.state, run.recipe.partitions, undefined);
  const tables = inputDigests(wired, bound) as Json;
  const files = await digestTrainingFiles(run.folder, paths);
  const inputs = hashJson(paths.length === 0 ? tables : { tables, files }).slice(0, 32);
  Object.assign(building.watched, await stateOfTrainingFiles(run.folder, paths));
  const options = optionsHash(step.options);
  const pin = ownValue(run.lock.pins, artefact);
  const retrain = run.options.retrain === artefact;
  if (pin && !retrain) {
    if (pin.options !== options) throw otherOptions(artefact, run.lock.file);
    await readPins(run.lock, [artefact]);
    const isKnown = paths.length === 0 || files !== undefined;
    if (isKnown && pin.inputs !== inputs) building.drift.push(artefact);
    return;
  }
  if (!retrain && run.options.ranks !== undefined) {
    // Another rank may have been faster; where none shares the lock, each trains the same bytes.
    run.lock = await readLock(run.lock.file);
    const shared = ownValue(run.lock.pins, artefact);
    if (shared?.options === options && shared.inputs === inputs) return;
  }
  const bytes = await train(building, step, wired);
  run.lock = await addPin(run.lock, artefact, bytes, { options, inputs });
}

async function train(
  building: Building,
  step: TrainingStep,
  wired: readonly WiredInput[],
): Promise<Uint8Array> {
  const { run, state } = building;
  const { partitions } = run.recipe;
  const bound = bindInputs(wired, state, partitions, undefined);
  const meter = createMeter(run.meter);
  run.progress.begin(`train ${artefactOf(step.code, step.options)}`, 1, 'artefact');
  const bytes = await step.code.train({
    options: step.options,
    partitions,
    pool: run.pool,
    input: (name) => openInput(run.store, partitions, bound, name),
    progress: (documents, size = 0) => meter.add(documents, size),
    count: () => {},
    files: await listTrainingFiles(run.folder, step.code.files?.(step.options) ?? []),
  });
  run.progress.end();
  return bytes;
}

function otherOptions(artefact: string, file: string): DataError {
  return new DataError(
    'pin-options',
    `the recipe's options for ${artefact} are not those that the pin in ${file} was trained with`,
    `put the options back, or train anew with --retrain ${artefact}`,
  );
}
