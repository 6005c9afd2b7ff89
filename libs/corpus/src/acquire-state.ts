// log/acquire.json: what the last run took in, so that the next one reads only what moved. It may be lost.

import { hashJson, sha256, type JsonObject } from '@gristmill/core';
import { readJson, type Store } from '@gristmill/storage';
import { acquireVersion } from './acquire-table.ts';
import type { FileStates } from './source-files.ts';
import { stageKey } from './stage-key.ts';
import { acquireStep } from './steps.ts';
import type { Tombstone } from './tombstones.ts';

/** What the acquire table was made from. */
export interface AcquireState {
  readonly key: string;
  readonly sources: Readonly<Record<string, SourceState>>;
  readonly tombstones: string;
  /** Origin → digest of what its files said when they were last read by themselves. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly markers: readonly string[];
  readonly rawFiles: readonly string[];
}

export interface SourceState {
  /** Hash of what shapes the items of a file: importer, version, options, kind, licence. */
  readonly importer: string;
  readonly files: FileStates;
  /** Files with an item that lost to another of the same id. */
  readonly losers: readonly string[];
  /** Files without a single item; '' for a crawl that found nothing. */
  readonly barren: readonly string[];
}

const stateFile = 'log/acquire.json';

export const acquireKey = () =>
  stageKey({ name: acquireStep, version: acquireVersion }, import.meta.url, {}, {});

export async function readState(store: Store, key = acquireKey()): Promise<AcquireState | undefined> {
  const kept = await readJson<{ check: string; state: AcquireState }>(store, stateFile).catch(
    () => undefined,
  );
  const isWhole = kept !== undefined && sha256(JSON.stringify(kept.state)) === kept.check;
  return isWhole && kept.state.key === key ? kept.state : undefined;
}

export async function saveState(store: Store, state: AcquireState): Promise<void> {
  await store.replace(stateFile, JSON.stringify({ check: sha256(JSON.stringify(state)), state }));
}

export const hashTombstones = (tombstones: readonly Tombstone[]) =>
  hashJson(tombstones as unknown as JsonObject);

export interface LastAcquire {
  /** Sizes and times of the files, by source. */
  readonly files: Readonly<Record<string, FileStates>>;
  /** Paths of the markers of the parts. */
  readonly markers: readonly string[];
  /** Origin → digest of its last reading. */
  readonly hosts: AcquireState['hosts'];
}

/** What the last run took in, whether or not it came to a build; undefined when that is not recorded. */
export async function lastAcquire(store: Store): Promise<LastAcquire | undefined> {
  const state = await readState(store);
  if (!state) return undefined;
  const files = Object.fromEntries(Object.entries(state.sources).map(([name, { files }]) => [name, files]));
  return { files, markers: state.markers, hosts: state.hosts };
}

/** Digest of what is recorded of the last acquire. */
export async function acquireCheck(store: Store): Promise<string | undefined> {
  return (await readJson<{ check: string }>(store, stateFile).catch(() => undefined))?.check;
}
