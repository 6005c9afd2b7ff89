// One document from its source to the shard: each step's verdict and signals, what the barrier stages know of it, where
// its tokens lie. Texts are shown by length and beginning.

import { createRecord, DataError, type Row, type Value } from '@gristmill/core';
import { findDocument, openPart, openTokens, partitionOf, type PartEntry } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { consentColumns, consentPolicy, consentRecord, type ConsentRecord } from './consent-record.ts';
import { openBuildLazily, readColumns, readDocuments, tablePart, type OpenBuild } from './build-documents.ts';
import { clusterOf, type ClusterMember } from './explain-cluster.ts';
import { findForgotten, findId } from './find-document.ts';
import { folderOf } from './fsck.ts';
import { requireManifest } from './manifest.ts';
import { describeOutcome } from './outcome-words.ts';
import { placesOf, readOutcomes, type Outcome } from './outcome.ts';
import { acquireStep } from './steps.ts';

export interface Explanation {
  readonly id: string;
  readonly build: string;
  /** URL, or source, path and item. */
  readonly place: string;
  /** What became of it, in one sentence. */
  readonly summary: string;
  readonly outcome: Outcome;
  /** Row-wise steps in order, with their columns. */
  readonly steps: readonly { readonly step: string; readonly columns: Readonly<Record<string, Value>> }[];
  /** Tables of barrier stages → the rows of this document. */
  readonly tables: Readonly<Record<string, readonly Readonly<Record<string, Value>>[]>>;
  /** Its duplicates, the most alike first. */
  readonly cluster: readonly ClusterMember[];
  readonly shards: readonly DocumentShard[];
  /** What was said about its use, where anything was. */
  readonly consent?: ConsentRecord;
}

export interface DocumentShard {
  readonly folder: string;
  readonly file: string;
  readonly split: string;
  /** Document of the shard, from 0. */
  readonly row: number;
  /** Position of its first token in the shard. */
  readonly firstToken: number;
  readonly tokens: number;
}

/** @throws DataError `no-such-document` where the build has none and none was forgotten */
export async function explainDocument(store: Store, name: string): Promise<Explanation> {
  return explainOpen(await openBuildLazily(store, await requireManifest(store)), name);
}

/** As `explainDocument`, for several documents of one build. */
export async function explainOpen(build: OpenBuild, name: string): Promise<Explanation> {
  const forgotten = await findForgotten(build, name);
  if (forgotten !== undefined) return explainForgotten(build, name, forgotten);
  const id = await findId(build, name);
  const partition = partitionOf(id, build.partitions);
  const steps = [];
  for (const step of build.rowSteps) {
    const [row] = await rowsOf(build, build.state.rows.get(step)?.get(partition), id);
    if (row) steps.push({ step, columns: row });
  }
  const tables = createRecord<Readonly<Record<string, Value>>[]>();
  for (const table of [...build.state.tables.keys()].sort()) {
    const rows = await rowsOf(build, tablePart(build, table, partition), id);
    if (rows.length > 0) tables[table] = rows;
  }
  const cluster = await clusterOf(build, id);
  const shards = await findShards(build, id);
  const place = (await placesOf(build, [id])).get(id) ?? id;
  const documents = [...(await readDocuments(build, partition, [id])).values()];
  const outcome = (await readOutcomes(build, partition, documents)).get(id)!;
  const summary = summarise(id, { outcome, cluster, shards });
  const acquired = build.state.rows.get(acquireStep)?.get(partition);
  const row = (await readColumns(build, acquired, consentColumns, [id])).get(id);
  const consent = row && consentRecord(row, consentPolicy(build.manifest));
  return {
    ...{ id, build: build.manifest.build, place, summary, outcome, steps, tables, cluster, shards },
    ...(consent && { consent }),
  };
}

function summarise(
  id: string,
  { outcome, cluster, shards }: Pick<Explanation, 'outcome' | 'cluster' | 'shards'>,
) {
  const favoured = cluster.filter(({ witness }) => witness === id).length;
  return [
    describeOutcome(outcome),
    ...shards.map(
      ({ folder, file, row, tokens }) =>
        `row ${row} of ${folder}${file}, ${tokens.toLocaleString('en-US')} tokens`,
    ),
    ...(favoured > 0
      ? [`${favoured} ${favoured === 1 ? 'duplicate' : 'duplicates'} removed in its favour`]
      : []),
  ].join('; ');
}

function explainForgotten(build: OpenBuild, name: string, tombstone: string): Explanation {
  const outcome: Outcome = { kept: false, stage: acquireStep, reason: 'forgotten', detail: tombstone };
  return {
    ...{ id: name, build: build.manifest.build, place: name, summary: describeOutcome(outcome), outcome },
    ...{ steps: [], tables: {}, cluster: [], shards: [] },
  };
}

async function rowsOf(
  build: OpenBuild,
  entry: PartEntry | undefined,
  id: string,
): Promise<Record<string, Value>[]> {
  if (!entry || entry.rows === 0 || entry.columns.id === undefined) return [];
  const part = openPart(build.store, entry);
  const { key, columns } = await part.footer();
  if (key !== 'id') return [];
  const rows = await part.get(
    [id],
    columns.map((column) => column.name),
  );
  return rows.map((row) => shorten(row));
}

const shownCharacters = 200;

function shorten(row: Row): Record<string, Value> {
  const shown = createRecord<Value>();
  for (const [name, value] of Object.entries(row)) {
    if (value === undefined || name === 'id') continue;
    if (value instanceof Uint8Array) shown[name] = `${value.length} bytes`;
    else if (typeof value === 'string' && value.length > shownCharacters) {
      shown[name] = `${value.slice(0, shownCharacters)}… (${value.length} characters)`;
    } else shown[name] = value;
  }
  return shown;
}

/** What pack wrote down of the document; shards of a stage that writes no lineage are looked through. */
async function findShards(build: OpenBuild, id: string): Promise<DocumentShard[]> {
  const lineages = [...build.state.tables.keys()].filter((table) => table.endsWith('/lineage'));
  if (lineages.length === 0) return searchShards(build, id);
  const partition = partitionOf(id, build.partitions);
  const found: DocumentShard[] = [];
  for (const table of lineages.sort()) {
    const [row] = await rowsOf(build, tablePart(build, table, partition), id);
    const marker = build.state.markers.find(({ parts }) => parts.some((part) => part.table === table));
    const path = marker?.files.find(({ name }) => name === row?.file)?.path;
    if (!row || path === undefined) continue;
    const { file, split, start, tokens } = row as Record<string, Value> & { file: string; split: string };
    found.push({
      folder: path.slice(0, -file.length),
      ...{ file, split },
      row: row.row as number,
      firstToken: start as number,
      tokens: tokens as number,
    });
  }
  return found;
}

async function searchShards({ store, manifest }: OpenBuild, id: string): Promise<DocumentShard[]> {
  const found: DocumentShard[] = [];
  for (const path of Object.keys(manifest.current)) {
    if (!path.endsWith('/index.json')) continue;
    const folder = path.slice(0, -'index.json'.length);
    const tokens = await openTokens(folderOf(store, folder)).catch((error: unknown) => {
      if (error instanceof DataError && error.code === 'tokens-index-damaged') return undefined;
      throw error;
    });
    const place = tokens && (await findDocument(tokens, id));
    if (place) {
      const { shard, row, start } = place;
      found.push({
        folder,
        ...{ file: shard.file, split: shard.split, row },
        firstToken: start,
        tokens: place.tokens,
      });
    }
    await tokens?.close();
  }
  return found;
}
