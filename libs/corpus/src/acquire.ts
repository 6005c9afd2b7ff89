// Acquire: looks at every source, imports what moved, and brings the acquire table up to date. What it remembers
// between runs (sizes and times of files) lies in log/ and may be lost: then everything is read again, to the same rows.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkOptions, hashJson, ownValue, type JsonObject } from '@gristmill/core';
import type { Store } from '@gristmill/storage';
import type { BodyOpener, Crawler, Importer } from './acquire-contract.ts';
import type { AcquirePartOutcome, SeenPart } from './acquire-part.ts';
import { shareParts, tellFound, tellRead } from './acquire-share.ts';
import {
  acquireKey,
  hashTombstones,
  readState,
  saveState,
  type AcquireState,
  type SourceState,
} from './acquire-state.ts';
import { crawlSource } from './crawl-source.ts';
import type { SourceYield } from './empty-sources.ts';
import { importFiles } from './import-files.ts';
import type { AcquirePartCall } from './jobs.ts';
import { digestReadings, movedHosts, readHostReadings } from './host-readings.ts';
import { markerPath, readMarker, type Marker } from './marker.ts';
import { stopped, isStopRequested } from './meter.ts';
import { moduleLocation, type RecipeSource } from './recipe.ts';
import type { BuildRun } from './build-run.ts';
import {
  compareFiles,
  listSourceFiles,
  sourceRoot,
  type FileStates,
  type SourceChanges,
} from './source-files.ts';
import type { RewordingWork } from './reword-rows.ts';
import { ownCode } from './stage-key.ts';
import { loadCode, acquireStep, type StageLocation } from './steps.ts';
import { takeTold, type Telling } from './told-changes.ts';
import { readTombstones, type Tombstone } from './tombstones.ts';

export interface Acquired {
  readonly markers: readonly Marker[];
  readonly computed: number;
  readonly reused: number;
  /** True when nothing had moved: raw files are those of the newest build. */
  readonly isUnchanged: boolean;
  /** Paths in the corpus of the raw files that current revisions use. */
  readonly rawFiles: readonly string[];
  /** What was found of each source. */
  readonly sources: readonly SourceYield[];
}

