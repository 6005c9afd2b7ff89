// Phase `decisions`: one row for each document without a verdict: kept or removed, why, in whose favour, and its split.
// pack reads this table and nothing else of select.

import { sha256, type Row } from '@gristmill/core';
import type { Phase, PhaseTask } from '@gristmill/corpus';
import type { TableDefinition } from '@gristmill/shards';
import { beside } from './beside.ts';
import { groupName } from './group-sets.ts';
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

export const decisionPhase: Phase<SelectOptions> = {
  name: 'decisions',
  over: 'partition',
  inputs: () => [
    { name: 'eligible', table: 'eligible', columns: ['reason', 'quality', 'group'], parts: 'same' },
    { name: 'removed', table: 'removed', columns: ['witness', 'similarity', 'measure'], parts: 'same' },
    { name: 'cuts', table: 'cuts', columns: ['spans', 'rest'], parts: 'same' },
    { name: 'members', table: 'dedup/members', columns: ['component'], parts: 'same', optional: true },
    { name: 'sets', table: 'sets', columns: ['least', 'large'], parts: 'all' },
  ],
  tables: [decisionTable],
  run: writeDecisions,
};

async function writeDecisions(task: PhaseTask<SelectOptions>): Promise<void> {
  const { split } = resolveSelectOptions(task.options);
  const writer = await task.write('decisions');
  const sets = await readSets(task);
  const removed = beside(task.input('removed').part(task.partition!), ['witness', 'similarity', 'measure']);
  const cuts = beside(task.input('cuts').part(task.partition!), ['spans', 'rest']);
  const members = beside(task.input('members').part(task.partition!), ['component']);
  const part = task.input('eligible').part(task.partition!);
  for await (const row of part.readRows(['reason', 'quality', 'group'])) {
    const cut = await cuts(row.id);
    const outcome = reasonOf(row) ?? duplicateOf(await removed(row.id)) ?? repeatOf(cut);
    const component = (await members(row.id))?.component as string | undefined;
    await writer.write({
      id: row.id,
      keep: outcome === undefined,
      split: splitOf(row, component, { sets, split }),
      removals: outcome === undefined ? cut?.spans : undefined,
      quality: row.quality,
      ...outcome,
    });
    task.count('documentsIn', 1);
    task.count(outcome === undefined ? 'documentsOut' : `drop.${outcome.reason}`, 1);
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

function splitOf({ id, group }: Row, component: string | undefined, { sets, split }: SplitContext): string {
  const set = sets.get(group === undefined ? (component ?? id) : groupName(group as string));
  if (set?.large) return 'train';
  return splitOfKey(set?.least ?? (group as string | undefined) ?? component ?? id, split);
}

/** The split of a set of groups: a hash of its least key, as a number from 0 to 1. */
export function splitOfKey(key: string, { validation, test, seed }: ResolvedSelectOptions['split']): string {
  const place = parseInt(sha256(`${seed}/${key}`).slice(0, 12), 16) / 2 ** 48;
  if (place < test) return 'test';
  return place < test + validation ? 'validation' : 'train';
}

async function readSets(task: PhaseTask<SelectOptions>): Promise<SplitContext['sets']> {
  const sets = new Map<string, { least: string; large: boolean }>();
  for (const part of task.input('sets').parts) {
    for await (const { id, least, large } of part.readRows(['least', 'large']))
      sets.set(id, { least: least as string, large: large as boolean });
  }
  return sets;
}
