// The steps of a recipe with their stages loaded, and the wiring between them: which earlier step gives each column
// that a step reads. A row-wise step reads the nearest earlier step that writes the column.

import {
  checkOptions,
  DataError,
  isFileName,
  suggestName,
  type Column,
  type JsonObject,
  type RowStage,
} from '@gristmill/core';
import { allowOwnModules } from '@gristmill/workers';
import { artefactOf, type BarrierStage, type TrainingStage } from './barrier-stage.ts';
import { acquireColumns } from './acquire-table.ts';
import { moduleLocation, type LoadedRecipe, type RecipeStep, type StageName } from './recipe.ts';

/** Where the stage's code is, as JSON for a worker thread. */
export interface StageLocation {
  readonly module: string;
  readonly export: string;
  readonly options: JsonObject;
}

interface StepBase {
  /** The stage's own name: folder of its tables. */
  readonly name: string;
  readonly stage: StageName;
  readonly location: StageLocation;
  readonly options: JsonObject;
}
export type RowStep = StepBase & {
  readonly kind: 'row';
  readonly code: RowStage;
  /** What it reads, in the order of `code.reads`. */
  readonly reads: readonly ColumnSource[];
};
export type BarrierStep = StepBase & { readonly kind: 'barrier'; readonly code: BarrierStage };
export type TrainingStep = StepBase & { readonly kind: 'training'; readonly code: TrainingStage };
export type Step = RowStep | BarrierStep | TrainingStep;

/** A column as its reader names it, and the step and column that give it. */
export interface ColumnSource {
  readonly as: string;
  readonly step: string;
  readonly column: string;
}

/** Row-wise tables up to some step, nearest last. */
export interface RowTable {
  readonly step: string;
  readonly columns: readonly Column[];
  /** Steps whose verdicts it repeats. */
  readonly after: ReadonlySet<string>;
}

export const acquireStep = 'acquire';
const verdictColumn: Column = { name: 'verdict', type: 'json', optional: true };

/** A row-wise stage's table: its columns are absent where a verdict stands. */
export function rowColumns(stage: RowStage): Column[] {
  return [...stage.columns.map((column) => ({ ...column, optional: true })), verdictColumn];
}

export async function loadSteps(loaded: LoadedRecipe): Promise<Step[]> {
  const steps: Step[] = [];
  for (const entry of loaded.recipe.steps) steps.push(await loadStep(entry, loaded.folder, steps));
  const names = steps.map((step) => step.name);
  for (const step of steps) checkNames(step);
  const twice = names.find((name, index) => names.indexOf(name) !== index || name === acquireStep);
  if (twice !== undefined) {
    throw new DataError('wrong-recipe', `two steps are named ${twice}`, 'list each stage once');
  }
  return steps;
}

/** Steps and columns are names of folders and of members of objects. */
function checkNames(step: Step): void {
  const columns = step.kind === 'row' ? step.code.columns.map(({ name }) => name) : [];
  const wrong = [step.name, ...columns].find((name) => !isFileName(name) || name in Object.prototype);
  if (wrong === undefined) return;
  throw new DataError(
    'wrong-stage',
    `the stage ${step.location.export} uses the name ${JSON.stringify(wrong)}`,
    'give its step and its columns other names: letters, digits and hyphens',
  );
}

async function loadStep(entry: RecipeStep, folder: string, before: readonly Step[]): Promise<Step> {
  const location = {
    module: moduleLocation(entry.module, folder),
    export: entry.export,
    options: entry.options ?? {},
  };
  const code = await loadCode<RowStage | BarrierStage | TrainingStage>(location);
  const base = { name: code.name, stage: entry.stage, location, options: location.options };
  if (code.check) code.check(base.options);
  else if (code.options) checkOptions(code.options, base.options, { name: code.name });
  if ('create' in code)
    return { ...base, kind: 'row', code, reads: resolveReads(code, base.name, rowTables(before)) };
  if ('phases' in code) return { ...base, kind: 'barrier', code };
  if ('train' in code) {
    const isNamed = typeof code.artefact === 'function';
    const name = isNamed ? `${code.name}-${artefactOf(code, base.options)}` : code.name;
    return { ...base, name, kind: 'training', code };
  }
  throw new DataError(
    'wrong-recipe',
    `${entry.export} of ${entry.module} is no stage`,
    'a step names a RowStage, a BarrierStage or a TrainingStage',
  );
}

/** Imports what a module reference names. */
export async function loadCode<T>(location: Pick<StageLocation, 'module' | 'export'>): Promise<T> {
  allowOwnModules();
  let module: Record<string, unknown>;
  try {
    module = (await import(location.module)) as Record<string, unknown>;
  } catch (cause) {
    throw new DataError(
      'unknown-module',
      `${location.module} cannot be loaded: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}`,
      'check `module` in the recipe; a relative path starts at the recipe',
      { cause },
    );
  }
  const code = module[location.export];
  if (code === undefined || code === null || typeof code !== 'object') {
    const names = Object.keys(module);
    throw new DataError(
      'unknown-export',
      `${location.module} exports no ${location.export}`,
      suggestName(location.export, names, `it exports: ${names.join(', ')}`),
    );
  }
  return code as T;
}

/** The tables of acquire and of the row-wise steps among `steps`. */
export function rowTables(steps: readonly Step[]): RowTable[] {
  const tables: RowTable[] = [{ step: acquireStep, columns: acquireColumns, after: new Set() }];
  for (const step of steps) {
    if (step.kind !== 'row') continue;
    const read = new Set(step.reads.map((source) => source.step));
    const after = new Set(
      tables.flatMap((table) => (read.has(table.step) ? [table.step, ...table.after] : [])),
    );
    tables.push({ step: step.name, columns: rowColumns(step.code), after });
  }
  return tables;
}

function resolveReads(stage: RowStage, step: string, tables: readonly RowTable[]): ColumnSource[] {
  return stage.reads.flatMap((name) => {
    const found = findColumn(name, tables);
    if (!found) throw missingColumn(step, name, tables);
    return [found];
  });
}

/** The nearest earlier table that has the column; `extract.language` asks for one table's. */
export function findColumn(name: string, tables: readonly RowTable[]): ColumnSource | undefined {
  const dot = name.lastIndexOf('.');
  const [step, column] = dot < 0 ? [undefined, name] : [name.slice(0, dot), name.slice(dot + 1)];
  const table = tables.findLast(
    (candidate) =>
      (step === undefined || candidate.step === step) && candidate.columns.some((own) => own.name === column),
  );
  return table && { as: name, step: table.step, column };
}

export function missingColumn(step: string, name: string, tables: readonly RowTable[]): DataError {
  return new DataError(
    'no-such-column',
    `step ${step} reads the column ${name}, which no earlier step writes`,
    `the steps before it are ${tables.map((table) => table.step).join(', ')}: add the one that writes it`,
  );
}

/** Steps whose verdicts, taken together, tell of every verdict so far. */
export function verdictSteps(tables: readonly RowTable[]): string[] {
  const covered = new Set(tables.flatMap((table) => [...table.after]));
  return tables.map((table) => table.step).filter((step) => !covered.has(step));
}
