// Which rows a partition of the acquire table has: those of the previous part that stay, and those that were just imported.
// Where several share an id the current revision wins. The previous part is walked as bytes: a row is made only where an
// imported one has its id.

import { createHash } from 'node:crypto';
import type { Row } from '@gristmill/core';
import { isPresent, textOf, type StoredPart } from '@gristmill/shards';
import type { AcquirePartWork } from './acquire-part.ts';
import { acquireColumns, isCurrent } from './acquire-table.ts';
import type { Rewording } from './reword-rows.ts';
import { readSpill } from './spill.ts';
import { createTombstoneTest } from './tombstones.ts';

export interface ChosenRows {
  /** Imported rows that are not in the previous part as they are, by id. */
  readonly rows: readonly Row[];
  /** SHA-256 over id and row digest of all rows, in the order of ids. */
  readonly digest: string;
  /** Ids of the previous part that go or are replaced. */
  readonly removed: ReadonlySet<string>;
  /** Rows of the previous part that stay. */
  readonly kept: number;
  /** [source, file] of items that lost to another item of the same id. */
  readonly losers: readonly (readonly [string, string])[];
  /** `<source>/<file>` of the raw files that rows come from. */
  readonly rawFiles: ReadonlySet<string>;
}

/** A row by what decides about it; `row` only where it was just imported. */
interface Candidate {
  readonly facts: Row;
  readonly row?: Row;
}

const factColumns = ['sourceName', 'file', 'rowDigest', 'fetchedAt', 'contentHash', 'rawFile', 'url'];
/** What is looked at of every row. */
const walkedColumns = ['sourceName', 'file', 'rowDigest', 'rawFile'];

export async function chooseRows(
  work: AcquirePartWork,
  previous: StoredPart | undefined,
  rewording?: Rewording,
): Promise<ChosenRows> {
  const isForgotten = createTombstoneTest(work.tombstones);
  const imported = readImported(work.spills, rewording);
  const reworded =
    previous && rewording ? await rewordOld(previous, work, rewording) : new Map<string, Row>();
  for (const [id, row] of reworded) imported.set(id, [...(imported.get(id) ?? []), row]);
  const ids = [...imported.keys()].sort();
  const chosen = collectChosen();
  let next = 0;
  const decide = (id: string, old?: OldRow): void => {
    const winner = contest(imported.get(id)!, old, { isForgotten, losers: chosen.losers });
    if (old && (!winner || winner.row)) chosen.remove(id);
    if (winner) chosen.add(winner);
  };
  for await (const old of previous ? walkRows(previous, work) : []) {
    for (let row = 0; row < old.rows; row++) {
      const id = old.text('id', row)!;
      while (next < ids.length && ids[next] < id) decide(ids[next++]);
      const stays = old.stays(row);
      if (ids[next] === id) {
        const isSame = stays && !reworded.has(id);
        const facts = isSame ? (await previous!.get([id], factColumns))[0] : undefined;
        decide(ids[next++], { digest: old.text('rowDigest', row)!, facts });
      } else if (stays) chosen.keep(old, row);
      else chosen.remove(id);
    }
  }
  while (next < ids.length) decide(ids[next++]);
  return chosen.finish();
}

/** Rows of the previous part that stay, and whose host says something else now. */
async function rewordOld(
  previous: StoredPart,
  work: AcquirePartWork,
  { isDue, reword }: Rewording,
): Promise<Map<string, Row>> {
  const reworded = new Map<string, Row>();
  if (work.reworded.length === 0) return reworded;
  const due: string[] = [];
  for await (const old of walkRows(previous, work))
    for (let row = 0; row < old.rows; row++)
      if (isDue(old.text('url', row)) && old.stays(row)) due.push(old.text('id', row)!);
  for (let at = 0; at < due.length; at += rowsAtOnce) {
    const rows = await previous.get(due.slice(at, at + rowsAtOnce), factsOfItems);
    const changed = rows.filter((row) => reword(row).rowDigest !== row.rowDigest).map(({ id }) => id);
    for (const row of await previous.get(changed, ['bytes', ...factsOfItems]))
      reworded.set(row.id, reword(row));
  }
  return reworded;
}

const rowsAtOnce = 256;
const factsOfItems = acquireColumns.map(({ name }) => name).filter((name) => name !== 'bytes');

