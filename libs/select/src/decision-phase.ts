// Phase `decisions`: one row for each document without a verdict: kept or removed, why, in whose favour, and its split.
// pack reads this table and nothing else of select.

import { LargeMap, sha256, type Row, type Value } from '@gristmill/core';
import type { Phase, PhaseTask } from '@gristmill/corpus';
import {
  hexOf,
  isPresent,
  partitionOf,
  textOf,
  type PartReader,
  type TableDefinition,
  type TableReader,
} from '@gristmill/shards';
import { beside } from './beside.ts';
import { groupName } from './group-sets.ts';
import { changedKeys, isWorthPatching, patchWith, rowsOf } from './patch-rows.ts';
import { removalReasons, type RemovalMeasure } from './removal-measure.ts';
import { resolveSelectOptions, type ResolvedSelectOptions, type SelectOptions } from './select-options.ts';

export const decisionTable: TableDefinition = {
  name: 'decisions',
  columns: [
    { name: 'keep', type: 'boolean' },
    { name: 'split', type: 'string' },
    /** Spans [start, end) of the clean text to be left out, UTF-16, sorted. */
    { name: 'removals', type: 'json', optional: true },
    { name: 'quality', type: 'int32', optional: true },
    /** The stage that speaks against it (`select` for a policy, `dedup` for a duplicate) and its reason. */
    { name: 'stage', type: 'string', optional: true },
    { name: 'reason', type: 'string', optional: true },
    { name: 'witness', type: 'string', optional: true },
    { name: 'similarity', type: 'float64', optional: true },
  ],
};

const setColumns = ['least', 'large'];

/** What is read of each input that has a row a document. */
const inputColumns = {
  eligible: ['reason', 'quality', 'group'],
  removed: ['witness', 'similarity', 'measure'],
  cuts: ['spans', 'rest'],
  members: ['component'],
};

export const decisionPhase: Phase<SelectOptions> = {
  name: 'decisions',
  over: 'partition',
  inputs: () => [
    { name: 'eligible', table: 'eligible', columns: inputColumns.eligible, parts: 'same' },
    { name: 'removed', table: 'removed', columns: inputColumns.removed, parts: 'same' },
    { name: 'cuts', table: 'cuts', columns: inputColumns.cuts, parts: 'same' },
    { name: 'members', table: 'dedup/members', columns: inputColumns.members, parts: 'same', optional: true },
    { name: 'sets', table: 'sets', columns: setColumns, parts: 'all' },
  ],
  shapedBy: ({ split = null }) => ({ split }),
  tables: [decisionTable],
  run: writeDecisions,
};

async function writeDecisions(task: PhaseTask<SelectOptions>): Promise<void> {
  const old = task.previous?.output('decisions').part(task.partition!);
  if (old) await patchDecisions(task, old);
  else await decideAll(task);
}

async function decideAll(task: PhaseTask<SelectOptions>): Promise<void> {
  const { split } = resolveSelectOptions(task.options);
  const writer = await task.write('decisions');
  const sets = await readSets(task.input('sets'));
  const next = (name: 'removed' | 'cuts' | 'members') =>
    beside(task.input(name).part(task.partition!), inputColumns[name]);
  const [removed, cuts, members] = [next('removed'), next('cuts'), next('members')];
  const tally = new Tally();
  for await (const row of task.input('eligible').part(task.partition!).readRows(inputColumns.eligible)) {
    const { id } = row;
    const facts = { row, removed: await removed(id), cut: await cuts(id), member: await members(id) };
    const decision = decisionOf(facts, { sets, split });
    await writer.write(decision);
    tally.add(decision.reason, 1);
  }
  tally.count(task);
}

/** Decides anew about documents of which an input changed, or whose set may have. */
async function patchDecisions(task: PhaseTask<SelectOptions>, old: PartReader): Promise<void> {
  const { split } = resolveSelectOptions(task.options);
  const changed = [
    ...new Set([...(await changedKeys(task, inputColumns)), ...(await regrouped(task))]),
  ].sort();
  if (!isWorthPatching(changed, old)) return decideAll(task);
  const read = (name: keyof typeof inputColumns) => rowsOf(task, name, changed, inputColumns[name]);
  const [removed, cuts, members] = [await read('removed'), await read('cuts'), await read('members')];
  const eligible = await read('eligible');
  const keys = [...eligible].map(([id, row]) => setKey(row, members.get(id)));
  const sets = setsOf(await task.input('sets').get([...new Set(keys)], setColumns));
  const rows = new Map<string, Row>();
  for (const [id, row] of eligible) {
    const facts = { row, removed: removed.get(id), cut: cuts.get(id), member: members.get(id) };
    rows.set(id, decisionOf(facts, { sets, split }));
  }
  const tally = new Tally(task.previous!.counts);
  for (const row of await old.get(changed, ['reason'])) tally.add(row.reason, -1);
  for (const row of rows.values()) tally.add(row.reason, 1);
  tally.count(task);
  await patchWith(task, { table: 'decisions', old, changed, rows });
}

