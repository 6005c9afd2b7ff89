// Acquire: looks at every source, imports what moved, and brings the acquire table up to date. What it remembers
// between runs (sizes and times of files) lies in log/ and may be lost: then everything is read again, to the same rows.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkOptions, DataError, hashJson, ownValue, sha256, type JsonObject } from '@gristmill/core';
import { readJson, type Store } from '@gristmill/storage';
import type { Crawler, Importer } from './acquire-contract.ts';
import type { AcquirePartOutcome } from './acquire-part.ts';
import { shareParts, tellFound } from './acquire-share.ts';
import { acquireVersion } from './acquire-table.ts';
import type { AcquirePartCall, ImportCall } from './jobs.ts';
import { markerPath, readMarker, type Marker } from './marker.ts';
import { stopped, isStopRequested } from './meter.ts';
import { openRawFolder } from './raw-folder.ts';
import { moduleLocation, type RecipeSource } from './recipe.ts';
import type { BuildRun } from './build-run.ts';
import {
  compareFiles,
  listSourceFiles,
  sourceRoot,
  type FileStates,
  type SourceChanges,
} from './source-files.ts';
import { spillFile } from './spill.ts';
import { stageKey } from './stage-key.ts';
import { loadCode, acquireStep, type StageLocation } from './steps.ts';
import { takeTold, type Telling } from './told-changes.ts';
import { readTombstones, type Tombstone } from './tombstones.ts';

/** log/acquire.json: what the acquire table was made from. */
interface AcquireState {
  readonly key: string;
  readonly sources: Readonly<Record<string, SourceState>>;
  readonly tombstones: string;
  readonly markers: readonly string[];
  readonly rawFiles: readonly string[];
}

interface SourceState {
  /** Hash of what shapes the items of a file: importer, version, options, kind, licence. */
  readonly importer: string;
  readonly files: FileStates;
  /** Files with an item that lost to another of the same id. */
  readonly losers: readonly string[];
}

export interface Acquired {
  readonly markers: readonly Marker[];
  readonly computed: number;
  readonly reused: number;
  /** True when nothing had moved: raw files are those of the newest build. */
  readonly isUnchanged: boolean;
  /** Paths in the corpus of the raw files that current revisions use. */
  readonly rawFiles: readonly string[];
}

const stateFile = 'log/acquire.json';

export async function acquire(run: BuildRun): Promise<Acquired> {
  const key = stageKey({ name: acquireStep, version: acquireVersion }, import.meta.url, {}, {});
  const remembered = await readState(run.store, key);
  const parts = remembered && (await readMarkers(run.store, remembered.markers));
  // Without its parts (after a repair) what is remembered is worth nothing: every source is read again.
  const state = parts?.length === run.recipe.partitions ? remembered : undefined;
  const tombstones = await readTombstones(run.store);
  const sources: SourceLook[] = [];
  for (const source of run.recipe.sources) sources.push(await lookAt(run, source, state));
  await tellFound(run, {
    sources: sources.map(({ source, importer, files }) => ({ name: source.name, importer, files })),
    tombstones,
  });
  const known = state && isUnchanged(state, sources, tombstones) ? parts : undefined;
  if (state && known)
    return {
      markers: known,
      computed: 0,
      reused: sumRows(known),
      rawFiles: state.rawFiles,
      isUnchanged: true,
    };
  const looks = withLosers(sources, state);
  const spillFolder = await mkdtemp(join(tmpdir(), 'gristmill-'));
  try {
    const spills = await importChanged(run, looks, spillFolder);
    const outcomes = await writeParts(run, { key, previous: state ? parts! : [], looks, spills, tombstones });
    await saveState(run.store, { key, looks, tombstones, outcomes });
    return {
      markers: outcomes.map(({ marker }) => marker),
      computed: outcomes.reduce((sum, { computed }) => sum + computed, 0),
      reused: outcomes.reduce((sum, { reused }) => sum + reused, 0),
      rawFiles: rawFilesOf(outcomes),
      isUnchanged: false,
    };
  } finally {
    await rm(spillFolder, { recursive: true, force: true });
  }
}

const sumRows = (markers: readonly Marker[]) =>
  markers.reduce((sum, marker) => sum + marker.parts[0].rows, 0);

async function readState(store: Store, key: string): Promise<AcquireState | undefined> {
  const kept = await readJson<{ check: string; state: AcquireState }>(store, stateFile).catch(
    () => undefined,
  );
  const isWhole = kept !== undefined && sha256(JSON.stringify(kept.state)) === kept.check;
  return isWhole && kept.state.key === key ? kept.state : undefined;
}

interface SourceLook {
  readonly source: RecipeSource;
  readonly location: StageLocation;
  readonly importer: string;
  readonly root: string;
  readonly files: FileStates;
  readonly changes: SourceChanges;
  /** True when no row of an earlier run is kept. */
  readonly isNew: boolean;
}