export async function acquire(run: BuildRun): Promise<Acquired> {
  const key = acquireKey();
  const remembered = await readState(run.store, key);
  const parts = remembered && (await readMarkers(run.store, remembered.markers));
  // Without its parts (after a repair) what is remembered is worth nothing: every source is read again.
  const state = parts?.length === run.recipe.partitions ? remembered : undefined;
  const tombstones = await readTombstones(run.store);
  const hosts = digestReadings(await readHostReadings(run.store));
  const sources: SourceLook[] = [];
  for (const source of run.recipe.sources) sources.push(await lookAt(run, source, state));
  await tellFound(run, {
    sources: sources.map(({ source, importer, files }) => ({ name: source.name, importer, files })),
    tombstones,
    hosts,
  });
  const known = state && isUnchanged(state, sources, { tombstones, hosts }) ? parts : undefined;
  if (state && known) {
    await tellRead(run, known);
    return {
      sources: yieldsOf(sources, barrenOf(sources, state)),
      markers: known,
      computed: 0,
      reused: sumRows(known),
      rawFiles: state.rawFiles,
      isUnchanged: true,
    };
  }
  const looks = withLosers(sources, state);
  const spillFolder = await mkdtemp(join(tmpdir(), 'gristmill-'));
  try {
    const barren = barrenOf(looks, state);
    const spills = await importFiles(run, looks, { spillFolder, barren });
    const words = {
      ...(Object.keys(hosts).length > 0 && { readings: hashJson(hosts) }),
      reworded: movedHosts(state?.hosts, hosts),
    };
    const plan = { key, previous: state ? parts! : [], looks, spills, tombstones, words };
    const outcomes = await writeParts(run, plan);
    await saveState(run.store, stateOf({ key, looks, tombstones, hosts, outcomes, barren }));
    return {
      sources: yieldsOf(looks, barren),
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

/** Source → its files without a single item; '' for a crawl that found nothing. */
export type Barren = ReadonlyMap<string, Set<string>>;

/** As the last run left it, without the files that are read again. */
function barrenOf(looks: readonly SourceLook[], state: AcquireState | undefined): Barren {
  return new Map(
    looks.map(({ source, files, isNew, changes }) => {
      const known = isNew ? [] : (ownValue(state?.sources, source.name)?.barren ?? []);
      const again = new Set(changes.changed);
      const stays = (file: string) => (file === '' ? again.size === 0 : Object.hasOwn(files, file));
      return [source.name, new Set(known.filter((file) => stays(file) && !again.has(file)))];
    }),
  );
}

function yieldsOf(looks: readonly SourceLook[], barren: Barren): SourceYield[] {
  return looks.map(({ source, root, files, waitsFor }) => {
    const [paths, without] = [Object.keys(files), barren.get(source.name)!];
    const hadItems = source.crawl ? !without.has('') : paths.some((path) => !without.has(path));
    return { source, root, files: paths.length, hadItems, waitsFor };
  });
}

export interface SourceLook {
  readonly source: RecipeSource;
  readonly location: StageLocation;
  readonly importer: string;
  readonly root: string;
  readonly files: FileStates;
  /** Hosts of a crawl that asked to come back later. */
  readonly waitsFor: readonly string[];
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
  const { folder: root, waitsFor } = source.crawl
    ? await crawlSource(run, source, code as Crawler, location.options)
    : { folder: sourceRoot(source, run.folder), waitsFor: [] };
  const identity: JsonObject = {
    name: code.name,
    version: code.version,
    options: location.options,
    kind: source.kind,
    licence: source.licence,
    ...(await openerOf(code)),
    ...ownCode(location.module),
    ...('identity' in code && code.identity && { outside: code.identity(location.options) }),
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
    waitsFor,
    isNew,
    changes: compareFiles(isNew ? {} : before.files, files),
  };
}

/** What opens a crawl's bodies shapes its rows as the crawler itself does. */
async function openerOf(code: Importer | Crawler): Promise<JsonObject> {
  if (!('opens' in code) || !code.opens) return {};
  const { name, version } = await loadCode<BodyOpener>(code.opens);
  return { opener: { name, version } };
}

function isUnchanged(
  state: AcquireState,
  looks: readonly SourceLook[],
  { tombstones, hosts }: Pick<Taken, 'tombstones' | 'hosts'>,
): boolean {
  return (
    state.tombstones === hashTombstones(tombstones) &&
    movedHosts(state.hosts, hosts).length === 0 &&
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

interface PartsPlan {
  readonly key: string;
  readonly previous: readonly Marker[];
  readonly looks: readonly SourceLook[];
  readonly spills: ReadonlyMap<number, readonly string[]>;
  readonly tombstones: readonly Tombstone[];
  readonly words: RewordingWork;
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
      isShared: run.options.ranks !== undefined,
      previous: previous.get(partition)?.parts[0],
      replaced,
      sources: plan.looks.map(({ source }) => source.name),
      spills: plan.spills.get(partition) ?? [],
      tombstones: plan.tombstones,
      ...plan.words,
    },
  });
  return shareParts(run, {
    compute: (partitions) => computeParts(run, partitions.map(callOf)),
    see: (partitions) => seeParts(run, partitions.map(callOf)),
  });
}

async function seeParts(run: BuildRun, calls: readonly AcquirePartCall[]): Promise<SeenPart[]> {
  const job = { module: new URL('./jobs.ts', import.meta.url).href, export: 'seePartJob' };
  const seen: SeenPart[] = [];
  for await (const part of run.pool.map<AcquirePartCall, SeenPart>(job, calls)) {
    seen.push(part);
    if (isStopRequested(run.meter)) throw stopped();
  }
  return seen;
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

interface Taken {
  readonly key: string;
  readonly looks: readonly SourceLook[];
  readonly tombstones: readonly Tombstone[];
  readonly hosts: AcquireState['hosts'];
  readonly outcomes: readonly AcquirePartOutcome[];
  readonly barren: Barren;
}

function stateOf({ key, looks, tombstones, hosts, outcomes, barren }: Taken): AcquireState {
  const losers = Map.groupBy(
    outcomes.flatMap((outcome) => outcome.losers),
    ([source]) => source,
  );
  const sources = Object.fromEntries(
    looks.map(({ source, importer, files }): [string, SourceState] => {
      const lost = new Set((losers.get(source.name) ?? []).map(([, file]) => file));
      return [
        source.name,
        { importer, files, losers: [...lost].sort(), barren: [...barren.get(source.name)!].sort() },
      ];
    }),
  );
  return {
    key,
    sources,
    tombstones: hashTombstones(tombstones),
    hosts,
    markers: outcomes.map(({ marker }) => markerPath(marker)),
    rawFiles: rawFilesOf(outcomes),
  };
}

function rawFilesOf(outcomes: readonly AcquirePartOutcome[]): string[] {
  return [...new Set(outcomes.flatMap(({ rawFiles }) => rawFiles.map((file) => `raw/${file}`)))].sort();
}
