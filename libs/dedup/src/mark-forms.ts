// Which pairs of forms that stay may be other than they were: those with both ends *marked*. In a bucket of at most 50 forms
// before and after a change, a pair's lot depends on nobody else. Of larger ones the stars are walked with the members of
// before and with those of now, and what differs is marked. At an address, documents of a form may also come and go.

import { mostForms } from './address-pairs.ts';
import { BucketList, forEachBucket } from './buckets.ts';
import type { ChangedDocuments } from './changed-documents.ts';
import { staying, appeared, vanished, type LocalForms, type Probes } from './local-forms.ts';
import { proposeFrom, type Proposed, type Similarities } from './open-pairs.ts';
import { findCode } from './pair-set.ts';
import { largestBucket, type PairTest } from './similar-pairs.ts';

export interface Marking {
  readonly changed: ChangedDocuments;
  readonly bands: number;
  readonly isPossible: PairTest;
  /** Of the previous build, which knows all that its stars asked for. */
  readonly before: Similarities;
  readonly now: Similarities;
}

/** 1 = marked. @param local with every form in a bucket or at an address of a changed document */
export async function markForms(
  local: LocalForms,
  { changed, bands, isPossible, before, now }: Marking,
): Promise<Uint8Array> {
  const { count: forms, state } = local;
  const marked = new Uint8Array(forms);
  const isWanted: PairTest = (a, b) => state[a] === staying && state[b] === staying;
  const buckets = heavyBuckets(local, bands);
  const proposing = { forms, isPossible, isWanted };
  const old = await proposeFrom(buckets.before, { ...proposing, similarities: before });
  const fresh = await proposeFrom(buckets.now, { ...proposing, similarities: now });
  for (const code of differences(old, fresh))
    for (const form of [Math.floor(code / forms), code % forms]) marked[form] = 1;
  for (const membership of touchedAddresses(local, changed)) {
    if (!isOtherwise(membership, state)) continue;
    for (const form of [...membership.before, ...membership.after])
      if (state[form] === staying) marked[form] = 1;
  }
  return marked;
}

/** Of more than 50 forms, before or now, some of which came or went. */
function heavyBuckets({ state, digests, count }: LocalForms, bands: number) {
  const [before, now] = [new BucketList(), new BucketList()];
  const visit = (members: Uint32Array): void => {
    if (members.length <= largestBucket || members.every((form) => state[form] === staying)) return;
    const [old, fresh] = [appeared, vanished].map((other) => members.filter((form) => state[form] !== other));
    if (Math.max(old.length, fresh.length) <= largestBucket) return;
    before.push(old);
    now.push(fresh);
  };
  const room = new Float64Array(count);
  for (let band = 0; band < bands; band++) forEachBucket(digests(band), visit, { room });
  return { before, now };
}

/** Pairs that only one of two proposes, or as a star. */
function* differences(a: Proposed, b: Proposed): Generator<number> {
  const kinds = [
    [a.codes, b.codes],
    [b.codes, a.codes],
    [a.stars, b.stars],
    [b.stars, a.stars],
  ];
  for (const [some, others] of kinds) for (const code of some) if (findCode(others, code) < 0) yield code;
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
  if (!marked.includes(1)) return false;
  const size = (): number => probes.hashes.length + probes.buckets.length + probes.addresses.length;
  const before = size();
  const isShared = (members: Iterable<number>): boolean => {
    let count = 0;
    for (const member of members) count += marked[member];
    return count > 1;
  };
  for (const [form, hash] of local.hashes.entries()) if (marked[form] === 1) probes.hashes.addHex(hash);
  const skip = marked.map((mark) => 1 - mark);
  for (let band = 0; band < bands; band++) {
    const digests = local.digests(band);
    forEachBucket(digests, ([first]) => void probes.buckets.add(band, digests[first]), { skip });
  }
  for (const [address, { now }] of local.addresses) if (isShared(now)) probes.addresses.addHex(address);
  return size() > before;
}
