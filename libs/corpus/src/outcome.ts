// What became of documents: kept, and where; or dropped, by which stage, for which reason, and where a number decided,
// by which rule, with which value, against which threshold, and the option that changes it.

import type { Row, Value } from '@gristmill/core';
import { holds, type SignalValue } from '@gristmill/detect';
import { openPart, partitionOf } from '@gristmill/shards';
import { latestPart, readColumns, tablePart, type BuiltDocument, type OpenBuild } from './build-documents.ts';
import { decidingRules, type DecidingRule, type DecidingRules } from './deciding-rules.ts';
import { acquireStep } from './steps.ts';

export interface Outcome extends Partial<DecidingRule> {
  readonly kept: boolean;
  /** Who speaks against it: the step of a verdict, `select` for a policy, `dedup` for a duplicate. */
  readonly stage?: string;
  readonly reason?: string;
  readonly detail?: string;
  /** What the rule looked at; of a duplicate its similarity to the witness. Absent = it has none (no language). */
  readonly value?: SignalValue;
  /** Id of the document that is kept instead, and what it is called. */
  readonly witness?: string;
  readonly witnessPlace?: string;
  readonly split?: string;
  /** UTF-16 units of the text that are copies of text kept elsewhere, and were cut out. */
  readonly cutCharacters?: number;
}

/** Outcomes of documents of one partition. */
export async function readOutcomes(
  build: OpenBuild,
  partition: number,
  documents: readonly BuiltDocument[],
): Promise<Map<string, Outcome>> {
  const ids = documents.map(({ id }) => id).sort();
  const columns = ['stage', 'reason', 'witness', 'similarity', 'removals'];
  const decisions = await readColumns(build, tablePart(build, 'select/decisions', partition), columns, ids);
  const rules = decidingRules(build);
  const suspects = new Map<string, readonly DecidingRule[]>();
  for (const { id, kind } of documents) {
    const decision = decisions.get(id);
    if (decision?.stage === 'select') suspects.set(id, rules.of(kind, String(decision.reason)));
  }
  const signals = await readSignals(build, partition, suspects);
  const witnesses = [...decisions.values()].flatMap(({ witness }) => (witness as string | undefined) ?? []);
  const places = await placesOf(build, witnesses);
  return new Map(
    documents.map((document) => {
      const decision = decisions.get(document.id);
      const found = suspects.get(document.id) ?? [];
      const facts = { decision, rules, broken: brokenRule(found, signals.get(document.id)), places };
      return [document.id, outcomeOf(document, facts)];
    }),
  );
}

interface Facts {
  readonly decision: Row | undefined;
  readonly rules: DecidingRules;
  readonly broken: (DecidingRule & { value: SignalValue }) | undefined;
  readonly places: ReadonlyMap<string, string>;
}

function outcomeOf(document: BuiltDocument, { decision, rules, broken, places }: Facts): Outcome {
  const { kept, split, detail } = document;
  if (kept) {
    const spans = (decision?.removals ?? []) as [number, number][];
    const cut = spans.reduce((sum, [start, end]) => sum + end - start, 0);
    return { kept, ...(split !== undefined && { split }), ...(cut > 0 && { cutCharacters: cut }) };
  }
  const [step, ...words] = (document.reason ?? 'select: not selected').split(': ');
  const reason = words.join(': ');
  // A verdict of an earlier step: nobody asked select.
  if (decision?.reason === undefined)
    return { kept, stage: step, reason, ...(detail !== undefined && { detail }) };
  const stage = typeof decision.stage === 'string' ? decision.stage : step;
  if (typeof decision.witness !== 'string') return { kept, stage, reason, ...broken };
  const { witness, similarity } = decision;
  return {
    ...{ kept, stage, reason, value: similarity as number, witness },
    ...(places.has(witness) && { witnessPlace: places.get(witness) }),
    ...rules.duplicateThreshold(reason),
  };
}

/** The first rule that holds; where the signal cannot be told, the first that gives the reason. */
function brokenRule(
  rules: readonly DecidingRule[],
  signals: Row | undefined,
): (DecidingRule & { value: SignalValue }) | undefined {
  const values = rules.map((rule) => ({ ...rule, value: signals?.[rule.signal] as SignalValue }));
  return values.find(({ value, op, threshold }) => holds(value, op, threshold)) ?? values[0];
}

/** Of each document the signals that the rules compare. */
async function readSignals(
  build: OpenBuild,
  partition: number,
  suspects: ReadonlyMap<string, readonly DecidingRule[]>,
): Promise<Map<string, Row>> {
  const ids = [...suspects.keys()].sort();
  const names = new Set([...suspects.values()].flat().map(({ signal }) => signal));
  const signals = new Map<string, Row>();
  for (const name of names) {
    const repeats = tablePart(build, 'paragraphs/repeats', partition);
    const ofRepeats = repeats?.columns[name] === undefined ? undefined : repeats;
    const part = latestPart(build, partition, name) ?? ofRepeats;
    for (const [id, row] of await readColumns(build, part, [name], ids))
      signals.set(id, { ...signals.get(id), ...row });
  }
  return signals;
}

const placeColumns = ['url', 'sourceName', 'path', 'item'];

/** What documents are called: their URL, or source, path and item. */
export async function placesOf(build: OpenBuild, ids: readonly string[]): Promise<Map<string, string>> {
  const places = new Map<string, string>();
  for (const [partition, own] of Map.groupBy(new Set(ids), (id) => partitionOf(id, build.partitions))) {
    await build.include(partition);
    const entry = build.state.rows.get(acquireStep)?.get(partition);
    if (!entry || entry.rows === 0) continue;
    for (const row of await openPart(build.store, entry).get(own.sort(), placeColumns))
      places.set(row.id, spellPlace(row));
  }
  return places;
}

/** @param row of acquire, with url, sourceName, path and item */
export function spellPlace({ url, sourceName, path, item }: Row): string {
  const named: Value[] = url === undefined ? [sourceName, path, item] : [url];
  return named.filter((part) => part !== undefined).join('/');
}