function readImported(spills: readonly string[], rewording: Rewording | undefined): Map<string, Row[]> {
  const imported = new Map<string, Row[]>();
  for (const spill of spills) {
    for (const spilled of readSpill(spill)) {
      const row = rewording ? rewording.reword(spilled) : spilled;
      const others = imported.get(row.id);
      if (others) others.push(row);
      else imported.set(row.id, [row]);
    }
  }
  return imported;
}

/** The row of the previous part with the id. */
interface OldRow {
  readonly digest: string;
  /** Undefined when it does not stay by itself. */
  readonly facts: Row | undefined;
}

interface Contest {
  readonly isForgotten: ReturnType<typeof createTombstoneTest>;
  readonly losers: (readonly [string, string])[];
}

/** The current one of several rows of one id. */
function contest(
  rows: readonly Row[],
  old: OldRow | undefined,
  { isForgotten, losers }: Contest,
): Candidate | undefined {
  let winner: Candidate | undefined;
  const offer = (candidate: Candidate): void => {
    const { facts } = candidate;
    if (isForgotten({ id: facts.id, url: facts.url as string | undefined })) return;
    const wins = !winner || isCurrent(facts, winner.facts);
    const loser = winner && (wins ? winner : candidate);
    if (loser) losers.push([String(loser.facts.sourceName), String(loser.facts.file)]);
    if (wins) winner = candidate;
  };
  if (old?.facts) offer({ facts: old.facts });
  for (const row of rows) {
    // An item that came again as it was is the old row: its row group can be copied.
    const isOld = old?.digest === row.rowDigest;
    offer(isOld ? { facts: row } : { facts: row, row });
  }
  return winner;
}

/** Some rows of the previous part, by their place. */
interface OldRows {
  readonly rows: number;
  text(column: string, row: number): string | undefined;
  /** False when its file was read again, its source left the recipe, or it was forgotten. */
  stays(row: number): boolean;
}

async function* walkRows(previous: StoredPart, work: AcquirePartWork): AsyncGenerator<OldRows> {
  const isReplaced = createReplacedTest(work);
  const isForgotten = createTombstoneTest(work.tombstones);
  await previous.verify();
  const needsUrl = work.tombstones.length > 0 || work.reworded.length > 0;
  const columns = needsUrl ? [...walkedColumns, 'url'] : walkedColumns;
  for await (const { rows, pages } of previous.pages(columns)) {
    const text = (column: string, row: number) => {
      const page = pages[column];
      return isPresent(page, row) ? textOf(page, row) : undefined;
    };
    yield {
      rows,
      text,
      stays(row) {
        if (isReplaced(text('sourceName', row)!, text('file', row)!)) return false;
        return work.tombstones.length === 0 || !isForgotten({ id: text('id', row)!, url: text('url', row) });
      },
    };
  }
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

function collectChosen() {
  const hash = createHash('sha256');
  const rows: Row[] = [];
  const removed = new Set<string>();
  const losers: (readonly [string, string])[] = [];
  const rawFiles = new Set<string>();
  let [kept, lines] = [0, ''];
  const note = (id: string, digest: string): void => {
    lines += `${lines === '' && kept + rows.length === 0 ? '' : '\n'}${id} ${digest}`;
    if (lines.length > 1 << 15) {
      hash.update(lines);
      lines = '';
    }
  };
  return {
    losers,
    remove: (id: string) => void removed.add(id),
    keep(old: OldRows, row: number): void {
      const rawFile = old.text('rawFile', row);
      note(old.text('id', row)!, old.text('rowDigest', row)!);
      if (rawFile !== undefined) rawFiles.add(`${old.text('sourceName', row)!}/${rawFile}`);
      kept++;
    },
    add({ facts, row }: Candidate): void {
      note(facts.id, String(facts.rowDigest));
      if (facts.rawFile !== undefined) rawFiles.add(`${String(facts.sourceName)}/${String(facts.rawFile)}`);
      if (row) rows.push(row);
      else kept++;
    },
    finish: (): ChosenRows => ({
      rows,
      digest: hash.update(lines).digest('hex'),
      removed,
      kept,
      losers,
      rawFiles,
    }),
  };
}
