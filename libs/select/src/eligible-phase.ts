// Phase `eligible`: what the policies say of each document by itself. Documents that already have a verdict have no row.

import { overrideFor, refusalBy } from '@gristmill/consent';
import type { Row, Value } from '@gristmill/core';
import type { Phase, PhaseInput, PhaseTask } from '@gristmill/corpus';
import { decide, type Policy, type Signals } from '@gristmill/detect';
import type { Batch, PartReader, TableDefinition } from '@gristmill/shards';
import { beside } from './beside.ts';
import { changedKeys, isWorthPatching, patchWith, rowsOf } from './patch-rows.ts';
import { resolveSelectOptions, type ResolvedSelectOptions, type SelectOptions } from './select-options.ts';

export const eligibleTable: TableDefinition = {
  name: 'eligible',
  columns: [
    /** Why a policy drops it. */
    { name: 'reason', type: 'string', optional: true },
    /** The agreement by which it stays although something refuses: `contract 2026-17`. */
    { name: 'override', type: 'string', optional: true },
    { name: 'quality', type: 'int32' },
    /** Source and group; absent for a document of no group. */
    { name: 'group', type: 'string', optional: true },
  ],
};

const factColumns = ['sourceKind', 'sourceName', 'group', 'verdict'];

/** What is looked at of every document. */
function columnsOf(options: ResolvedSelectOptions): string[] {
  const { purpose, overrides } = options.consent;
  const said = purpose === 'search' ? ['searchRefusals', 'searchPermissions'] : ['refusals', 'permissions'];
  const address = overrides.some(({ domain }) => domain !== undefined) ? ['url'] : [];
  return [...factColumns, ...said, ...address, ...signalsOf(options).own];
}

export const eligiblePhase: Phase<SelectOptions> = {
  name: 'eligible',
  over: 'partition',
  inputs: (options) => {
    const resolved = resolveSelectOptions(options);
    const { repeated } = signalsOf(resolved);
    const documents: PhaseInput = { name: 'documents', columns: columnsOf(resolved), parts: 'same' };
    if (repeated.length === 0) return [documents];
    return [documents, { name: 'repeats', table: 'paragraphs/repeats', columns: repeated, parts: 'same' }];
  },
  shapedBy: ({ duplicates: _d, repeats: _r, split: _s, ...shaping }) => shaping,
  tables: [eligibleTable],
  run: writeEligible,
};

/** Signals that dedup writes; a document without a row there shares nothing: 0. */
const repeatSignals = ['repeatedLineFraction', 'repeatedParagraphFraction', 'sharingDocuments'];

function signalsOf({ signals }: ResolvedSelectOptions): { own: string[]; repeated: string[] } {
  return {
    own: signals.filter((name) => !repeatSignals.includes(name)),
    repeated: signals.filter((name) => repeatSignals.includes(name)),
  };
}

async function writeEligible(task: PhaseTask<SelectOptions>): Promise<void> {
  const old = task.previous?.output('eligible').part(task.partition!);
  if (old) await patchEligible(task, old);
  else await judgeAll(task);
}

async function judgeAll(task: PhaseTask<SelectOptions>): Promise<void> {
  const options = resolveSelectOptions(task.options);
  const writer = await task.write('eligible');
  const part = task.input('documents').part(task.partition!);
  const { repeated } = signalsOf(options);
  const repeats =
    repeated.length > 0 ? beside(task.input('repeats').part(task.partition!), repeated) : undefined;
  const columns = columnsOf(options);
  const view = viewRows(columns, repeated);
  for await (const batch of part.batches(columns)) {
    view.open(batch);
    for (let row = 0; row < batch.rows; row++) {
      if (batch.columns.verdict[row] !== undefined) continue;
      view.show(row, repeats && (await repeats(batch.keys[row])));
      await writer.write(judge(view.document, options));
    }
  }
}

/** One object that is each row in turn: rows have many columns, and an object of each costs more than the rules do. */
function viewRows(columns: readonly string[], repeated: readonly string[]) {
  const document = {};
  let [keys, values, shown] = [[] as readonly string[], [] as (readonly Value[])[], 0];
  let repeats: Row | undefined;
  const define = (name: string, get: () => Value) =>
    Object.defineProperty(document, name, { get, configurable: true });
  define('id', () => keys[shown]);
  for (const name of repeated) define(name, () => repeats?.[name] ?? 0);
  for (const [i, name] of columns.entries()) define(name, () => values[i][shown]);
  return {
    document: document as Row,
    open(batch: Batch): void {
      keys = batch.keys;
      values = columns.map((name) => batch.columns[name]);
    },
    show(row: number, beside: Row | undefined): void {
      [shown, repeats] = [row, beside];
    },
  };
}

/** Judges the documents of which anything that a policy looks at changed. */
async function patchEligible(task: PhaseTask<SelectOptions>, old: PartReader): Promise<void> {
  const options = resolveSelectOptions(task.options);
  const { repeated } = signalsOf(options);
  const columns = { documents: columnsOf(options), ...(repeated.length > 0 && { repeats: repeated }) };
  const changed = await changedKeys(task, columns);
  if (!isWorthPatching(changed, old)) return judgeAll(task);
  const none = Object.fromEntries(repeated.map((name) => [name, 0]));
  const repeats = repeated.length > 0 ? await rowsOf(task, 'repeats', changed, repeated) : undefined;
  const rows = new Map<string, Row>();
  for (const row of (await rowsOf(task, 'documents', changed, columns.documents)).values()) {
    if (row.verdict !== undefined) continue;
    rows.set(row.id, judge({ ...none, ...repeats?.get(row.id), ...row }, options));
  }
  await patchWith(task, { table: 'eligible', old, changed, rows });
}

function judge(row: Row, { policies, quality, consent }: ResolvedSelectOptions): Row {
  const list: readonly Policy[] = policies.get(row.sourceKind as string) ?? [];
  const { override, ...said } = consentOf(row, consent);
  let { reason } = said;
  for (const policy of list) reason ??= decide(policy, row as unknown as Signals);
  const score = quality ? row[quality.signal] : 0;
  return {
    id: row.id,
    reason,
    override,
    quality: typeof score === 'number' ? integerScore(score * (quality?.scale ?? 1)) : 0,
    group: row.group === undefined ? undefined : `${String(row.sourceName)}/${String(row.group as string)}`,
  };
}

/** The first word that the recipe obeys, or the agreement that counts more. */
function consentOf(
  row: Row,
  policy: ResolvedSelectOptions['consent'],
): { reason?: string; override?: string } {
  const [refusals, permissions] =
    policy.purpose === 'search'
      ? [row.searchRefusals, row.searchPermissions]
      : [row.refusals, row.permissions];
  const refusal = refusalBy({ refusals, permissions } as Parameters<typeof refusalBy>[0], policy);
  if (refusal === undefined) return {};
  const document = { source: row.sourceName as string, url: row.url as string | undefined };
  const rule = overrideFor(document, policy);
  return rule ? { override: `${rule.kind} ${rule.reference}` } : { reason: `consent-${refusal}` };
}

/** Scores that break ties are integers, so that no rounding of a machine decides who stays. */
function integerScore(score: number): number {
  return Number.isFinite(score) ? Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.round(score))) : 0;
}
