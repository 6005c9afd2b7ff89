// Runs a barrier stage: phase by phase, each task under its own id. Tasks over a partition run on the pool's threads,
// a task over the whole data set runs here and uses the pool itself.

import type { JsonObject } from '@gristmill/core';
import { addEffort, artefactDigests, inBatches, type Building } from './building.ts';
import {
  addMarker,
  bindInputs,
  inputDigests,
  wireInputs,
  wiringJson,
  type WiredInput,
} from './build-state.ts';
import type { Phase } from './barrier-stage.ts';
import type { PhaseCall } from './jobs.ts';
import { markerPath, readMarker, type Marker } from './marker.ts';
import { createMeter, isStopRequested, stopped } from './meter.ts';
import { runPhase, type PhaseWork } from './phase-task.ts';
import { readPins } from './pins.ts';
import { awaitOthers, isOwn } from './ranks.ts';
import { stageKey, taskId } from './stage-key.ts';
import type { BarrierStep } from './steps.ts';
import { partsOfInputs, takeTold, tellOf, type Telling } from './told-changes.ts';

type PhaseDone = { readonly marker: Marker; readonly effort: Record<string, number> };

export async function runBarrier(building: Building, step: BarrierStep, index: number): Promise<void> {
  const { code, options, location } = step;
  const wired = code.phases.map((phase) => wireInputs(phase.inputs(options), building.steps, index));
  const artefacts = artefactDigests(building, code.artefacts?.(options) ?? []);
  const wiring = wired.map((inputs) => wiringJson(inputs)) as unknown as JsonObject[];
  for (const [number, phase] of code.phases.entries()) {
    const shaping = phase.shapedBy?.(options) ?? options;
    const key = stageKey(code, location.module, { ...shaping, '(reads)': wiring } as JsonObject, artefacts);
    await runPhaseTasks(building, step, { phase, wired: wired[number], key });
  }
}

interface KeyedPhase {
  readonly phase: Phase;
  readonly wired: readonly WiredInput[];
  readonly key: string;
}

async function runPhaseTasks(building: Building, step: BarrierStep, keyed: KeyedPhase): Promise<void> {
  const { run, state } = building;
  const isWhole = keyed.phase.over === 'whole';
  const partitions = isWhole ? [undefined] : Array.from({ length: run.recipe.partitions }, (_, i) => i);
  const works = partitions.map((partition) => phaseWork(building, step, keyed, partition));
  const standing = await inBatches(works, (work) => readMarker(run.store, markerPath(work.task)));
  const done = new Map<PhaseWork, PhaseDone>();
  works.forEach((work, i) => standing[i] && done.set(work, { marker: standing[i], effort: {} }));
  const missing = works.filter((work) => !done.has(work));
  if (missing.length > 0) await computeTasks(building, step, missing, done);
  for (const work of works) {
    const { marker, effort } = done.get(work)!;
    addMarker(state, marker);
    addEffort(building, step.name, { computed: effort.computed ?? 0, reused: effort.reused ?? 0 });
  }
}

function phaseWork(
  building: Building,
  step: BarrierStep,
  { phase, wired, key }: KeyedPhase,
  partition: number | undefined,
): PhaseWork {
  const { run, state, previous } = building;
  const { partitions } = run.recipe;
  const inputs = bindInputs(wired, state, partitions, partition);
  const digests = inputDigests(wired, inputs);
  const id = taskId(key, `${step.name}/${phase.name}`, partition, digests);
  // The digests of a whole data set are many: their hash stands for them.
  const kept = phase.over === 'whole' ? [['all', taskId('', '', undefined, digests)]] : digests;
  const old = previous.markers.find(
    (marker) =>
      marker.step === step.name &&
      marker.phase === phase.name &&
      marker.partition === partition &&
      marker.key === key,
  );
  return {
    task: { step: step.name, phase: phase.name, partition, id, key, inputs: kept },
    options: step.options,
    isShared: run.options.ranks !== undefined,
    partitions,
    inputs,
    previous: old && { marker: old, inputs: bindInputs(wired, previous, partitions, partition) },
  };
}

async function computeTasks(
  building: Building,
  step: BarrierStep,
  works: readonly PhaseWork[],
  done: Map<PhaseWork, PhaseDone>,
): Promise<void> {
  const { run } = building;
  const phase = works[0].task.phase!;
  run.progress.begin(`${step.name}/${phase}`, works.length, 'tasks');
  const compute = (mine: readonly PhaseWork[]) =>
    works[0].task.partition === undefined
      ? computeHere(building, step, mine, done)
      : computeOnPool(building, step, mine, done);
  const number = (work: PhaseWork) => work.task.partition ?? 0;
  await compute(works.filter((work) => isOwn(run, number(work))));
  await awaitOthers(
    run,
    works.filter((work) => !isOwn(run, number(work))),
    {
      partition: number,
      look: async (work) => {
        if (done.has(work)) return true;
        const marker = await readMarker(run.store, markerPath(work.task));
        if (marker) done.set(work, { marker, effort: {} });
        return marker !== undefined;
      },
      compute,
    },
  );
  run.progress.end();
}

async function computeHere(
  building: Building,
  step: BarrierStep,
  works: readonly PhaseWork[],
  done: Map<PhaseWork, PhaseDone>,
): Promise<void> {
  const { run } = building;
  const artefacts = await readPins(run.lock, step.code.artefacts?.(step.options) ?? []);
  for (const work of works) {
    const context = {
      store: run.store,
      stage: step.code,
      artefacts,
      pool: run.pool,
      meter: createMeter(run.meter),
    };
    done.set(work, await runPhase(work, context));
  }
}

async function computeOnPool(
  building: Building,
  step: BarrierStep,
  works: readonly PhaseWork[],
  done: Map<PhaseWork, PhaseDone>,
): Promise<void> {
  const { run } = building;
  const calls = works.map((work): PhaseCall => ({
    store: run.store.reference,
    lock: run.lock,
    meter: run.meter,
    work,
    location: step.location,
    known: tellOf(partsOfInputs(work.inputs)),
  }));
  const job = { module: new URL('./jobs.ts', import.meta.url).href, export: 'phaseJob' };
  let index = 0;
  for await (const outcome of takeTold(run.pool.map<PhaseCall, Telling<PhaseDone>>(job, calls))) {
    done.set(works[index++], outcome);
    run.progress.advance(1);
    if (isStopRequested(run.meter)) throw stopped();
  }
}
