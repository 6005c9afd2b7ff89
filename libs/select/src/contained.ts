// Pairs of which one document contains much of the other, as dedup measured them. They join groups that must share a split,
// and, where the policy gives a threshold, let the longer text stay instead of the shorter.

import { LargeMap, LargeSet } from '@gristmill/core';
import type { PhaseInput, PhaseTask } from '@gristmill/corpus';
import { electSurvivors, type Removal } from './elect-survivors.ts';
import type { GroupSets } from './group-sets.ts';
import type { SelectOptions } from './select-options.ts';

export interface ContainedPair {
  readonly part: string;
  readonly whole: string;
  readonly similarity: number;
  readonly partWords: number;
  readonly wholeWords: number;
}

const columns = ['whole', 'similarity', 'partWords', 'wholeWords'];

export const containedInputs: readonly PhaseInput[] = [
  { name: 'contained', table: 'passages/contained', columns, parts: 'all', optional: true },
  { name: 'members', table: 'dedup/members', columns: ['component'], parts: 'all', optional: true },
];

/** About 300 bytes of memory each. */
export async function readContained(task: PhaseTask<SelectOptions>): Promise<ContainedPair[]> {
  const pairs: ContainedPair[] = [];
  for (const part of task.input('contained').parts)
    for await (const row of part.readRows(columns)) pairs.push(row as unknown as ContainedPair);
  return pairs;
}

/** What the policies and dedup's components say of the documents of some pairs. */
export interface Place {
  readonly id: string;
  readonly group: string | undefined;
  readonly component: string | undefined;
  readonly quality: number;
  readonly isEligible: boolean;
}

export async function readPlaces(
  task: PhaseTask<SelectOptions>,
  pairs: readonly ContainedPair[],
): Promise<ReadonlyMap<string, Place>> {
  const ids = [...new LargeSet(pairs.flatMap(({ part, whole }) => [part, whole]))].sort();
  const members = await task.input('members').get(ids, ['component']);
  const componentOf = new LargeMap(members.map((row) => [row.id, row.component as string] as const));
  const rows = await task.input('eligible').get(ids, ['reason', 'quality', 'group']);
  const places = new LargeMap<string, Place>();
  for (const { id, reason, quality, group } of rows)
    places.set(id, {
      id,
      group: group as string | undefined,
      component: componentOf.get(id),
      quality: quality as number,
      isEligible: reason === undefined,
    });
  return places;
}

/** Called after every cluster was added. */
export function linkContained(
  sets: GroupSets,
  pairs: readonly ContainedPair[],
  places: ReadonlyMap<string, Place>,
): void {
  for (const { part, whole } of pairs) {
    const [a, b] = [places.get(part), places.get(whole)];
    if (a && b) sets.link(a, b);
  }
}

export interface ContainedElection {
  readonly threshold: number;
  /** The document that stays for one that a pair names: itself, or the survivor of its exact copies; undefined = none. */
  readonly standIn: (id: string) => { id: string; quality: number } | undefined;
}

/** Who goes because a kept longer text contains enough of it. Takes what the election of near duplicates kept. */
export function electContained(
  pairs: readonly ContainedPair[],
  { threshold, standIn }: ContainedElection,
): Removal[] {
  const forms = new Map<string, number>();
  const candidates: Parameters<typeof electSurvivors>[0][number][] = [];
  const formOf = (name: string, words: number): number | undefined => {
    const document = standIn(name);
    if (!document) return undefined;
    const known = forms.get(document.id);
    if (known !== undefined) return known;
    forms.set(document.id, forms.size);
    candidates.push({ ...document, form: forms.size - 1, length: words });
    return forms.size - 1;
  };
  const edges = pairs.flatMap(({ part, whole, similarity, partWords, wholeWords }) => {
    const [a, b] = [formOf(part, partWords), formOf(whole, wholeWords)];
    return a === undefined || b === undefined ? [] : [{ a, b, similarity, star: false }];
  });
  return electSurvivors(candidates, edges, { threshold, longerFirst: true });
}
