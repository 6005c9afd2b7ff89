// The table `pairs` after a change: a pair with an end that vanished goes, open pairs are those that were found anew, all
// others stay as they were. Only keys with such a pair are written again.

import { LargeMap, type Row } from '@gristmill/core';
import type { PhaseTask } from '@gristmill/corpus';
import type { DedupOptions } from './dedup-options.ts';
import { vanished, type LocalForms } from './local-forms.ts';
import type { OldPairs } from './old-pairs.ts';
import { patchTable } from './patch-table.ts';
import type { PairTest, SimilarPairs } from './similar-pairs.ts';

export interface PairChange {
  readonly local: LocalForms;
  readonly old: OldPairs;
  readonly pairs: SimilarPairs;
  /** Of local forms: the earlier pair does not stay as it was by itself. */
  readonly isGone: PairTest;
}

/** By local forms: pairs with an end that vanished, and open ones. */
export function goneTest({ state }: LocalForms, isOpen: PairTest): PairTest {
  return (a, b) => state[a] === vanished || state[b] === vanished || isOpen(a, b);
}

/** @returns rows of the table */
export async function patchPairs(task: PhaseTask<DedupOptions>, change: PairChange): Promise<number> {
  const { local, old, pairs, isGone } = change;
  const touched = touchedKeys(change);
  const [removed, added] = [new LargeMap<string, number>(), new LargeMap<string, Row[]>()];
  const add = (a: string, row: object): void => {
    const rows = added.get(a);
    // The key column stands for `id`.
    if (rows) rows.push(row as Row);
    else added.set(a, [row as Row]);
  };
  for (let row = 0; row < old.length; row++) {
    const [form, other] = old.ends(row);
    if (touched[form] === 0) continue;
    const a = local.hashes[form];
    removed.set(a, (removed.get(a) ?? 0) + 1);
    if (isGoneRow(form, other, isGone)) continue;
    const { hash: b, similarity, star, sameAddress } = old.at(row);
    add(a, { a, b, similarity, star, sameAddress });
  }
  for (const [i, code] of pairs.codes.entries()) {
    const [a, b] = [local.hashes[Math.floor(code / local.count)], local.hashes[code % local.count]];
    const flags = { star: pairs.stars[i] === 1, sameAddress: pairs.sameAddress[i] === 1 };
    add(a, { a, b, similarity: pairs.similarities[i], ...flags });
  }
  for (const rows of added.values()) rows.sort((x, y) => ((x.b as string) < (y.b as string) ? -1 : 1));
  return patchTable(task, 'pairs', { removed, added });
}

/** A form that the change does not concern is in no pair that goes: whoever shared a bucket or an address with it is not either. */
const isGoneRow = (a: number, b: number, isGone: PairTest): boolean => b >= 0 && isGone(a, b);

function touchedKeys({ local, old, pairs, isGone }: PairChange): Uint8Array {
  const touched = new Uint8Array(local.count);
  for (let row = 0; row < old.length; row++) {
    const [a, b] = old.ends(row);
    if (isGoneRow(a, b, isGone)) touched[a] = 1;
  }
  for (const code of pairs.codes) touched[Math.floor(code / local.count)] = 1;
  return touched;
}
