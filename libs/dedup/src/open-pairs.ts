// Pairs whose lot a change may have decided: *open* are those with an end that appeared, or with both ends marked (see
// mark-forms.ts). They are proposed anew, by the rules of a first build, from every bucket and address that may propose one.

import type { LargeMap } from '@gristmill/core';
import type { PhaseTask } from '@gristmill/corpus';
import { damagedPart } from '@gristmill/shards';
import { pairsOfGroup } from './address-pairs.ts';
import type { DedupOptions } from './dedup-options.ts';
import { BucketList, forEachBucket } from './buckets.ts';
import { appeared, vanished, type LocalForms, type Probes } from './local-forms.ts';
import { measureNew, type Forms } from './measure-texts.ts';
import type { OldPairs } from './old-pairs.ts';
import { findCode, PairSet } from './pair-set.ts';
import { largestBucket, type PairTest, type SimilarPairs } from './similar-pairs.ts';
import { walkStars } from './walk-stars.ts';

export interface Similarities {
  /** NaN where it is not known. */
  of(a: number, b: number): number;
  /** Measures those of some pairs of forms of this build. */
  measure(codes: Float64Array): Promise<void>;
  /** Those that were measured, by codes. */
  readonly measured: ReadonlyMap<number, number>;
}

/** From the previous build, else from the texts. @param found measured before, by codes; takes what is measured */
export function createSimilarities(
  task: PhaseTask<DedupOptions>,
  local: LocalForms,
  { old, found }: { old: OldPairs; found: LargeMap<number, number> },
): Similarities {
  const [forms, texts] = [formsOf(local), new Map<string, string>()];
  return {
    of(a, b) {
      const known = old.similarity(a, b);
      return Number.isNaN(known) ? (found.get(a * local.count + b) ?? NaN) : known;
    },
    async measure(codes) {
      for (const [i, similarity] of (
        await measureNew(task, forms, codes, { measure: 'jaccard', texts })
      ).entries())
        found.set(codes[i], similarity);
    },
    measured: found,
  };
}

/** Of the previous build alone: where one is missing, its table is not what it was. */
export function earlierSimilarities(old: OldPairs): Similarities {
  return {
    of: (a, b) => old.similarity(a, b),
    measure: () => Promise.reject(damagedPart('dedup/pairs', 'a pair that was measured is missing')),
    measured: new Map(),
  };
}

function formsOf({ count, documents, hashes }: LocalForms): Forms {
  return {
    forms: count,
    firsts: Uint32Array.from({ length: count }, (_, form) => form),
    lengths: Uint32Array.from(documents, ({ length }) => length),
    id: (form) => documents[form].id,
    hash: (form) => hashes[form],
  };
}

/** What buckets and addresses propose: codes a × forms + b, ascending. */
export interface Proposed {
  readonly codes: Float64Array;
  /** Those of `codes` that are edges of a star. */
  readonly stars: Float64Array;
}

export interface Proposing {
  readonly forms: number;
  readonly isPossible: PairTest;
  readonly isWanted: PairTest;
  readonly similarities: Similarities;
}

/**
 * The wanted pairs of buckets, each measured.
 * @param buckets members in the order of hashes; of more than 50 with their stars
 */
export async function proposeFrom(
  buckets: Iterable<Uint32Array>,
  { forms, isPossible, isWanted, similarities }: Proposing,
): Promise<Proposed> {
  const [pairs, stars] = [new PairSet(forms), new PairSet(forms)];
  let waiting: Uint32Array[] = [];
  let unknown = new PairSet(forms);
  const similarity = (a: number, b: number): number => similarities.of(a, b);
  const onUnknown = (a: number, b: number): void => unknown.add(a, b);
  const onPair = (a: number, b: number, star: boolean): void => {
    if (!isWanted(a, b)) return;
    pairs.add(a, b);
    if (star) stars.add(a, b);
  };
  const isDone = (members: Uint32Array): boolean =>
    walkStars(members, { isPossible, similarity, onPair, onUnknown });
  for (const members of buckets) {
    if (members.length > largestBucket) {
      if (!isDone(members)) waiting.push(members);
    } else proposeAll(members, isPossible, { isWanted, propose: (a, b) => pairs.add(a, b) });
  }
  for (const code of pairs.settle()) {
    const [a, b] = [Math.floor(code / forms), code % forms];
    if (Number.isNaN(similarity(a, b))) unknown.add(a, b);
  }
  while (unknown.length > 0) {
    await similarities.measure(unknown.settle());
    unknown = new PairSet(forms);
    waiting = waiting.filter((members) => !isDone(members));
  }
  return { codes: pairs.settle(), stars: stars.settle() };
}

function proposeAll(
  members: Uint32Array,
  isPossible: PairTest,
  { isWanted, propose }: { isWanted: PairTest; propose: (a: number, b: number) => void },
): void {
  for (let i = 0; i < members.length; i++)
    for (let j = i + 1; j < members.length; j++)
      if (isWanted(members[i], members[j]) && isPossible(members[i], members[j]))
        propose(members[i], members[j]);
}

export interface OpenSearch {
  readonly local: LocalForms;
  readonly probes: Probes;
  readonly marked: Uint8Array;
  readonly bands: number;
}

export function openTest({ state }: LocalForms, marked: Uint8Array): PairTest {
  return (a, b) => state[a] === appeared || state[b] === appeared || (marked[a] === 1 && marked[b] === 1);
}

/** The open pairs of this build: those of its buckets, and those that have an address in common. */
export async function findOpenPairs(
  { local, probes, marked, bands }: OpenSearch,
  isPossible: PairTest,
  similarities: Similarities,
): Promise<SimilarPairs> {
  const isOpen = openTest(local, marked);
  const proposing = { forms: local.count, isPossible, isWanted: isOpen, similarities };
  const { codes, stars } = await proposeFrom(openBuckets(local, marked, bands), proposing);
  const shared = openByAddress(local, probes, isOpen);
  const ends = (code: number): [number, number] => [Math.floor(code / local.count), code % local.count];
  await similarities.measure(shared.filter((code) => Number.isNaN(similarities.of(...ends(code)))));
  const all = new PairSet(local.count);
  for (const list of [codes, shared]) for (const code of list) all.add(...ends(code));
  const pairs = all.settle().slice();
  const flags = (some: Float64Array) => Uint8Array.from(pairs, (code) => (findCode(some, code) < 0 ? 0 : 1));
  return {
    codes: pairs,
    similarities: pairs.map((code) => similarities.of(...ends(code))),
    stars: flags(stars),
    sameAddress: flags(shared),
  };
}

/** Buckets of this build that may propose an open pair; every one of them is known in full. */
function openBuckets({ state, digests, count }: LocalForms, marked: Uint8Array, bands: number): BucketList {
  const buckets = new BucketList();
  const skip = state.map((of) => (of === vanished ? 1 : 0));
  const room = new Float64Array(count);
  const visit = (members: Uint32Array): void => {
    let some = 0;
    for (const member of members) some += state[member] === appeared ? 2 : marked[member];
    if (some > 1) buckets.push(members);
  };
  for (let band = 0; band < bands; band++) forEachBucket(digests(band), visit, { skip, room });
  return buckets;
}

function openByAddress(local: LocalForms, probes: Probes, isOpen: PairTest): Float64Array {
  const pairs = new PairSet(local.count);
  for (const [address, { now }] of local.addresses) {
    if (probes.addresses.findHex(address) < 0) continue;
    const members = [...now].sort((a, b) => a - b);
    for (const [a, b] of pairsOfGroup(members)) if (isOpen(a, b)) pairs.add(a, b);
  }
  return pairs.settle();
}
