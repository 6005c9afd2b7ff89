// A run's folder: run.json (what the run is), index.json (its own copy of the shards' index), loss.jsonl,
// validation.jsonl, checkpoints/step-N/ (checkpoint.ts), model/.

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, hashJson, type Json } from '@gristmill/core';
import { openDiskStore, readJson, type Store } from '@gristmill/storage';
import { changedDataSettings, type LoaderSettings } from './data-settings.ts';
import { schemaOf, settingSchema, type RunSettings } from './setting-schema.ts';
import { freeSettings } from './settings.ts';
import type { Loader } from '@gristmill/shards';

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
  /** Where the shards lie; the same shards may be given from another place. */
  readonly shards?: string;
  /** The weights that it began with, where they were not random ones. */
  readonly initFrom?: { readonly directory: string; readonly sha256: string };
}

export type SampleCounts = Loader['sampleCounts'];

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

/** What a run had of settings that are younger than it. */
function defaultsOf(settings: RunSettings): Record<string, unknown> {
  const schedule = settings.schedule ?? settingSchema.schedule.default;
  const schema = schemaOf({ optimizer: settings.optimizer, schedule });
  return Object.fromEntries(Object.entries(schema).map(([name, spec]) => [name, spec.default]));
}

/**
 * Compares what a run was begun with and what it is asked for now. More steps than before are no other run.
 * @throws DataError `run-differs` with both values of each setting
 */
export function checkSameRun(begun: RunDescription, asked: RunDescription): void {
  const names = Object.keys(asked.settings) as (keyof RunSettings)[];
  const isFree = (name: keyof RunSettings) =>
    freeSettings.includes(name) || (name === 'steps' && asked.settings.steps >= begun.settings.steps);
  const before: Readonly<Record<string, unknown>> = { ...defaultsOf(begun.settings), ...begun.settings };
  const show = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));
  const changed = names
    .filter((name) => !isFree(name) && !isSame(before[name], asked.settings[name]))
    .map((name) => `${name} ${show(before[name])}, now ${show(asked.settings[name])}`);
  for (const name of changedDataSettings(begun.loader, asked.loader))
    changed.push(`${name} ${show(begun.loader[name])}, now ${show(asked.loader[name])}`);
  for (const key of changedKeys(begun.model, asked.model))
    changed.push(`${key} of the model ${show(begun.model[key])}, now ${show(asked.model[key])}`);
  if (begun.initFrom?.sha256 !== asked.initFrom?.sha256)
    changed.push(`weights of ${show(begun.initFrom?.directory)}, now ${show(asked.initFrom?.directory)}`);
  if (changed.length === 0) return;
  throw new DataError(
    'run-differs',
    `this run was begun with ${changed.join('; ')}`,
    'give the settings it was begun with, or another --run folder; steps may grow',
  );
}

const isSame = (a: unknown, b: unknown) => hashJson((a ?? null) as Json) === hashJson((b ?? null) as Json);

function changedKeys(begun: Readonly<Record<string, unknown>>, asked: Readonly<Record<string, unknown>>) {
  const digest = (value: unknown) => hashJson((value ?? null) as Json);
  return [...new Set([...Object.keys(begun), ...Object.keys(asked)])].filter(
    (key) => digest(begun[key]) !== digest(asked[key]),
  );
}

/** @throws DataError `write-failed` */
export function appendLine(run: Store, file: string, line: object): void {
  try {
    appendFileSync(join(run.location, file), `${JSON.stringify(line)}\n`);
  } catch (cause) {
    throw new DataError(
      'write-failed',
      `${file} of the run cannot be written`,
      'make room on the disk; the run goes on from its newest checkpoint',
      { cause },
    );
  }
}

/** Cuts a log back to the lines up to and with a step, as the run that resumes there must continue them. */
export async function cutLog(store: Store, file: string, step: number): Promise<void> {
  const path = join(store.location, file);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const lines = text.split('\n').slice(0, -1); // without a newline at its end a line was cut
  const kept = lines.filter((line) => (JSON.parse(line) as { step: number }).step <= step);
  const cut = kept.map((line) => `${line}\n`).join('');
  if (cut !== text || !existsSync(path)) await store.replace(file, cut);
}

interface LogLine {
  readonly step: number;
  readonly loss: number | null;
}

function readLog(store: Store, file: string): LogLine[] {
  const lines = readFileSync(join(store.location, file), 'utf8').trimEnd().split('\n');
  return lines.filter(Boolean).map((line) => JSON.parse(line) as LogLine);
}

/** Losses of the last steps in loss.jsonl that were computed, oldest first. */
export function readLastLosses(store: Store, count: number): number[] {
  const losses = readLog(store, 'loss.jsonl').map(({ loss }) => loss);
  return losses.filter((loss) => loss !== null).slice(-count);
}

/** The step of a log's last line; undefined where it has none. */
export function readLastStep(store: Store, file: string): number | undefined {
  return readLog(store, file).at(-1)?.step;
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
