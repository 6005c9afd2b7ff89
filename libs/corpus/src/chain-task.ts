// One partition through consecutive row-wise steps on one thread (extract, clean, annotate fused): a document is
// never passed between threads. Each step's part is committed by itself, so a stopped chain carries on where it was.

import type { RowTransform } from '@gristmill/core';
import type { PartEntry, TableDefinition } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { commitMarker } from './commit-task.ts';
import { markerPath, partName, readMarker, type Marker } from './marker.ts';
import type { Meter } from './meter.ts';
import { runRowTask, type RowInput } from './row-task.ts';
import { taskId } from './stage-key.ts';
import type { ColumnSource } from './steps.ts';

/** A row-wise step as plain data. */
export interface RowPlan {
  readonly step: string;
  readonly key: string;
  readonly table: TableDefinition;
  readonly reads: readonly ColumnSource[];
}

export interface ChainWork {
  readonly partition: number;
  /** True among ranks: others may be at the same tasks. */
  readonly isShared?: boolean;
  readonly plans: readonly RowPlan[];
  /** Parts of earlier steps in this partition. */
  readonly parts: Readonly<Record<string, PartEntry>>;
  /** Markers of the previous build in this partition, by step. */
  readonly previous: Readonly<Record<string, Marker>>;
}

export interface ChainOutcome {
  readonly markers: Marker[];
  /** Step → rows computed and reused now. */
  readonly effort: Record<string, { computed: number; reused: number }>;
  /** The first step whose marker does not stand, when nothing was to be computed. */
  readonly missing?: string;
}

/** Makes the transform of a step when a row has to be computed. Undefined: only look which markers stand. */
export type TransformFactory = (plan: RowPlan, index: number) => Promise<RowTransform>;

export async function runChain(
  store: Store,
  work: ChainWork,
  create: TransformFactory | undefined,
  meter: Meter | undefined,
): Promise<ChainOutcome> {
  const parts: Record<string, PartEntry> = { ...work.parts };
  const outcome: ChainOutcome = { markers: [], effort: {} };
  for (const [index, plan] of work.plans.entries()) {
    const inputs = rowInputs(plan, parts);
    const task = rowTaskIdentity(plan, work.partition, inputs);
    let marker = await readMarker(store, markerPath(task));
    if (!marker) {
      if (!create || !meter) return { ...outcome, missing: plan.step };
      const done = await computePart(store, { plan, work, inputs, task }, () => create(plan, index), meter);
      marker = done.marker;
      outcome.effort[plan.step] = done.effort;
    }
    outcome.markers.push(marker);
    parts[plan.step] = marker.parts[0];
  }
  return outcome;
}

/** The tables that a step reads, with the columns by table. */
function rowInputs(plan: RowPlan, parts: Readonly<Record<string, PartEntry>>): RowInput[] {
  const byStep = Map.groupBy(plan.reads, (source) => source.step);
  return [...byStep].map(([step, sources]) => ({
    step,
    entry: parts[step],
    columns: sources.map(({ as, column }) => [as, column] as const),
  }));
}

type TaskIdentity = Pick<Marker, 'step' | 'partition' | 'id' | 'key' | 'inputs'>;

function rowTaskIdentity(plan: RowPlan, partition: number, inputs: readonly RowInput[]): TaskIdentity {
  const digests = inputs.map(({ step, entry, columns }) => [
    step,
    entry.columns.id,
    entry.columns.verdict,
    ...columns.map(([, column]) => entry.columns[column]),
  ]);
  const id = taskId(plan.key, plan.step, partition, digests);
  return { step: plan.step, partition, id, key: plan.key, inputs: digests };
}

interface PartWork {
  readonly plan: RowPlan;
  readonly work: ChainWork;
  readonly inputs: readonly RowInput[];
  readonly task: TaskIdentity;
}

async function computePart(
  store: Store,
  { plan, work, inputs, task }: PartWork,
  create: () => Promise<RowTransform>,
  meter: Meter,
) {
  const path = `${plan.step}/${partName(work.partition, task.id)}.parquet`;
  const previous = previousOf(plan, work, inputs);
  const { part, ...effort } = await runRowTask(
    store,
    {
      step: plan.step,
      table: plan.table,
      path,
      marker: markerPath(task),
      partition: work.partition,
      isShared: work.isShared,
      inputs,
      previous,
    },
    create,
    meter,
  );
  const marker = await commitMarker(store, {
    format: 'gristmill-marker',
    version: 1,
    ...task,
    parts: [{ table: plan.step, path, partition: work.partition, ...part }],
    files: [],
    replaced: [],
    counts: part.counts ?? {},
  });
  return { marker, effort };
}

/** The previous output and the inputs that it was made from, when the key stands. */
function previousOf(plan: RowPlan, work: ChainWork, inputs: readonly RowInput[]) {
  const marker = work.previous[plan.step];
  const old = inputs.map(({ step }) => work.previous[step]?.parts[0]);
  if (marker?.key !== plan.key || old.some((entry) => entry === undefined)) return undefined;
  return { inputs: old, output: marker.parts[0] as PartEntry };
}
