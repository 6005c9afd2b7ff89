// Checkpoints of a run: checkpoints/step-N/ is a model directory with optimizer.safetensors beside it and state.json,
// which is written last and holds the digests of both. A checkpoint is written under another name and renamed when it
// is whole, so nothing that stands is touched before.

import { createHash } from 'node:crypto';
import { cpSync, createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DataError } from '@gristmill/core';
import {
  averageState,
  openModel,
  readTensors,
  stateName,
  writeModelFiles,
  writeTensors,
  type NamedTensor,
  type SavedModel,
} from '@gristmill/models';
import { readJson, type Store } from '@gristmill/storage';
import type { TrainingStep } from './training-step.ts';
import { weightsNotFinite } from './weights-not-finite.ts';

/** state.json */
export interface CheckpointState {
  readonly step: number;
  /** Updates so far, where some steps were skipped; else as many as steps. */
  readonly updates?: number;
  /** SHA-256 of model.safetensors; older checkpoints lack it. */
  readonly model?: string;
  /** SHA-256 of optimizer.safetensors. */
  readonly optimizer: string;
  /** Digest of the index that was in force. */
  readonly index: string;
}

export const checkpointName = (step: number) => `checkpoints/step-${String(step).padStart(8, '0')}`;

export interface CheckpointParts {
  readonly saved: SavedModel;
  readonly values: Pick<TrainingStep, 'readPieces' | 'stateTypes' | 'writeWhole'>;
  readonly index: string;
  readonly updates: number;
  /** The newest so many checkpoints stay. */
  readonly keep: number;
  /** The step of one more that stays. */
  readonly best?: number;
}

/** Writes a checkpoint, piece after piece, then takes all but the newest `keep` and the best away. */
export async function writeCheckpoint(store: Store, step: number, parts: CheckpointParts): Promise<void> {
  const { saved, values, index, updates, keep, best } = parts;
  const name = checkpointName(step);
  const partial = `${name}.partial`;
  rmSync(join(store.location, partial), { recursive: true, force: true });
  const read = (tensor: string) => readFinite(values, tensor);
  const whole = values.writeWhole;
  const { sha256: model } = await writeModelFiles(store, `${partial}/`, saved, read, whole);
  const tensors = Object.entries(values.stateTypes).map(([tensor, { shape }]) => ({
    name: tensor,
    shape,
    load: () => read(tensor),
  }));
  const names = tensors.map((tensor) => tensor.name);
  const write = whole && ((path: string, head: Uint8Array) => whole(path, head, names));
  const { sha256: optimizer } = await writeTensors(store, `${partial}/optimizer.safetensors`, tensors, write);
  const skipped = updates === step ? {} : { updates };
  const state: CheckpointState = { step, ...skipped, model, optimizer, index };
  await store.replace(`${partial}/state.json`, `${JSON.stringify(state)}\n`);
  putInPlace(store, name);
  for (const old of listCheckpoints(store).slice(0, -keep)) if (old !== best) takeAway(store, old);
}

/** @throws DataError `weights-not-finite`, so that no sound checkpoint gives way to an unsound one */
async function* readFinite({ readPieces }: FinishedValues, name: string): AsyncGenerator<Float32Array> {
  for await (const piece of readPieces(name)) {
    if (!isFinite(piece))
      throw weightsNotFinite(name, String(piece.find((value) => !Number.isFinite(value))));
    yield piece;
  }
}

/** Ten times faster than a call for each value, which a checkpoint of gigabytes would feel. */
function isFinite(values: Float32Array): boolean {
  let sum = 0; // NaN as soon as a value is NaN or infinite
  for (let i = 0; i < values.length; i++) sum += values[i] * 0;
  return sum === 0;
}

/** Writes a finished model. */
export async function writeFinishedModel(
  store: Store,
  { saved, values }: Pick<CheckpointParts, 'saved'> & { readonly values: FinishedValues },
  name = 'model',
) {
  rmSync(join(store.location, `${name}.partial`), { recursive: true, force: true });
  const read = (tensor: string) => readFinite(values, tensor);
  await writeModelFiles(store, `${name}.partial/`, saved, read, values.writeWhole);
  putInPlace(store, name);
}

export type FinishedValues = Pick<CheckpointParts['values'], 'readPieces' | 'writeWhole'>;

/** The average of the weights that training keeps beside them, by the names of the weights. */
export function averagesOf({ readPieces, writeWhole }: FinishedValues): FinishedValues {
  const averageOf = (name: string) => stateName(averageState, name);
  return {
    readPieces: (name) => readPieces(averageOf(name)),
    writeWhole: writeWhole && ((path, head, names) => writeWhole(path, head, names.map(averageOf))),
  };
}