async function lookAt(
  run: BuildRun,
  source: RecipeSource,
  state: AcquireState | undefined,
): Promise<SourceLook> {
  const reference = (source.import ?? source.crawl)!;
  const location = {
    ...reference,
    module: moduleLocation(reference.module, run.folder),
    options: reference.options ?? {},
  };
  const code = await loadCode<Importer | Crawler>(location);
  if (code.check) code.check(location.options);
  else if (code.options) checkOptions(code.options, location.options, { name: code.name });
  const root = source.crawl
    ? await crawl(run, source, code as Crawler, location.options)
    : sourceRoot(source, run.folder);
  const identity: JsonObject = {
    name: code.name,
    version: code.version,
    options: location.options,
    kind: source.kind,
    licence: source.licence,
  };
  const importer = hashJson(identity);
  const files = await listSourceFiles(root, source.files, source.name);
  const before = ownValue(state?.sources, source.name);
  const isNew = before?.importer !== importer;
  return {
    source,
    location,
    importer,
    root,
    files,
    isNew,
    changes: compareFiles(isNew ? {} : before.files, files),
  };
}

/** Goes to the network only when asked to or when there is no finished crawl. @returns the source's raw folder */
async function crawl(
  run: BuildRun,
  source: RecipeSource,
  crawler: Crawler,
  options: JsonObject,
): Promise<string> {
  const raw = await openRawFolder(run.store, source.name);
  const folder = raw.path;
  if (!run.options.refresh && (await crawler.isComplete(folder))) return folder;
  if (run.options.ranks !== undefined) throw crawlsAlone(source.name);
  const identity = { name: source.name, kind: source.kind };
  const progress = (done: number, of: number, bytes: number) =>
    run.progress.show(`crawl ${source.name}`, { done, of, bytes });
  try {
    await crawler.refresh({
      source: identity,
      options,
      where: (source.where ?? {}) as JsonObject,
      folder,
      signal: run.signal,
      progress,
    });
  } finally {
    await raw.save();
  }
  if (run.signal.aborted) throw stopped();
  return folder;
}

function crawlsAlone(source: string): DataError {
  return new DataError(
    'crawl-before-ranks',
    `source ${source} is to be crawled, and a site is crawled by one process`,
    'first run the recipe with --only acquire (and --refresh) in one process, then start the ranks',
  );
}

function isUnchanged(
  state: AcquireState,
  looks: readonly SourceLook[],
  tombstones: readonly Tombstone[],
): boolean {
  return (
    state.tombstones === hashTombstones(tombstones) &&
    Object.keys(state.sources).length === looks.length &&
    looks.every(
      ({ isNew, changes }) => !isNew && changes.changed.length === 0 && changes.removed.length === 0,
    )
  );
}

/** All of them, or undefined when one is gone (after gc or repair). */
async function readMarkers(store: Store, paths: readonly string[]): Promise<Marker[] | undefined> {
  const markers = await Promise.all(paths.map((path) => readMarker(store, path).catch(() => undefined)));
  const standing = markers.filter((marker) => marker !== undefined);
  return standing.length === paths.length ? standing : undefined;
}

const hashTombstones = (tombstones: readonly Tombstone[]) => hashJson(tombstones as unknown as JsonObject);

/** Once anything moved, files whose items lost to others are read too: the winner may be gone. */
function withLosers(looks: readonly SourceLook[], state: AcquireState | undefined): SourceLook[] {
  return looks.map((look) => {
    const losers = look.isNew ? [] : (ownValue(state?.sources, look.source.name)?.losers ?? []);
    const changed = new Set([
      ...look.changes.changed,
      ...losers.filter((file) => file === '' || Object.hasOwn(look.files, file)),
    ]);
    const all = look.source.crawl ? Object.keys(look.files) : [...changed].sort();
    return { ...look, changes: { changed: changed.size > 0 ? all : [], removed: look.changes.removed } };
  });
}

/** Files, and bytes of them, that one job imports: a large file is a job by itself. */
const batchFiles = 64;
const batchBytes = 32 << 20;

async function importChanged(
  run: BuildRun,
  looks: readonly SourceLook[],
  spillFolder: string,
): Promise<Map<number, string[]>> {
  const calls = looks
    .flatMap((look) => importCalls(run, look, spillFolder))
    .map((call, number) => ({ ...call, number }));
  const spills = new Map<number, string[]>();
  let number = 0;
  const total = calls.reduce((sum, { files }) => sum + (files?.length ?? 1), 0);
  run.progress.begin('import', total, 'files');
  const job = { module: new URL('./jobs.ts', import.meta.url).href, export: 'importJob' };
  for await (const { partitions } of run.pool.map<ImportCall, { partitions: number[]; items: number }>(
    job,
    calls,
    // What comes back is small: no job waits behind a large file.
    { inFlight: Math.max(1, calls.length) },
  )) {
    for (const partition of partitions) {
      spills.set(partition, [...(spills.get(partition) ?? []), spillFile(spillFolder, partition, number)]);
    }
    run.progress.advance(calls[number].files?.length ?? 1);
    number++;
    if (isStopRequested(run.meter)) throw stopped();
  }
  run.progress.end();
  return spills;
}

