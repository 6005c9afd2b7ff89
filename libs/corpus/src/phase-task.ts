// Runs one task of a barrier stage's phase: opens what it declared to read, collects what it writes, and commits a
// marker over all of it. A function over a store, run on any thread; whole-data phases run beside the pool.

import { DataError, type Artefacts, type JsonObject } from '@gristmill/core';
import {
  createPartWriter,
  openTable,
  tableOf,
  type PartEntry,
  type PartWriter,
  type TableDefinition,
  type TableReader,
} from '@gristmill/shards';
import type { Store, StoreWriter } from '@gristmill/storage';
import type { WorkerPool } from '@gristmill/workers';
import type { BarrierStage, OutputFile, Phase, PhaseTask } from './barrier-stage.ts';
import { joinParts, type JoinSource } from './joined-part.ts';
import { commitMarker, openTaskWriter } from './commit-task.ts';
import {
  markerPath,
  partName,
  taskFolder,
  type MarkedFile,
  type MarkedPart,
  type Marker,
  type ReplacedFile,
} from './marker.ts';
import type { Meter } from './meter.ts';
import { createScratch, type Scratch } from './scratch.ts';

/** A phase's input as plain data: parts of one table, or a join by partition. */
export type BoundInput =
  | { readonly name: string; readonly kind: 'table'; readonly parts: readonly PartEntry[] }
  | {
      readonly name: string;
      readonly kind: 'join';
      readonly parts: readonly { readonly partition: number; readonly sources: readonly JoinSource[] }[];
    };

/** Everything that a task needs, as plain data that crosses a thread border. */
export interface PhaseWork {
  readonly task: Pick<Marker, 'step' | 'phase' | 'partition' | 'id' | 'key' | 'inputs'>;
  readonly options: JsonObject;
  /** True among ranks: others may be at the same task. */
  readonly isShared?: boolean;
  readonly partitions: number;
  readonly inputs: readonly BoundInput[];
  readonly previous?: { readonly inputs: readonly BoundInput[]; readonly marker: Marker };
}

export interface PhaseContext {
  readonly store: Store;
  readonly stage: BarrierStage;
  readonly artefacts: Artefacts;
  readonly pool: WorkerPool;
  readonly meter: Meter;
}

export interface PhaseOutcome {
  readonly marker: Marker;
  /** Counts that differ between a run that reused much and one from nothing. */
  readonly effort: Record<string, number>;
}

export async function runPhase(work: PhaseWork, context: PhaseContext): Promise<PhaseOutcome> {
  try {
    return await attemptPhase(work, context);
  } catch (error) {
    const isDamage =
      error instanceof DataError && (error.code === 'part-damaged' || error.code === 'file-missing');
    if (!isDamage || !work.previous) throw error;
    // Perhaps only what was to be patched is damaged: without it everything is computed.
    return attemptPhase({ ...work, previous: undefined }, context);
  }
}

async function attemptPhase(work: PhaseWork, context: PhaseContext): Promise<PhaseOutcome> {
  const phase = context.stage.phases.find(({ name }) => name === work.task.phase)!;
  const outputs = createOutputs(work, context.store, phase);
  const counts = new Map<string, number>();
  using scratch = createScratch();
  try {
    await phase.run(makeTask(work, context, outputs, { counts, scratch }));
    const parts = await outputs.finishParts();
    const isEffort = ([name]: [string, number]) => name === 'reused' || name === 'computed';
    const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
    const marker: Marker = {
      format: 'gristmill-marker',
      version: 1,
      ...work.task,
      parts,
      files: outputs.files.sort(byName),
      replaced: outputs.replaced.sort(byName),
      counts: Object.fromEntries(sorted.filter((entry) => !isEffort(entry))),
    };
    return {
      marker: await commitMarker(context.store, marker),
      effort: Object.fromEntries(sorted.filter(isEffort)),
    };
  } catch (error) {
    await outputs.abort();
    throw error;
  }
}

const byName = (a: OutputFile, b: OutputFile) => (a.name < b.name ? -1 : 1);