/** Documents that may ask for a set which is not what it was, and some names that are no document's. */
async function regrouped(task: PhaseTask<SelectOptions>): Promise<string[]> {
  const changed = new Set<string>();
  const before = task.previous!.input('sets');
  for (const part of task.input('sets').parts)
    for await (const { key } of part.changes(before.part(part.partition), setColumns)) changed.add(key);
  if (changed.size === 0) return [];
  const found = [...changed].filter((key) => partitionOf(key, task.partitions) === task.partition);
  for await (const { rows, pages } of task.input('members').part(task.partition!).pages(['component']))
    for (let row = 0; row < rows; row++)
      if (changed.has(hexOf(pages.component!, row))) found.push(hexOf(pages.id!, row));
  const isChanged = new Map<string, boolean>();
  for await (const { rows, pages } of task.input('eligible').part(task.partition!).pages(['group'])) {
    for (let row = 0; row < rows; row++) {
      if (!isPresent(pages.group!, row)) continue;
      const group = textOf(pages.group!, row);
      if (!isChanged.has(group)) isChanged.set(group, changed.has(groupName(group)));
      if (isChanged.get(group)) found.push(hexOf(pages.id!, row));
    }
  }
  return found;
}

interface Facts {
  /** Of `eligible`. */
  readonly row: Row;
  readonly removed: Row | undefined;
  readonly cut: Row | undefined;
  readonly member: Row | undefined;
}

function decisionOf({ row, removed, cut, member }: Facts, context: SplitContext): Row {
  const outcome = reasonOf(row) ?? duplicateOf(removed) ?? repeatOf(cut);
  return {
    id: row.id,
    keep: outcome === undefined,
    split: splitOf(row, member, context),
    removals: outcome === undefined ? cut?.spans : undefined,
    quality: row.quality,
    ...outcome,
  };
}

/** How many documents have each outcome: the counts of a task. */
class Tally {
  private readonly amounts: Map<string, number>;

  constructor(counts: Readonly<Record<string, number>> = {}) {
    this.amounts = new Map(Object.entries(counts));
  }

  add(reason: Value, amount: number): void {
    const outcome = reason === undefined ? 'documentsOut' : `drop.${String(reason as string)}`;
    for (const name of ['documentsIn', outcome])
      this.amounts.set(name, (this.amounts.get(name) ?? 0) + amount);
  }

  count(task: PhaseTask<SelectOptions>): void {
    for (const [name, amount] of this.amounts) if (amount > 0) task.count(name, amount);
  }
}

function reasonOf({ reason }: Row): { stage: string; reason: string } | undefined {
  return reason === undefined ? undefined : { stage: 'select', reason: reason as string };
}

function duplicateOf(row: Row | undefined) {
  if (!row) return undefined;
  const reason = removalReasons[row.measure as RemovalMeasure];
  return { stage: 'dedup', reason, witness: row.witness, similarity: row.similarity };
}

/** Nothing of it is its own. */
function repeatOf(cut: Row | undefined): { stage: string; reason: string } | undefined {
  return cut?.rest === 0 ? { stage: 'dedup', reason: 'repeated' } : undefined;
}

interface SplitContext {
  readonly sets: ReadonlyMap<string, { least: string; large: boolean }>;
  readonly split: ResolvedSelectOptions['split'];
}

/** What a document asks for its set by. */
function setKey({ id, group }: Row, member: Row | undefined): string {
  return group === undefined ? ((member?.component as string | undefined) ?? id) : groupName(group as string);
}

function splitOf(row: Row, member: Row | undefined, { sets, split }: SplitContext): string {
  const key = setKey(row, member);
  const set = sets.get(key);
  if (set?.large) return 'train';
  return splitOfKey(set?.least ?? (row.group as string | undefined) ?? key, split);
}

/** The split of a set of groups: a hash of its least key, as a number from 0 to 1. */
export function splitOfKey(key: string, { validation, test, seed }: ResolvedSelectOptions['split']): string {
  const place = parseInt(sha256(`${seed}/${key}`).slice(0, 12), 16) / 2 ** 48;
  if (place < test) return 'test';
  return place < test + validation ? 'validation' : 'train';
}

async function readSets(table: TableReader): Promise<SplitContext['sets']> {
  const rows: Row[] = [];
  for (const part of table.parts) for await (const row of part.readRows(setColumns)) rows.push(row);
  return setsOf(rows);
}

function setsOf(rows: readonly Row[]): SplitContext['sets'] {
  return new LargeMap(
    rows.map(({ id, least, large }) => [id, { least: least as string, large: large as boolean }] as const),
  );
}
