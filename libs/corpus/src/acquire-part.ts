// One partition of the acquire table: the rows that stay from the previous part, and those that were just imported.
// Where several items share an id the current revision wins, whatever the order of arrival. Memory: one partition's
// new rows and the ids of its old ones.

import { sha256, type Row, type Verdict } from '@gristmill/core';
import {
  createPartWriter,
  cutGroups,
  openPart,
  toBatch,
  type Counts,
  type PartEntry,
  type Segment,
  type StoredPart,
} from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { acquireTable, isCurrent } from './acquire-table.ts';
import { commitMarker, markerPath, partName, readMarker, type Marker } from './marker.ts';
import { readSpill } from './spill.ts';
import { taskId } from './stage-key.ts';
import { acquireStep } from './steps.ts';
import { createTombstoneTest, type Tombstone } from './tombstones.ts';

export interface AcquirePartWork {
  readonly key: string;
  readonly partition: number;
  readonly previous?: PartEntry;
  /** Source → files whose old rows are replaced; `all` for every file. A source that is not listed keeps its rows. */
  readonly replaced: Readonly<Record<string, readonly string[] | 'all'>>;
  /** Sources of the recipe: rows of others go. */
  readonly sources: readonly string[];
  readonly spills: readonly string[];
  readonly tombstones: readonly Tombstone[];
}

export interface AcquirePartOutcome {
  readonly marker: Marker;
  readonly computed: number;
  readonly reused: number;
  /** [source, file] of items that lost to another item of the same id: to be read again when that one goes. */
  readonly losers: readonly (readonly [string, string])[];
  /** Files in the source's raw folder that hold current revisions, as `<source>/<file>`. */
  readonly rawFiles: readonly string[];
}

/** A row by what decides about it; `row` only where it was just imported. */
interface Candidate {
  readonly facts: Row;
  readonly row?: Row;
}

const factColumns = ['sourceName', 'file', 'rowDigest', 'fetchedAt', 'contentHash', 'rawFile', 'url'];

export async function acquirePart(store: Store, work: AcquirePartWork): Promise<AcquirePartOutcome> {
  const previous = work.previous && work.previous.rows > 0 ? openPart(store, work.previous) : undefined;
  const { winners, losers } = await chooseRows(work, previous);
  const ids = [...winners.keys()].sort();
  const inputs = [
    ['rows', sha256(ids.map((id) => `${id} ${String(winners.get(id)!.facts.rowDigest)}`).join('\n'))],
  ];
  const id = taskId(work.key, acquireStep, work.partition, inputs);
  const task = { step: acquireStep, partition: work.partition, id, key: work.key, inputs };
  const computed = [...winners.values()].filter(({ row }) => row !== undefined).length;
  const raw = [...winners.values()].flatMap(({ facts }) =>
    facts.rawFile === undefined ? [] : `${String(facts.sourceName)}/${String(facts.rawFile)}`,
  );
  const rest = { losers, rawFiles: [...new Set(raw)], computed, reused: winners.size - computed };
  const known = await readMarker(store, markerPath(task));
  if (known) return { marker: known, ...rest };
  const path = `${acquireStep}/${partName(work.partition, id)}.parquet`;
  const part = await writeRows(store, path, { ids, winners, previous });
  const marker: Marker = {
    format: 'gristmill-marker',
    version: 1,
    ...task,
    parts: [{ table: acquireStep, path, partition: work.partition, ...part }],
    files: [],
    replaced: [],
    counts: part.counts ?? {},
  };
  return { marker: await commitMarker(store, marker), ...rest };
}

async function chooseRows(work: AcquirePartWork, previous: StoredPart | undefined) {
  const isForgotten = createTombstoneTest(work.tombstones);
  const isReplaced = createReplacedTest(work);
  const winners = new Map<string, Candidate>();
  const losers: (readonly [string, string])[] = [];
  const digests = new Map<string, string>();
  const offer = (candidate: Candidate) => {
    const { facts } = candidate;
    if (isForgotten({ id: facts.id, url: facts.url as string | undefined })) return;
    const other = winners.get(facts.id);
    const wins = !other || isCurrent(facts, other.facts);
    if (wins) winners.set(facts.id, candidate);
    const loser = other && (wins ? other : candidate);
    if (loser) losers.push([String(loser.facts.sourceName), String(loser.facts.file)]);
  };
  if (previous) {
    for await (const facts of previous.readRows(factColumns)) {
      digests.set(facts.id, String(facts.rowDigest));
      if (!isReplaced(String(facts.sourceName), String(facts.file))) offer({ facts });
    }
  }
  for (const spill of work.spills) {
    for (const row of readSpill(spill)) {
      // An item that came again as it was is the old row: its row group can be copied.
      const isOld = digests.get(row.id) === row.rowDigest;
      offer(isOld ? { facts: factsOf(row) } : { facts: row, row });
    }
  }
  return { winners, losers };
}

function factsOf(row: Row): Row {
  return { id: row.id, ...Object.fromEntries(factColumns.map((name) => [name, row[name]])) };
}

function createReplacedTest({
  replaced,
  sources,
}: AcquirePartWork): (source: string, file: string) => boolean {
  const known = new Set(sources);
  const files = new Map(
    Object.entries(replaced).map(([source, list]) => [source, list === 'all' ? list : new Set(list)]),
  );
  return (source, file) => {
    const list = files.get(source);
    return !known.has(source) || list === 'all' || list?.has(file) === true;
  };
}

interface ChosenRows {
  readonly ids: readonly string[];
  readonly winners: ReadonlyMap<string, Candidate>;
  readonly previous: StoredPart | undefined;
}

async function writeRows(
  store: Store,
  path: string,
  { ids, winners, previous }: ChosenRows,
): Promise<Omit<PartEntry, 'path' | 'partition'>> {
  const writer = createPartWriter(acquireTable, await store.writer(path));
  const borders = cutGroups(ids, acquireTable.groupRows!);
  const fresh = ids.filter((id) => winners.get(id)!.row !== undefined);
  const rowOf = (id: string) => winners.get(id)!.row!;
  try {
    if (previous) {
      const removed = new Set(fresh);
      for await (const { keys } of previous.batches([]))
        for (const id of keys) if (!winners.has(id)) removed.add(id);
      const patch = { removed, added: fresh, rows: (keys: readonly string[]) => keys.map(rowOf) };
      await writer.patchGroups(previous, patch, { borders, count: countSegments });
    } else {
      for (const { prefix, start, end } of borders) {
        const rows = ids.slice(start, end).map(rowOf);
        const counts = countSegments(rows.map((row) => ({ row })));
        await writer.writeGroup(prefix, toBatch(acquireTable, rows), counts);
      }
    }
    return await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

function countSegments(segments: readonly Segment[]): Counts {
  const counts: Record<string, number> = { documentsIn: 0, documentsOut: 0, bytesOut: 0 };
  const count = (verdict: Verdict | undefined, bytes: number) => {
    counts.documentsIn++;
    if (verdict) counts[`drop.${verdict.reason}`] = (counts[`drop.${verdict.reason}`] ?? 0) + 1;
    else counts.documentsOut++;
    counts.bytesOut += bytes;
  };
  for (const segment of segments) {
    if ('row' in segment) {
      const { verdict, bytes } = segment.row;
      count(verdict as Verdict | undefined, bytes instanceof Uint8Array ? bytes.length : 0);
      continue;
    }
    const { group, from, to } = segment;
    for (let row = from; row < to; row++)
      count(group.value('verdict', row) as Verdict | undefined, group.valueBytes('bytes', row));
  }
  return counts;
}
