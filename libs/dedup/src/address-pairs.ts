// Pairs of forms whose documents have one address. Up to 50 forms are compared pairwise, of more each with the least.

import type { TableReader } from '@gristmill/shards';
import { HexList } from './hex-list.ts';
import { PairSet } from './pair-set.ts';

export const mostForms = 50;

/**
 * @param signatures column address; parts in the order of ids
 * @returns a × forms + b, ascending
 */
export async function addressPairs(
  signatures: TableReader,
  { formOf, forms }: { formOf: Int32Array; forms: number },
): Promise<Float64Array> {
  const addresses = new HexList();
  const owners: number[] = [];
  let document = 0;
  for (const part of signatures.parts) {
    for await (const { columns } of part.batches(['address'])) {
      for (const address of columns.address as readonly (string | undefined)[]) {
        if (address !== undefined && formOf[document] >= 0) {
          addresses.push(address);
          owners.push(formOf[document]);
        }
        document++;
      }
    }
  }
  const order = Uint32Array.from(owners.keys()).sort(
    (i, j) => addresses.compare(i, j) || owners[i] - owners[j],
  );
  const pairs = new PairSet(forms);
  for (let from = 0, to; from < order.length; from = to) {
    to = from + 1;
    while (to < order.length && addresses.compare(order[from], order[to]) === 0) to++;
    const members = [...new Set(Array.from(order.subarray(from, to), (place) => owners[place]))];
    for (const [a, b] of pairsOfGroup(members)) pairs.add(a, b);
  }
  return pairs.settle().slice();
}

/** @param members distinct forms of one address, ascending */
export function* pairsOfGroup(members: readonly number[]): Generator<[number, number]> {
  const centres = members.length > mostForms ? members.slice(0, 1) : members;
  for (const [i, centre] of centres.entries())
    for (const member of members.slice(i + 1)) yield [centre, member];
}
