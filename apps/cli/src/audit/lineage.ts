// Who made what from what: the steps of a build with the tables that each read, by what its markers say. Those of row-wise
// steps name the step before; those of barrier stages hold digests of columns, which are looked up among the columns of the
// build. Where several tables have a column alike, the last before the step gave it, as in the engine's own wiring; ids
// and verdicts, which all have, say nothing.

import type { JsonObject } from '@gristmill/core';
import type { OpenBuild } from '@gristmill/corpus';
import { acquireName, type RecipeSource } from './audit-context.ts';

export interface TableFacts {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly bytes: number;
}

export interface StepFacts {
  readonly step: string;
  /** Stage keys (12 hex digits), of a barrier stage one a phase. */
  readonly keys: readonly string[];
  /** Tables that it read, sorted; acquire reads `source/NAME`. */
  readonly inputs: readonly string[];
  readonly outputs: readonly TableFacts[];
  readonly counts: JsonObject;
}

/** In the order of the build. */
export function lineageOf({ state, rowSteps, manifest }: OpenBuild): StepFacts[] {
  const stages = (manifest.recipe.steps ?? []) as unknown as { stage: string }[];
  const barriers = [...new Set(state.markers.map(({ step }) => step))].filter(
    (step) => !rowSteps.includes(step),
  );
  const place = (step: string) => {
    const found = stages.findIndex(({ stage }) => step === stage || step.startsWith(`${stage}-`));
    return found < 0 ? stages.findIndex(({ stage }) => stage === 'dedup') : found;
  };
  barriers.sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  const order = [...rowSteps, ...barriers];
  const owners = columnOwners(state);
  return order.map((step, at): StepFacts => {
    const markers = state.markers.filter((marker) => marker.step === step);
    const before = new Set(order.slice(0, at));
    const words = markers.flatMap(({ inputs }) => inputs.flat());
    const inputs = rowSteps.includes(step)
      ? words.filter((word) => before.has(word))
      : words.flatMap((digest) => nearest(owners.get(digest) ?? [], order.slice(0, at)) ?? []);
    const sources = (manifest.recipe.sources ?? []) as unknown as RecipeSource[];
    return {
      step,
      keys: [...new Set(markers.map(({ key }) => key))].sort(),
      inputs:
        step === acquireName ? sources.map(({ name }) => `source/${name}`) : [...new Set(inputs)].sort(),
      outputs: outputsOf(markers.flatMap(({ parts }) => parts)),
      counts: addUp(markers.map(({ counts }) => counts)),
    };
  });
}

type State = OpenBuild['state'];

const stepOf = (table: string) => table.split('/')[0];

/** The table of the latest of these steps. */
const nearest = (tables: readonly string[], steps: readonly string[]): string | undefined =>
  tables
    .filter((table) => steps.includes(stepOf(table)))
    .sort((a, b) => steps.indexOf(stepOf(b)) - steps.indexOf(stepOf(a)) || (a < b ? -1 : 1))
    .at(0);

/** Digest of a column → the tables that have it. */
function columnOwners(state: State): Map<string, string[]> {
  const owners = new Map<string, string[]>();
  for (const { table, columns } of state.markers.flatMap(({ parts }) => parts))
    for (const [column, digest] of Object.entries(columns)) {
      if (column === 'id' || column === 'verdict') continue;
      const known = owners.get(digest) ?? [];
      if (!known.includes(table)) owners.set(digest, [...known, table]);
    }
  return owners;
}

type Part = State['markers'][number]['parts'][number];

function outputsOf(parts: readonly Part[]): TableFacts[] {
  const tables = [...Map.groupBy(parts, ({ table }) => table)].sort(([a], [b]) => (a < b ? -1 : 1));
  return tables.map(([name, own]) => ({
    name,
    columns: [...new Set(own.flatMap(({ columns }) => Object.keys(columns)))],
    rows: own.reduce((sum, { rows }) => sum + rows, 0),
    bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
  }));
}

function addUp(list: readonly Readonly<Record<string, number>>[]): JsonObject {
  const sums = new Map<string, number>();
  for (const counts of list)
    for (const [name, value] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + value);
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}
