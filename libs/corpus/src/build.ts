// A build: acquire, then the recipe's steps in order. Consecutive row-wise steps run as one chain a partition;
// barrier stages run phase by phase. Whatever has a marker is not done again, so a stopped build carries on.

import {
  createRecord,
  DataError,
  hashJson,
  suggestName,
  type JsonObject,
  type RowStage,
} from '@gristmill/core';
import { acquire, type Acquired } from './acquire.ts';
import { artefactOf } from './barrier-stage.ts';
import { addEffort, artefactDigests, inBatches, timed, type Building, type Effort } from './building.ts';
import type { BuildRun } from './build-run.ts';
import { addMarker, createState, type BuildState } from './build-state.ts';
import { runChain, type ChainOutcome, type ChainWork, type RowPlan } from './chain-task.ts';
import type { ChainCall } from './jobs.ts';
import { createTransform } from './jobs.ts';
import {
  makeManifest,
  publishManifest,
  readBuildMarkers,
  readManifest,
  type Manifest,
  type ManifestFile,
} from './manifest.ts';
import type { Marker } from './marker.ts';
import { isStopRequested, stopped } from './meter.ts';
import { runBarrier } from './build-barrier.ts';
import { runTraining } from './build-training.ts';
import { awaitOthers, isOwn } from './ranks.ts';
import { recordedRecipe } from './recipe.ts';
import { stageKey } from './stage-key.ts';
import { acquireStep, loadSteps, rowColumns, type RowStep, type Step } from './steps.ts';
import { takeTold, tellOf, type Telling } from './told-changes.ts';
import { tombstoneFile } from './tombstones.ts';
import { hashStored } from './hash-stored.ts';
import { hostFilePaths } from './host-readings.ts';
import { checkSources } from './empty-sources.ts';

export interface BuildOutcome {
  /** Undefined when the run was limited to some stages. */
  readonly manifest?: Manifest;
  readonly isNew: boolean;
  readonly steps: readonly Pick<Step, 'name' | 'kind'>[];
  readonly markers: readonly Marker[];
  /** Step → rows computed and reused by this run, and its seconds. */
  readonly effort: Readonly<Record<string, Effort>>;
  /** Artefacts that were trained on other data than there is now. */
  readonly drift: readonly string[];
  /** Path that a training step learns from → states of its files. */
  readonly watched?: Readonly<Record<string, string>>;
  /** Sentences about sources that have no document for a good reason. */
  readonly warnings?: readonly string[];
  /** Hosts of crawls that asked to come back later: what they have is not in this build. */
  readonly waitsFor?: readonly string[];
}

export async function build(run: BuildRun): Promise<BuildOutcome> {
  const steps = await loadSteps({ recipe: run.recipe, folder: run.folder, file: '' });
  checkRetrain(steps, run.options.retrain);
  const old = await readManifest(run.store);
  const previous = createState(old ? (await readBuildMarkers(run.store, old)).markers : []);
  const building: Building = {
    ...{ run, steps, previous, state: createState() },
    ...{
      effort: createRecord<Effort>(),
      drift: [],
      watched: createRecord<string>(),
      pins: createRecord<string>(),
      warnings: [],
    },
  };
  const acquired = await timed(building, [acquireStep], () =>
    run.options.frozen ? frozenRows(previous) : acquire(run),
  );
  for (const marker of acquired.markers) addMarker(building.state, marker);
  const check = async (extract?: string) =>
    building.warnings.push(
      ...(await checkSources({
        store: run.store,
        state: building.state,
        sources: acquired.sources,
        extract,
      })),
    );
  addEffort(building, acquireStep, acquired);
  const last = run.options.only;
  if (last === acquireStep || !steps.some(({ stage }) => stage === 'extract')) await check();
  if (last !== acquireStep) await runSteps(building, last, check);
  const { state, effort, drift, watched, pins, warnings } = building;
  const waitsFor = acquired.sources.flatMap((found) => found.waitsFor);
  const outcome = { steps, markers: state.markers, effort, drift, watched, warnings, waitsFor, isNew: false };
  if (last !== undefined && last !== 'pack') return outcome;
  const raw = await rawFiles(run, acquired, old);
  const manifest = makeManifest({ recipe: recordedRecipe(run.recipe), pins, markers: state.markers, raw });
  const { isNew } = await publishManifest(run.store, manifest);
  return { ...outcome, manifest, isNew };
}

function checkRetrain(steps: readonly Step[], name: string | undefined): void {
  const trained = steps.flatMap((step) =>
    step.kind === 'training' ? artefactOf(step.code, step.options) : [],
  );
  if (name === undefined || trained.includes(name)) return;
  throw new DataError(
    'no-such-artefact',
    `no step of the recipe trains ${name}`,
    suggestName(name, trained, `its steps train ${trained.join(', ') || 'nothing'}`),
  );
}

/** The acquired documents of the previous build. */
async function frozenRows(previous: BuildState): Promise<Acquired> {
  const markers = previous.markers.filter((marker) => marker.step === acquireStep);
  const reused = markers.reduce((sum, marker) => sum + marker.parts[0].rows, 0);
  return { markers, computed: 0, reused, rawFiles: [], sources: [], isUnchanged: true };
}

