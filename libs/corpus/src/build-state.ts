// What a build consists of, by name: the parts of row-wise steps and of barrier stages' tables, from its markers.
// Binding a phase's declared inputs to parts works on the build that is being made and on the previous one alike.

import { DataError, type JsonObject } from '@gristmill/core';
import type { PartEntry } from '@gristmill/shards';
import type { PhaseInput } from './barrier-stage.ts';
import type { JoinSource } from './joined-part.ts';
import type { Marker } from './marker.ts';
import type { BoundInput } from './phase-task.ts';
import {
  findColumn,
  missingColumn,
  rowTables,
  verdictSteps,
  type BarrierStep,
  type RowTable,
  type Step,
} from './steps.ts';

export interface BuildState {
  readonly markers: Marker[];
  /** Row-wise step → partition → part. */
  readonly rows: Map<string, Map<number, PartEntry>>;
  /** `dedup/edges` → parts. */
  readonly tables: Map<string, PartEntry[]>;
}

export function createState(markers: Iterable<Marker> = []): BuildState {
  const state: BuildState = { markers: [], rows: new Map(), tables: new Map() };
  for (const marker of markers) addMarker(state, marker);
  return state;
}

export function addMarker(state: BuildState, marker: Marker): void {
  state.markers.push(marker);
  if (marker.phase === undefined) {
    const parts = state.rows.get(marker.step) ?? new Map<number, PartEntry>();
    state.rows.set(marker.step, parts.set(marker.partition!, marker.parts[0]));
    return;
  }
  for (const part of marker.parts) {
    state.tables.set(part.table, [...(state.tables.get(part.table) ?? []), part]);
  }
}

/** A phase's inputs with their columns resolved: independent of any build. */
export interface WiredInput {
  readonly input: PhaseInput;
  /** A table, or the row-wise steps and columns of a join. */
  readonly table?: string;
  readonly key?: string;
  readonly join?: readonly {
    readonly step: string;
    readonly columns: readonly (readonly [string, string])[];
  }[];
}

/** @param index place of the barrier or training step among `steps` */
export function wireInputs(
  inputs: readonly PhaseInput[],
  steps: readonly Step[],
  index: number,
): WiredInput[] {
  const name = steps[index].name;
  const rows = rowTables(steps.slice(0, index));
  return inputs.map((input) =>
    input.table === undefined
      ? { input, join: wireJoin(name, input, rows) }
      : wireTable(name, input, steps.slice(0, index + 1)),
  );
}

function wireJoin(name: string, input: PhaseInput, rows: readonly RowTable[]) {
  const byStep = new Map<string, [string, string][]>();
  const add = (step: string, as: string, column: string) =>
    byStep.set(step, [...(byStep.get(step) ?? []), [as, column]]);
  for (const column of input.columns) {
    if (column === 'verdict') {
      for (const step of verdictSteps(rows)) add(step, 'verdict', 'verdict');
      continue;
    }
    const found = findColumn(column, rows);
    if (found) add(found.step, column, found.column);
    else if (!input.optional) throw missingColumn(name, column, rows);
  }
  if (byStep.size === 0) add(rows[0].step, 'contentHash', 'contentHash');
  return [...byStep].map(([step, columns]) => ({ step, columns }));
}

function wireTable(name: string, input: PhaseInput, steps: readonly Step[]): WiredInput {
  const table = input.table!.includes('/') ? input.table! : `${name}/${input.table}`;
  const barriers = steps.filter((step): step is BarrierStep => step.kind === 'barrier');
  const definition = barriers
    .flatMap((step) =>
      step.code.phases.flatMap((phase) =>
        phase.tables.map((own) => ({ full: `${step.name}/${own.name}`, own })),
      ),
    )
    .find(({ full }) => full === table)?.own;
  if (!definition && !input.optional) {
    throw new DataError(
      'no-such-table',
      `step ${name} reads the table ${table}, which no earlier step writes`,
      'add the step that writes it to the recipe',
    );
  }
  return { input, table, key: definition?.key ?? 'id' };
}

/** @param partition the task's, or undefined for all parts */
export function bindInputs(
  wired: readonly WiredInput[],
  state: BuildState,
  partitions: number,
  partition: number | undefined,
): BoundInput[] {
  return wired.map(({ input, table, join }) => {
    const own = input.parts === 'same' ? partition : undefined;
    if (table !== undefined) {
      const parts = state.tables.get(table) ?? [];
      const chosen = own === undefined ? parts : parts.filter((part) => part.partition === own);
      return { name: input.name, kind: 'table', parts: chosen };
    }
    const numbers = own === undefined ? Array.from({ length: partitions }, (_, i) => i) : [own];
    return {
      name: input.name,
      kind: 'join',
      parts: numbers.map((number) => ({
        partition: number,
        sources: join!.map(({ step, columns }): JoinSource => ({
          entry: state.rows.get(step)?.get(number),
          columns,
        })),
      })),
    };
  });
}

/** What enters the task id: for every part, the digests of the columns that are read. */
export function inputDigests(wired: readonly WiredInput[], bound: readonly BoundInput[]): string[][] {
  return bound.flatMap((input, index) => {
    const { input: declared, key } = wired[index];
    if (input.kind === 'table') {
      const columns = [...new Set([key ?? 'id', ...declared.columns])];
      const sorted = [...input.parts].sort((a, b) => a.partition - b.partition || (a.path < b.path ? -1 : 1));
      return sorted.map((part) => [
        input.name,
        String(part.partition),
        ...columns.map((column) => part.columns[column] ?? ''),
      ]);
    }
    return input.parts.map(({ partition, sources }) => [
      input.name,
      String(partition),
      ...sources.flatMap(({ entry, columns }) => [
        entry?.columns.id ?? '',
        ...columns.map(([, column]) => entry?.columns[column] ?? ''),
      ]),
    ]);
  });
}

/** The wiring as part of a stage's key: other columns under the same names are another stage. */
export function wiringJson(wired: readonly WiredInput[]): JsonObject[] {
  return wired.map(({ input, table, join }) => ({
    name: input.name,
    parts: input.parts,
    columns: [...input.columns],
    table,
    join: join as never,
  }));
}