function importCalls(run: BuildRun, look: SourceLook, spillFolder: string): Omit<ImportCall, 'number'>[] {
  const { source, location, root, changes } = look;
  if (changes.changed.length === 0) return [];
  const call = {
    meter: run.meter,
    source: { name: source.name, kind: source.kind },
    licence: source.licence,
    location,
    root,
    partitions: run.recipe.partitions,
    spillFolder,
  };
  if (source.crawl) return [call];
  return fileBatches(changes.changed, look.files).map((files) => ({ ...call, files }));
}

function fileBatches(paths: readonly string[], states: FileStates): string[][] {
  const batches: string[][] = [];
  let held = Infinity; // the first file begins a batch
  for (const path of paths) {
    const bytes = parseInt(states[path], 10) || 0;
    if (held + bytes > batchBytes || batches.at(-1)!.length === batchFiles) {
      batches.push([]);
      held = 0;
    }
    batches.at(-1)!.push(path);
    held += bytes;
  }
  return batches;
}

interface PartsPlan {
  readonly key: string;
  readonly previous: readonly Marker[];
  readonly looks: readonly SourceLook[];
  readonly spills: ReadonlyMap<number, readonly string[]>;
  readonly tombstones: readonly Tombstone[];
}

async function writeParts(run: BuildRun, plan: PartsPlan): Promise<AcquirePartOutcome[]> {
  const previous = new Map(plan.previous.map((marker) => [marker.partition, marker]));
  const replaced = Object.fromEntries(
    plan.looks.map((look) => [look.source.name, replacedFiles(look)] as const),
  );
  const callOf = (partition: number): AcquirePartCall => ({
    store: run.store.reference,
    known: [],
    work: {
      key: plan.key,
      partition,
      previous: previous.get(partition)?.parts[0],
      replaced,
      sources: plan.looks.map(({ source }) => source.name),
      spills: plan.spills.get(partition) ?? [],
      tombstones: plan.tombstones,
    },
  });
  return shareParts(run, plan.previous, (partitions) => computeParts(run, partitions.map(callOf)));
}

async function computeParts(run: BuildRun, calls: readonly AcquirePartCall[]): Promise<AcquirePartOutcome[]> {
  const job = { module: new URL('./jobs.ts', import.meta.url).href, export: 'acquirePartJob' };
  const outcomes: AcquirePartOutcome[] = [];
  run.progress.begin(acquireStep, calls.length, 'partitions');
  const told = run.pool.map<AcquirePartCall, Telling<AcquirePartOutcome>>(job, calls);
  for await (const outcome of takeTold(told)) {
    outcomes.push(outcome);
    run.progress.advance(1);
    if (isStopRequested(run.meter)) throw stopped();
  }
  run.progress.end();
  return outcomes;
}

function replacedFiles(look: SourceLook): readonly string[] | 'all' {
  if (look.isNew || (look.source.crawl && look.changes.changed.length > 0)) return 'all';
  return [...look.changes.changed, ...look.changes.removed];
}

function rawFilesOf(outcomes: readonly AcquirePartOutcome[]): string[] {
  return [...new Set(outcomes.flatMap(({ rawFiles }) => rawFiles.map((file) => `raw/${file}`)))].sort();
}

interface SavedState {
  readonly key: string;
  readonly looks: readonly SourceLook[];
  readonly tombstones: readonly Tombstone[];
  readonly outcomes: readonly AcquirePartOutcome[];
}

async function saveState(store: Store, { key, looks, tombstones, outcomes }: SavedState): Promise<void> {
  const losers = Map.groupBy(
    outcomes.flatMap((outcome) => outcome.losers),
    ([source]) => source,
  );
  const sources = Object.fromEntries(
    looks.map(({ source, importer, files }): [string, SourceState] => {
      const lost = new Set((losers.get(source.name) ?? []).map(([, file]) => file));
      return [source.name, { importer, files, losers: [...lost].sort() }];
    }),
  );
  const state: AcquireState = {
    key,
    sources,
    tombstones: hashTombstones(tombstones),
    markers: outcomes.map(({ marker }) => markerPath(marker)),
    rawFiles: rawFilesOf(outcomes),
  };
  await store.replace(stateFile, JSON.stringify({ check: sha256(JSON.stringify(state)), state }));
}

export interface LastAcquire {
  /** Sizes and times of the files, by source. */
  readonly files: Readonly<Record<string, FileStates>>;
  /** Paths of the markers of the parts. */
  readonly markers: readonly string[];
}

/** What the last run took in, whether or not it came to a build; undefined when that is not recorded. */
export async function lastAcquire(store: Store): Promise<LastAcquire | undefined> {
  const key = stageKey({ name: acquireStep, version: acquireVersion }, import.meta.url, {}, {});
  const state = await readState(store, key);
  if (!state) return undefined;
  const files = Object.fromEntries(Object.entries(state.sources).map(([name, { files }]) => [name, files]));
  return { files, markers: state.markers };
}

/** Digest of what is recorded of the last acquire. */
export async function acquireCheck(store: Store): Promise<string | undefined> {
  return (await readJson<{ check: string }>(store, stateFile).catch(() => undefined))?.check;
}
