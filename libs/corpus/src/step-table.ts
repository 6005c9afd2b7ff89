// The rows of any step by its name: those of a row-wise step, or of a table that a barrier stage wrote.

import { DataError, suggestName, type Column } from '@gristmill/core';
import { openPart, type Batch, type PartEntry } from '@gristmill/shards';
import type { OpenBuild } from './build-documents.ts';

export interface StepTable {
  /** `clean`, `select/decisions`. */
  readonly name: string;
  /** The key first; none where the table has no row. */
  readonly columns: readonly Column[];
  /** Row groups in the order of keys. Without names all columns. @throws DataError `no-such-column` */
  batches(columns?: readonly string[]): AsyncGenerator<Batch>;
}

/** What the name of a barrier stage alone stands for: the table that says what became of documents. */
const mainTables: Readonly<Record<string, string>> = {
  dedup: 'clusters',
  passages: 'repeats',
  paragraphs: 'repeats',
  select: 'decisions',
  pack: 'documents',
};

/**
 * @param name a row-wise step, `<step>/<table>` of a barrier stage, or a barrier stage for its main table
 * @throws DataError `no-such-step`
 */
export async function openStepTable(build: OpenBuild, name: string): Promise<StepTable> {
  const { table, parts } = findParts(build, name);
  const filled = parts.filter(({ rows }) => rows > 0).sort((a, b) => a.partition - b.partition);
  const footer = filled.length === 0 ? undefined : await openPart(build.store, filled[0]).footer();
  const columns = footer?.columns ?? [];
  return {
    name: table,
    columns,
    batches(wanted = columns.map((column) => column.name)) {
      checkColumns(table, wanted, columns);
      return readBatches(build, filled, wanted);
    },
  };
}

/** Names that `openStepTable` takes, in the order of the build. */
export function stepTableNames({ rowSteps, state }: OpenBuild): string[] {
  return [...rowSteps, ...[...state.tables.keys()].sort()];
}

function findParts(build: OpenBuild, name: string): { table: string; parts: PartEntry[] } {
  const { rows, tables } = build.state;
  const main = `${name}/${mainTables[name] ?? ''}`;
  const table = rows.has(name) || tables.has(name) ? name : main;
  const parts = rows.get(table)?.values() ?? tables.get(table);
  if (parts) return { table, parts: [...parts] };
  const known = stepTableNames(build);
  const own = known.filter((one) => one.startsWith(`${name}/`) || one.startsWith(`${name}-`));
  throw new DataError(
    'no-such-step',
    own.length > 0 ? `the step ${name} has several tables` : `the newest build has no step ${name}`,
    own.length > 0
      ? `name one of ${own.join(', ')}`
      : suggestName(name, known, `its steps are ${known.join(', ')}`),
  );
}

function checkColumns(table: string, wanted: readonly string[], columns: readonly Column[]): void {
  const known = columns.map((column) => column.name);
  const wrong = wanted.find((name) => !known.includes(name));
  if (wrong === undefined || known.length === 0) return;
  throw new DataError(
    'no-such-column',
    `${table} has no column ${wrong}`,
    suggestName(wrong, known, `its columns are ${known.join(', ')}`),
  );
}

async function* readBatches(
  { store }: OpenBuild,
  parts: readonly PartEntry[],
  columns: readonly string[],
): AsyncGenerator<Batch> {
  for (const entry of parts) yield* openPart(store, entry).batches(columns);
}