async function runSteps(
  building: Building,
  last: string | undefined,
  checkTexts: (extract: string) => Promise<unknown>,
): Promise<void> {
  const { steps } = building;
  const end = last === undefined ? steps.length : steps.findLastIndex((step) => step.stage === last) + 1;
  for (let at = 0; at < end;) {
    const step = steps[at];
    if (step.kind === 'row') {
      const chain: RowStep[] = [];
      while (at < end && steps[at].kind === 'row') chain.push(steps[at++] as RowStep);
      await runRows(building, chain);
      const extract = chain.find(({ stage }) => stage === 'extract');
      if (extract) await checkTexts(extract.name);
    } else {
      if (step.kind === 'barrier') await timed(building, [step.name], () => runBarrier(building, step, at));
      else await timed(building, [step.name], () => runTraining(building, step, at));
      at++;
    }
  }
}

function planOf(building: Building, step: RowStep): RowPlan {
  const { code, location, options, reads } = step;
  const artefacts = artefactDigests(building, code.artefacts?.(options) ?? []);
  const wired = { ...options, '(reads)': reads as unknown as JsonObject[] } as JsonObject;
  const hasText = code.columns.some((column) => column.name === 'text');
  return {
    step: step.name,
    key: stageKey(code, location.module, wired, artefacts),
    table: { name: step.name, columns: rowColumns(code), groupRows: hasText ? 32 : 4096 },
    reads,
  };
}

async function runRows(building: Building, chain: readonly RowStep[]): Promise<void> {
  const { run, state, previous } = building;
  const plans = chain.map((step) => planOf(building, step));
  const works = Array.from({ length: run.recipe.partitions }, (_, partition): ChainWork => ({
    partition,
    isShared: run.options.ranks !== undefined,
    plans,
    parts: partsIn(state, partition),
    previous: markersIn(previous, partition),
  }));
  const looked = await inBatches(works, (work) => runChain(run.store, work, undefined, undefined));
  const missing = works.filter((_, index) => looked[index].missing !== undefined);
  const made = new Map<number, ChainOutcome>();
  if (missing.length > 0) {
    const names = chain.map((step) => step.name);
    await timed(building, names, () => computeChains(building, chain, missing, made));
  }
  works.forEach((work, index) => {
    const outcome = made.get(work.partition) ?? looked[index];
    for (const marker of outcome.markers) {
      addMarker(state, marker);
      addEffort(
        building,
        marker.step,
        outcome.effort[marker.step] ?? { computed: 0, reused: marker.parts[0].rows },
      );
    }
  });
}

async function computeChains(
  building: Building,
  chain: readonly RowStep[],
  works: readonly ChainWork[],
  made: Map<number, ChainOutcome>,
): Promise<void> {
  const { run } = building;
  await checkOptions(building, chain);
  const locations = chain.map((step) => step.location);
  const environment = { store: run.store.reference, lock: run.lock, meter: run.meter, locations };
  const label = chain.length === 1 ? chain[0].name : `${chain[0].name} … ${chain.at(-1)!.name}`;
  const total = works.reduce((sum, work) => sum + work.parts[acquireStep].rows, 0) * chain.length;
  run.progress.begin(label, total, 'rows');
  const job = { module: new URL('./jobs.ts', import.meta.url).href, export: 'chainJob' };
  const [own, others] = [
    works.filter((work) => isOwn(run, work.partition)),
    works.filter((work) => !isOwn(run, work.partition)),
  ];
  const compute = async (mine: readonly ChainWork[]) => {
    const known = (work: ChainWork) => tellOf(Object.values(work.parts));
    const calls = mine.map((work): ChainCall => ({ ...environment, work, known: known(work) }));
    let index = 0;
    for await (const outcome of takeTold(run.pool.map<ChainCall, Telling<ChainOutcome>>(job, calls))) {
      made.set(mine[index++].partition, outcome);
      if (isStopRequested(run.meter)) throw stopped();
    }
  };
  await compute(own);
  await awaitOthers(run, others, {
    partition: (work) => work.partition,
    look: async (work) => {
      // What this rank did for a dead one is its own.
      if (made.has(work.partition)) return true;
      const outcome = await runChain(run.store, work, undefined, undefined);
      if (outcome.missing === undefined) made.set(work.partition, outcome);
      return outcome.missing === undefined;
    },
    compute,
  });
  run.progress.end();
}

/** Wrong options show before any work: every stage whose pins are there makes its transform once, here. */
async function checkOptions(building: Building, chain: readonly RowStep[]): Promise<void> {
  for (const step of chain) {
    const code: RowStage = step.code;
    if ((code.artefacts?.(step.options) ?? []).length === 0) await code.create(step.options, new Map());
    else await createTransform(step.location, building.run.lock);
  }
}

function partsIn(state: BuildState, partition: number) {
  return Object.fromEntries([...state.rows].map(([step, parts]) => [step, parts.get(partition)!]));
}

function markersIn(state: BuildState, partition: number): Record<string, Marker> {
  const own = state.markers.filter((marker) => marker.partition === partition && marker.phase === undefined);
  return Object.fromEntries(own.map((marker) => [marker.step, marker]));
}

async function rawFiles(
  run: BuildRun,
  acquired: Acquired,
  old: Manifest | undefined,
): Promise<ManifestFile[]> {
  const hasTombstones = (await run.store.stat(tombstoneFile)) !== undefined;
  const recorded = [...(hasTombstones ? [tombstoneFile] : []), ...(await hostFilePaths(run.store))];
  const paths = [...acquired.rawFiles, ...recorded];
  const known = new Map(acquired.isUnchanged ? old?.files.map((file) => [file.path, file]) : []);
  return inBatches(paths, async (path) => known.get(path) ?? hashStored(run.store, path));
}

/** Ranks of one build share this: the recipe and the number of ranks. */
export function leaseName(run: Pick<BuildRun, 'recipe' | 'options'>): string {
  return hashJson({ recipe: recordedRecipe(run.recipe), ranks: run.options.ranks }).slice(0, 16);
}
