// A run's folder: run.json (what the run is), index.json (its own copy of the shards' index), loss.jsonl,
// validation.jsonl, checkpoints/step-N/, model/. A checkpoint is a model directory with optimizer.safetensors beside
// it; its state.json is written last, and one without state.json does not exist.

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, hashJson, sha256, type Json } from '@gristmill/core';
import { readTensors, writeModelFiles, writeTensors, type Model } from '@gristmill/models';
import { openDiskStore, readJson, type Store } from '@gristmill/storage';
import { changedDataSettings, type LoaderSettings } from './data-settings.ts';
import type { RunSettings } from './settings.ts';
import { freeSettings } from './settings.ts';
import type { Loader } from '@gristmill/shards';
import type { TrainingStep } from './training-step.ts';

/** run.json */
export interface RunDescription {
  readonly format: 'gristmill-run';
  readonly version: 1;
  readonly settings: RunSettings;
  /** config.json of the model. */
  readonly model: Readonly<Record<string, unknown>>;
  /** What openLoader of libs/shards needs, besides index.json, to name the samples of a step: lineage. */
  readonly loader: LoaderSettings;
  /** Digest of the pinned index; --repin changes it. */
  readonly index: string;
}

export type SampleCounts = Loader['sampleCounts'];

export interface CheckpointState {
  readonly step: number;
  /** SHA-256 of optimizer.safetensors and model.safetensors. */
  readonly optimizer: string;
  readonly index: string;
}

export function openRun(directory: string): Store {
  return openDiskStore({ root: directory });
}

export async function readRun(store: Store): Promise<RunDescription | undefined> {
  const run = await readJson<RunDescription>(store, 'run.json');
  if (run === undefined || (run.format === 'gristmill-run' && run.version === 1)) return run;
  const isNewer = run.format === 'gristmill-run' && Number(run.version) > 1;
  throw new DataError(
    'run-version',
    `run.json in ${store.location} has format version ${String(run.version)} instead of 1`,
    isNewer ? 'update Gristmill' : 'give another --run folder',
  );
}

/** Compares what a run was begun with and what it is asked for now. @throws DataError `run-differs` */
export function checkSameRun(begun: RunDescription, asked: RunDescription): void {
  const names = Object.keys(asked.settings) as (keyof RunSettings)[];
  const changed: string[] = names.filter(
    (name) => !freeSettings.includes(name) && begun.settings[name] !== asked.settings[name],
  );
  changed.push(...changedDataSettings(begun.loader, asked.loader));
  const model = hashJson(begun.model as Json) !== hashJson(asked.model as Json);
  if (changed.length === 0 && !model) return;
  throw new DataError(
    'run-differs',
    `this run was begun with other settings: ${[...changed, ...(model ? ['model'] : [])].join(', ')}`,
    'give the settings it was begun with, or another --run folder',
  );
}

export const checkpointName = (step: number) => `checkpoints/step-${String(step).padStart(8, '0')}`;

/** Writes a checkpoint and removes all but the newest `keep`. */
export async function writeCheckpoint(
  store: Store,
  step: number,
  parts: { model: Model; optimizerState: TrainingStep['optimizerState']; index: string; keep: number },
): Promise<void> {
  const name = checkpointName(step);
  rmSync(join(store.location, name), { recursive: true, force: true });
  await writeModelFiles(store, `${name}/`, parts.model);
  const tensors = [...parts.optimizerState].map(([tensor, { shape, buffer }]) => ({
    name: tensor,
    shape,
    data: buffer.data as Float32Array,
  }));
  const { sha256: optimizer } = await writeTensors(store, `${name}/optimizer.safetensors`, tensors);
  const state: CheckpointState = { step, optimizer, index: parts.index };
  await store.replace(`${name}/state.json`, `${JSON.stringify(state)}\n`);
  for (const old of listCheckpoints(store).slice(0, -parts.keep)) removeCheckpoint(store, old);
}

/** state.json goes first: a checkpoint that is half removed does not exist. */
function removeCheckpoint(store: Store, step: number): void {
  const folder = join(store.location, checkpointName(step));
  rmSync(join(folder, 'state.json'), { force: true });
  rmSync(folder, { recursive: true, force: true });
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

/** Fills a training step's optimiser state from a checkpoint; gives the folder of its model. */
export async function restoreOptimizer(
  store: Store,
  step: number,
  optimizerState: TrainingStep['optimizerState'],
): Promise<string> {
  const name = checkpointName(step);
  const state = await readJson<CheckpointState>(store, `${name}/state.json`);
  const path = `${name}/optimizer.safetensors`;
  if (state?.optimizer !== sha256(await store.read(path)))
    throw new DataError(
      'checkpoint-damaged',
      `${path} does not have the checksum that state.json names`,
      `remove the folder ${name}: the run then goes on from the checkpoint before`,
    );
  for await (const { name: tensor, data } of readTensors(store, path))
    optimizerState.get(tensor)?.buffer.data.set(data);
  return join(store.location, name);
}

/** The lines of a log up to and with a step, as the run that resumes there must continue them. */
export function linesUpTo(store: Store, file: string, step: number): string {
  const path = join(store.location, file);
  if (!existsSync(path)) return '';
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1); // without a newline at its end a line was cut
  return lines
    .filter((line) => (JSON.parse(line) as { step: number }).step <= step)
    .map((line) => `${line}\n`)
    .join('');
}

/** Sample counts of the run's shards under an index, so that resuming and lineage open without reading heads. */
export async function readSampleCounts(store: Store, index: string): Promise<SampleCounts | undefined> {
  return (await readJson<Record<string, SampleCounts>>(store, 'samples.json'))?.[index];
}

export async function keepSampleCounts(store: Store, index: string, counts: SampleCounts): Promise<void> {
  const kept = (await readJson<Record<string, SampleCounts>>(store, 'samples.json')) ?? {};
  if (kept[index] === undefined)
    await store.replace('samples.json', `${JSON.stringify({ ...kept, [index]: counts })}\n`);
}