/** Makes the model of a checkpoint that stands the finished one. */
export function takeFinishedModel(store: Store, step: number): void {
  const [from, to] = [checkpointName(step), 'model.partial'].map((one) => join(store.location, one));
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to);
  for (const file of readdirSync(from))
    if (!['optimizer.safetensors', 'state.json'].includes(file)) cpSync(join(from, file), join(to, file));
  putInPlace(store, 'model');
}

/** Renames a whole checkpoint to its name; one that stands there goes when the new one is in its place. */
function putInPlace(store: Store, name: string): void {
  const [place, partial, old] = [name, `${name}.partial`, `${name}.old`].map((one) =>
    join(store.location, one),
  );
  rmSync(old, { recursive: true, force: true });
  if (existsSync(place)) renameSync(place, old);
  renameSync(partial, place);
  rmSync(old, { recursive: true, force: true });
}

/** Finishes or clears away what a kill left of writing a checkpoint. */
export function settleCheckpoints(store: Store): void {
  const folder = join(store.location, 'checkpoints');
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder)) {
    const name = entry.replace(/\.(partial|old|removed)$/, '');
    if (name === entry) continue;
    if (entry.endsWith('.partial') && existsSync(join(folder, entry, 'state.json')))
      putInPlace(store, `checkpoints/${name}`);
    else if (entry.endsWith('.old') && !existsSync(join(folder, name)))
      renameSync(join(folder, entry), join(folder, name));
    else rmSync(join(folder, entry), { recursive: true, force: true });
  }
}

/** From now on it does not exist; its bytes are removed by `removeTaken`. */
function takeAway(store: Store, step: number): void {
  const folder = join(store.location, checkpointName(step));
  rmSync(`${folder}.removed`, { recursive: true, force: true });
  renameSync(folder, `${folder}.removed`);
}

/** Removes the bytes of checkpoints that were taken away: seconds for gigabytes, for which nothing has to wait. */
export async function removeTaken(store: Store): Promise<void> {
  const folder = join(store.location, 'checkpoints');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of names.filter((one) => one.endsWith('.removed')))
    await rm(join(folder, name), { recursive: true, force: true });
}

/** Steps of the checkpoints that exist, ascending. */
export function listCheckpoints(store: Store): number[] {
  const folder = join(store.location, 'checkpoints');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^step-\d+$/.test(name) && existsSync(join(folder, name, 'state.json')))
    .map((name) => Number(name.slice(5)))
    .sort((a, b) => a - b);
}

export interface RestoredCheckpoint {
  readonly step: number;
  readonly updates: number;
  /** Parameters, then the optimiser's state. */
  values(): AsyncGenerator<NamedTensor>;
}

/**
 * The newest checkpoint that is whole; undefined where there is none at all. Damaged ones are told of and set aside.
 * @throws DataError `checkpoint-damaged` when every checkpoint is damaged
 */
export async function restoreCheckpoint(
  store: Store,
  onDamaged: (error: DataError) => void = () => {},
): Promise<RestoredCheckpoint | undefined> {
  settleCheckpoints(store);
  let damage: DataError | undefined;
  for (const step of listCheckpoints(store).reverse()) {
    const name = checkpointName(step);
    const state = await readState(store, name);
    damage = state?.step !== step ? damaged(name, 'state.json') : await findDamage(store, name, state);
    if (damage === undefined)
      return { step, updates: state?.updates ?? step, values: () => readValues(store, name) };
    onDamaged(damage);
    setAside(store, name);
  }
  if (damage) throw damage;
  return undefined;
}

async function readState(store: Store, name: string): Promise<CheckpointState | undefined> {
  try {
    return await readJson<CheckpointState>(store, `${name}/state.json`);
  } catch {
    return undefined;
  }
}

async function findDamage(
  store: Store,
  name: string,
  { model, optimizer }: CheckpointState,
): Promise<DataError | undefined> {
  const digests = { 'model.safetensors': model, 'optimizer.safetensors': optimizer };
  for (const [file, digest] of Object.entries(digests))
    if (digest !== undefined && (await digestOf(join(store.location, name, file))) !== digest)
      return damaged(name, file);
  return undefined;
}

async function digestOf(path: string): Promise<string | undefined> {
  if (!existsSync(path)) return undefined;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

function damaged(name: string, file: string): DataError {
  return new DataError(
    'checkpoint-damaged',
    `${name}/${file} does not have the checksum that state.json names`,
    `the run goes on from the checkpoint before where there is one; the folder is kept as ${name}.damaged`,
  );
}

function setAside(store: Store, name: string): void {
  const [from, to] = [name, `${name}.damaged`].map((one) => join(store.location, one));
  rmSync(to, { recursive: true, force: true });
  renameSync(from, to);
}

async function* readValues(store: Store, name: string): AsyncGenerator<NamedTensor> {
  yield* (await openModel(join(store.location, name))).weights();
  yield* readTensors(store, `${name}/optimizer.safetensors`);
}
