// Which pairs of forms that stay may be other than they were: those with both ends *marked*. In a bucket of at most 50 forms
// before and after a change, a pair's lot depends on nobody else; in a larger one, stars depend on all members, so all that
// stay are marked. The same at an address, where documents of a form may also come and go.

import { mostForms } from './address-pairs.ts';
import { forEachBucket } from './buckets.ts';
import type { ChangedDocuments } from './changed-documents.ts';
import { staying, appeared, vanished, type LocalForms, type Probes } from './local-forms.ts';
import { largestBucket } from './similar-pairs.ts';

/** 1 = marked. @param local with every form in a bucket or at an address of a changed document */
export function markForms(local: LocalForms, changed: ChangedDocuments, bands: number): Uint8Array {
  const marked = new Uint8Array(local.count);
  const mark = (forms: Iterable<number>): void => {
    for (const form of forms) if (local.state[form] === staying) marked[form] = 1;
  };
  const room = new Float64Array(local.count);
  for (let band = 0; band < bands; band++) {
    const visit = (members: Uint32Array) => isHeavy(members, local.state) && mark(members);
    forEachBucket(local.digests(band), visit, { room });
  }
  for (const membership of touchedAddresses(local, changed))
    if (isOtherwise(membership, local.state)) mark([...membership.before, ...membership.after]);
  return marked;
}

/** Of more than 50 forms, before or after, some of which came or went. */
function isHeavy(members: Uint32Array, state: Uint8Array): boolean {
  if (members.length <= largestBucket) return false;
  let [before, after] = [0, 0];
  for (const member of members) {
    if (state[member] !== appeared) before++;
    if (state[member] !== vanished) after++;
  }
  return Math.max(before, after) > largestBucket && before + after < 2 * members.length;
}

interface Membership {
  readonly before: ReadonlySet<number>;
  readonly after: ReadonlySet<number>;
}

function* touchedAddresses(local: LocalForms, { old, now }: ChangedDocuments): Generator<Membership> {
  const before = new Map<string, Set<number>>();
  const formsBefore = (address: string): Set<number> => {
    let forms = before.get(address);
    if (!forms) before.set(address, (forms = new Set(local.addresses.get(address)?.unchanged)));
    return forms;
  };
  for (const { address } of now) if (address !== undefined) formsBefore(address);
  for (const { address, hash } of old)
    if (address !== undefined) formsBefore(address).add(local.numberOf(hash));
  for (const [address, forms] of before)
    yield { before: forms, after: local.addresses.get(address)?.now ?? new Set() };
}

/** Whether a pair of forms that stay may be proposed by the address now and not before, or the reverse. */
function isOtherwise({ before, after }: Membership, state: Uint8Array): boolean {
  if (Math.max(before.size, after.size) > mostForms) return true;
  const differ = (a: ReadonlySet<number>, b: ReadonlySet<number>): boolean =>
    [...a].some((form) => state[form] === staying && !b.has(form));
  return differ(before, after) || differ(after, before);
}

/**
 * Adds what must be known to judge pairs of marked forms: all their documents, and who else is in the buckets and at the
 * addresses that several of them share. @returns whether anything was added
 */
export function addProbes(local: LocalForms, marked: Uint8Array, probes: Probes, bands: number): boolean {
  const known = probes.hashes.length + probes.buckets.length + probes.addresses.length;
  const several = (members: Iterable<number>): boolean => {
    let count = 0;
    for (const member of members) count += marked[member];
    return count > 1;
  };
  for (const [form, hash] of local.hashes.entries()) if (marked[form] === 1) probes.hashes.addHex(hash);
  for (let band = 0; band < bands; band++) {
    const digests = local.digests(band);
    forEachBucket(digests, (members) => several(members) && probes.buckets.add(band, digests[members[0]]));
  }
  for (const [address, { now }] of local.addresses) if (several(now)) probes.addresses.addHex(address);
  return known < probes.hashes.length + probes.buckets.length + probes.addresses.length;
}
