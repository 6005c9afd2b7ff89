// Every document of a build with what decides about it: source, domain, language, whether it is kept and why not,
// its split and tokens. Streams by partition, for the commands that compare and describe builds.

import type { Row, Verdict } from '@gristmill/core';
import { openPart, type PartEntry } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { addMarker, createState, type BuildState } from './build-state.ts';
import { readBuildMarkers, type Manifest } from './manifest.ts';
import { acquireStep } from './steps.ts';

export interface BuiltDocument {
  readonly id: string;
  readonly source: string;
  readonly kind: string;
  /** Host of its URL. */
  readonly domain?: string;
  readonly url?: string;
  readonly group?: string;
  readonly licence?: string;
  readonly language?: string;
  readonly kept: boolean;
  /** Why it is not kept: `<step>: <reason>`. */
  readonly reason?: string;
  /** What the verdict adds to its reason. */
  readonly detail?: string;
  readonly split?: string;
  /** Tokens in the shards; undefined where none were made. */
  readonly tokens?: number;
  /** UTF-8 bytes of the item. */
  readonly bytes: number;
}

export interface OpenBuild {
  readonly store: Store;
  readonly manifest: Manifest;
  readonly state: BuildState;
  /** Row-wise steps in the order in which they were built. */
  readonly rowSteps: readonly string[];
  readonly partitions: number;
  /** Sees to it that `state` knows the parts of a partition. Does nothing unless the build was opened `lazily`. */
  include(partition: number): Promise<void>;
}

export async function openBuild(store: Store, manifest: Manifest): Promise<OpenBuild> {
  const { markers } = await readBuildMarkers(store, manifest);
  const state = createState(markers);
  const partitions = state.rows.get(acquireStep)?.size ?? 0;
  return {
    store,
    manifest,
    state,
    rowSteps: rowStepsOf(state, manifest),
    partitions,
    include: async () => {},
  };
}

/** Knows what was made over all partitions, and of single partitions what it is told to include. */
export async function openBuildLazily(store: Store, manifest: Manifest): Promise<OpenBuild> {
  const state = createState((await readBuildMarkers(store, manifest, 'whole')).markers);
  const isAcquired = ({ path }: { path: string }) =>
    path.startsWith(`${acquireStep}/part-`) && path.endsWith('.commit');
  const partitions = manifest.files.filter(isAcquired).length;
  const included = new Set<number>();
  const include = async (partition: number) => {
    if (included.has(partition)) return;
    included.add(partition);
    const { markers } = await readBuildMarkers(store, manifest, partition);
    for (const marker of markers) addMarker(state, marker);
  };
  return {
    ...{ store, manifest, state, partitions, include },
    get rowSteps() {
      return rowStepsOf(state, manifest);
    },
  };
}