function makeTask(
  work: PhaseWork,
  context: PhaseContext,
  outputs: Outputs,
  { counts, scratch }: { counts: Map<string, number>; scratch: Scratch },
): PhaseTask {
  const { store } = context;
  const { partitions, previous, task } = work;
  return {
    options: work.options,
    partitions,
    partition: task.partition,
    key: task.key.slice(0, 12),
    artefacts: context.artefacts,
    pool: context.pool,
    input: (name) => openInput(store, partitions, work.inputs, name),
    previous: previous && {
      input: (name) => openInput(store, partitions, previous.inputs, name),
      output: (table) =>
        openTable(
          store,
          previous.marker.parts.filter((part) => part.table === `${task.step}/${table}`),
          partitions,
        ),
      files: previous.marker.files,
      readFile: (name, ...range) =>
        store.read(previous.marker.files.find((file) => file.name === name)!.path, ...range),
      counts: previous.marker.counts,
    },
    write: outputs.open,
    folder: `tokens/${task.key.slice(0, 12)}`,
    writeFile: outputs.writeFile,
    keepFile: outputs.keepFile,
    replaceFile: outputs.replaceFile,
    scratch,
    progress: (documents, bytes = 0) => context.meter.add(documents, bytes),
    count: (name, amount) => void counts.set(name, (counts.get(name) ?? 0) + amount),
  };
}

export function openInput(
  store: Store,
  partitions: number,
  inputs: readonly BoundInput[],
  name: string,
): TableReader {
  const input = inputs.find((candidate) => candidate.name === name);
  if (!input)
    throw new DataError(
      'no-such-input',
      `the phase asked for the input ${name}, which it does not declare`,
      'declare it in `inputs`',
    );
  if (input.kind === 'table') return openTable(store, input.parts, partitions);
  const parts = new Map(input.parts.map(({ partition, sources }) => [partition, sources]));
  return tableOf(partitions, (partition) => joinParts(store, partition, parts.get(partition) ?? []));
}

interface Outputs {
  readonly files: MarkedFile[];
  readonly replaced: ReplacedFile[];
  readonly open: PhaseTask['write'];
  readonly writeFile: PhaseTask['writeFile'];
  readonly keepFile: PhaseTask['keepFile'];
  readonly replaceFile: PhaseTask['replaceFile'];
  finishParts(): Promise<MarkedPart[]>;
  abort(): Promise<void>;
}

function createOutputs(work: PhaseWork, store: Store, phase: Phase): Outputs {
  const writers = new Map<
    string,
    { definition: TableDefinition; partition: number; path: string; writer: PartWriter }
  >();
  const files: MarkedFile[] = [];
  const replaced: ReplacedFile[] = [];
  const { task } = work;
  const written = { ...task, marker: markerPath(task), isShared: work.isShared };
  const folder = `tokens/${task.key.slice(0, 12)}`;
  const put = async (
    writer: StoreWriter,
    path: string,
    name: string,
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ) => {
    try {
      for await (const chunk of chunks) await writer.write(chunk);
      const { bytes, sha256 } = await writer.commit();
      return { name, path, bytes, sha256 };
    } catch (error) {
      await writer.abort();
      throw error;
    }
  };
  return {
    files,
    replaced,
    async open(table, partition = task.partition ?? 0) {
      const definition = phase.tables.find(({ name }) => name === table);
      if (!definition) throw undeclared(task.step, phase.name, table);
      const place = `${table}/${partition}`;
      const known = writers.get(place);
      if (known) return known.writer;
      const path = `${task.step}/${table}/${partName(partition, task.id)}.parquet`;
      const writer = createPartWriter(definition, await openTaskWriter(store, path, written));
      writers.set(place, { definition, partition, path, writer });
      return writer;
    },
    async writeFile(name, chunks) {
      const path = `${folder}/${name}`;
      // Its name tells its bytes: what differs is damaged.
      const file = await put(await store.writer(path), path, name, chunks);
      files.push(file);
      return file;
    },
    keepFile: (file) => void files.push({ ...file, path: `${folder}/${file.name}` }),
    async replaceFile(name, bytes) {
      const data = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
      const path = `${taskFolder(task)}/${partName(task.partition, task.id)}-${name.replaceAll('/', '-')}`;
      const writer = await openTaskWriter(store, path, written);
      replaced.push({ ...(await put(writer, path, name, [data])), target: `${folder}/${name}` });
    },
    async finishParts() {
      const parts: MarkedPart[] = [];
      for (const { definition, partition, path, writer } of writers.values()) {
        parts.push({ table: `${task.step}/${definition.name}`, path, partition, ...(await writer.finish()) });
      }
      return parts.sort((a, b) => (a.path < b.path ? -1 : 1));
    },
    async abort() {
      for (const { writer } of writers.values()) await writer.abort();
    },
  };
}

function undeclared(step: string, phase: string, table: string): DataError {
  return new DataError(
    'no-such-table',
    `phase ${phase} of ${step} wrote to ${table}, which it does not declare`,
    'declare it in `tables`',
  );
}
