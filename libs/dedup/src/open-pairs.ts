// Pairs whose lot a change may have decided: *open* are those with an end that appeared, or with both ends marked (see
// mark-forms.ts). They are proposed anew, by the same functions as all pairs of a first build, from every bucket and address
// that may propose one.

import type { PhaseTask } from '@gristmill/corpus';
import { pairsOfGroup } from './address-pairs.ts';
import { BucketList, forEachBucket } from './buckets.ts';
import type { DedupOptions } from './dedup-options.ts';
import { appeared, vanished, type LocalForms, type Probes } from './local-forms.ts';
import { measureNew, type Forms } from './measure-texts.ts';
import type { OldPairs } from './old-pairs.ts';
import { PairSet } from './pair-set.ts';
import { addPairs, pairsOfBuckets, sketchTest, type PairTest, type SimilarPairs } from './similar-pairs.ts';

export interface OpenSearch {
  readonly local: LocalForms;
  readonly probes: Probes;
  readonly marked: Uint8Array;
  readonly old: OldPairs;
  readonly bands: number;
}

export function openTest({ local, marked }: Pick<OpenSearch, 'local' | 'marked'>): PairTest {
  return (a, b) =>
    local.state[a] === appeared || local.state[b] === appeared || (marked[a] === 1 && marked[b] === 1);
}

/** The open pairs of this build. @returns codes a × local forms + b */
export async function findOpenPairs(
  task: PhaseTask<DedupOptions>,
  search: OpenSearch,
): Promise<{ pairs: SimilarPairs; computed: number }> {
  const { local } = search;
  const isOpen = openTest(search);
  let computed = 0;
  const measure = async (codes: Float64Array): Promise<Float64Array> => {
    const known = codes.map((code) =>
      search.old.similarity(Math.floor(code / local.count), code % local.count),
    );
    const missing = codes.filter((_, i) => Number.isNaN(known[i]));
    computed += missing.length;
    const measured = await measureNew(task, formsOf(local), missing, 'jaccard');
    let next = 0;
    return known.map((similarity) => (Number.isNaN(similarity) ? measured[next++] : similarity));
  };
  const isPossible = sketchTest(local.sketches, (form) => form);
  const context = { texts: local.count, isPossible, measure, isOpen };
  const similar = await pairsOfBuckets(openBuckets(search), context);
  const pairs = await addPairs(similar, openByAddress(search, isOpen), measure);
  return {
    pairs: filterPairs(pairs, (code) => isOpen(Math.floor(code / local.count), code % local.count)),
    computed,
  };
}

function formsOf({ count, documents, hashes }: LocalForms): Forms {
  return {
    forms: count,
    firsts: Uint32Array.from(hashes.keys()),
    lengths: Uint32Array.from(documents, ({ length }) => length),
    id: (form) => documents[form].id,
    hash: (form) => hashes[form],
  };
}

/** Buckets of this build that may propose an open pair; every one of them is known in full. */
function openBuckets({ local, marked, bands }: OpenSearch): BucketList {
  const buckets = new BucketList();
  const skip = local.state.map((state) => (state === vanished ? 1 : 0));
  for (let band = 0; band < bands; band++) {
    forEachBucket(
      local.digests(band),
      (members) => {
        let some = 0;
        for (const member of members) some += local.state[member] === appeared ? 2 : marked[member];
        if (some > 1) buckets.push(members);
      },
      { skip },
    );
  }
  return buckets;
}

function openByAddress({ local, probes }: OpenSearch, isOpen: PairTest): Float64Array {
  const pairs = new PairSet(local.count);
  for (const [address, { now }] of local.addresses) {
    if (probes.addresses.findHex(address) < 0) continue;
    const members = [...now].sort((a, b) => a - b);
    for (const [a, b] of pairsOfGroup(members)) if (isOpen(a, b)) pairs.add(a, b);
  }
  return pairs.settle().slice();
}

function filterPairs(pairs: SimilarPairs, isKept: (code: number) => boolean): SimilarPairs {
  const kept = Uint32Array.from(pairs.codes.keys()).filter((i) => isKept(pairs.codes[i]));
  return {
    codes: Float64Array.from(kept, (i) => pairs.codes[i]),
    similarities: Float64Array.from(kept, (i) => pairs.similarities[i]),
    stars: Uint8Array.from(kept, (i) => pairs.stars[i]),
    sameAddress: Uint8Array.from(kept, (i) => pairs.sameAddress[i]),
  };
}