function rowStepsOf(state: BuildState, manifest: Manifest): string[] {
  const order = ((manifest.recipe.steps as { stage: string }[] | undefined) ?? []).map(
    ({ stage }) => stage as string,
  );
  const rank = (step: string) =>
    step === acquireStep
      ? -1
      : order.findLastIndex((stage) => step === stage || step.startsWith(`${stage}-`));
  return [...state.rows.keys()].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

export function partitionsOf(build: OpenBuild): number[] {
  return [...(build.state.rows.get(acquireStep)?.keys() ?? [])].sort((a, b) => a - b);
}

/** Parts that decide about the documents of a partition: equal lists mean equal documents. */
export function decidingParts(build: OpenBuild, partition: number): string[] {
  const rows = build.rowSteps.map((step) => build.state.rows.get(step)?.get(partition));
  const tables = ['select/decisions', 'pack/documents'].map((table) => tablePart(build, table, partition));
  return [...rows, ...tables].flatMap((part) => part?.path ?? []);
}

export function tablePart(build: OpenBuild, table: string, partition: number): PartEntry | undefined {
  return build.state.tables.get(table)?.find((part) => part.partition === partition);
}

const acquiredColumns = ['sourceName', 'sourceKind', 'url', 'group', 'licence', 'size'];

/** Documents of one partition, by id. @param ids those that are wanted, where it is not all of them */
export async function readDocuments(
  build: OpenBuild,
  partition: number,
  ids?: readonly string[],
): Promise<Map<string, BuiltDocument>> {
  const read = (entry: PartEntry | undefined, columns: readonly string[]) =>
    readColumns(build, entry, columns, ids);
  const acquired = await read(build.state.rows.get(acquireStep)?.get(partition), acquiredColumns);
  const verdicts = await firstVerdicts(build, partition, read);
  const languages = await latest(build, partition, { column: 'language', read });
  const decisions = await read(tablePart(build, 'select/decisions', partition), ['keep', 'split', 'reason']);
  const tokens = await read(tablePart(build, 'pack/documents', partition), ['count']);
  const isSelected = build.state.tables.has('select/decisions');
  const isPacked = build.state.tables.has('pack/documents');
  const documents = new Map<string, BuiltDocument>();
  for (const [id, row] of acquired) {
    const decision = decisions.get(id);
    const verdict = verdicts.get(id);
    const kept = verdict === undefined && (!isSelected || decision?.keep === true);
    const url = row.url as string | undefined;
    documents.set(id, {
      id,
      source: row.sourceName as string,
      kind: row.sourceKind as string,
      url,
      domain: url !== undefined && URL.canParse(url) ? new URL(url).hostname : undefined,
      group: row.group as string | undefined,
      licence: row.licence as string | undefined,
      language: languages.get(id),
      kept,
      reason: kept ? undefined : reasonOf(verdict, decision),
      detail: verdict?.detail,
      split: kept ? (decision?.split as string | undefined) : undefined,
      tokens: kept && isPacked ? ((tokens.get(id)?.count as number | undefined) ?? -1) + 1 : undefined,
      bytes: (row.size as number | undefined) ?? 0,
    });
  }
  return documents;
}

function reasonOf(verdict: Verdict | undefined, decision: Row | undefined): string {
  if (verdict) return `${verdict.stage}: ${verdict.reason}`;
  const reason = decision?.reason;
  return `select: ${typeof reason === 'string' ? reason : 'not selected'}`;
}

type ReadColumns = (entry: PartEntry | undefined, columns: readonly string[]) => Promise<Map<string, Row>>;

/** The columns that the part has, by key. @param ids keys that are wanted, where it is not all of them */
export async function readColumns(
  build: OpenBuild,
  entry: PartEntry | undefined,
  columns: readonly string[],
  ids?: readonly string[],
): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  if (!entry || entry.rows === 0) return rows;
  const own = columns.filter((name) => entry.columns[name] !== undefined);
  const part = openPart(build.store, entry);
  for await (const row of ids ? await part.get(ids, own) : part.readRows(own)) rows.set(row.id, row);
  return rows;
}

async function firstVerdicts(
  build: OpenBuild,
  partition: number,
  read: ReadColumns,
): Promise<Map<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  for (const step of build.rowSteps) {
    for (const [id, row] of await read(build.state.rows.get(step)?.get(partition), ['verdict'])) {
      if (row.verdict !== undefined && !verdicts.has(id)) verdicts.set(id, row.verdict as unknown as Verdict);
    }
  }
  return verdicts;
}

/** The part of the last row-wise step that writes a column. */
export function latestPart(build: OpenBuild, partition: number, column: string): PartEntry | undefined {
  const step = build.rowSteps.findLast(
    (name) => build.state.rows.get(name)?.get(partition)?.columns[column] !== undefined,
  );
  return step === undefined ? undefined : build.state.rows.get(step)!.get(partition);
}

/** A column as the last row-wise step that writes it has it. */
async function latest(
  build: OpenBuild,
  partition: number,
  { column, read }: { column: string; read: ReadColumns },
): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for (const [id, row] of await read(latestPart(build, partition, column), [column]))
    if (typeof row[column] === 'string') values.set(id, row[column]);
  return values;
}
