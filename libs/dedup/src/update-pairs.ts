// Phase `pairs` after a change, by what it concerns. A pair's row follows from the buckets and addresses that its two forms
// share, so of two forms that stay only *marked* ones can become, cease to be or change as a pair (mark-forms.ts); all pairs
// of a form that appeared or vanished come or go. The forms in question are found by scans over the raw signatures, since
// no index of buckets is kept: first those that share a bucket or an address with a form of a changed document, then, where
// some are marked, those in the other buckets and addresses that several of them share. Open pairs are proposed from these
// by the functions of a first build, in the order of hashes, so the tables are those of a build from nothing.
// Where a change concerns too much, the whole is computed.

import { LargeMap } from '@gristmill/core';
import type { PhaseTask } from '@gristmill/corpus';
import { BandSet } from './band-set.ts';
import { readChanged, type ChangedDocuments } from './changed-documents.ts';
import { resolveDedupOptions, type DedupOptions } from './dedup-options.ts';
import { HexIndex } from './hex-index.ts';
import { findLocalForms, readDigests, type LocalForms, type Probes } from './local-forms.ts';
import { addProbes, markForms } from './mark-forms.ts';
import { readOldPairs, type OldPairs } from './old-pairs.ts';
import {
  createSimilarities,
  earlierSimilarities,
  findOpenPairs,
  openTest,
  type Similarities,
} from './open-pairs.ts';
import { patchClusters } from './patch-clusters.ts';
import { goneTest, patchPairs } from './patch-pairs.ts';
import { sketchTest, type PairTest } from './similar-pairs.ts';

/** Up to so many forms, whatever their share, are no reason to compute the whole. */
const fewForms = 4096;
/** Maps of forms end at 2^24 members. */
const mostForms = 1 << 23;

/** @returns false, with nothing written, where the whole must be computed */
export async function updatePairs(task: PhaseTask<DedupOptions>): Promise<boolean> {
  if (!task.previous) return false;
  const { bands } = resolveDedupOptions(task.options).scheme;
  const documents = task.input('signatures').parts.reduce((sum, part) => sum + part.rows, 0);
  const most = Math.min(mostForms, Math.max(fewForms, documents / 4));
  const changed = await readChanged(task, most / 4);
  const found = changed && (await findMarked(task, { changed, bands, most }));
  if (!found) return false;
  const { local, marked, old, similarities } = found;
  const pairs = await findOpenPairs({ ...found, bands }, found.isPossible, similarities);
  const change = { local, old, pairs, isGone: goneTest(local, openTest(local, marked)) };
  const rows = await patchPairs(task, change);
  const computed = similarities.measured.size;
  task.count('reused', rows - computed);
  task.count('computed', computed);
  await patchClusters(task, change, changed);
  return true;
}

interface Found {
  readonly local: LocalForms;
  readonly marked: Uint8Array;
  readonly probes: Probes;
  readonly old: OldPairs;
  readonly isPossible: PairTest;
  readonly similarities: Similarities;
}

/** Scans until all that is asked for is found: once, where no form is marked; a few times where some are. */
async function findMarked(
  task: PhaseTask<DedupOptions>,
  { changed, bands, most }: { changed: ChangedDocuments; bands: number; most: number },
): Promise<Found | undefined> {
  const probes = probesOf(changed, bands);
  let earlier: Found | undefined;
  for (;;) {
    const local = await findLocalForms(task.input('signatures'), { changed, probes, bands, most });
    if (!local) return undefined;
    const old = await readOldPairs(task.previous!.output('pairs'), local);
    await task.progress(0);
    const isPossible = sketchTest(local.sketches, (form) => form);
    const renumbered = earlier && renumber(earlier, local);
    const similarities = createSimilarities(task, local, { old, found: renumbered?.found ?? new LargeMap() });
    const marking = { changed, bands, isPossible, before: earlierSimilarities(old), now: similarities };
    // What forms that appeared need is asked for at once, so that most texts are read once.
    if (!earlier)
      await findOpenPairs(
        { local, probes, bands, marked: new Uint8Array(local.count) },
        isPossible,
        similarities,
      );
    const marked = renumbered?.marked ?? (await markForms(local, marking));
    const found = { local, marked, probes, old, isPossible, similarities };
    if (!addProbes(local, marked, probes, bands)) return found;
    earlier = found;
  }
}

/** What was found among fewer forms: which are marked does not depend on those that a later scan adds. */
function renumber({ local, marked, similarities }: Found, now: LocalForms) {
  const places = Int32Array.from(local.hashes, (hash) => now.numberOf(hash));
  const marks = new Uint8Array(now.count);
  for (const [form, place] of places.entries()) marks[place] = marked[form];
  const found = new LargeMap<number, number>();
  for (const [code, similarity] of similarities.measured) {
    const ends = [Math.floor(code / local.count), code % local.count];
    found.set(places[ends[0]] * now.count + places[ends[1]], similarity);
  }
  return { marked: marks, found };
}

function probesOf({ old, now }: ChangedDocuments, bands: number): Probes {
  const probes = { hashes: new HexIndex(), buckets: new BandSet(), addresses: new HexIndex() };
  for (const { hash, address, bands: bytes } of [...old, ...now]) {
    probes.hashes.addHex(hash);
    if (address !== undefined) probes.addresses.addHex(address);
    for (const [band, digest] of readDigests(bytes, bands).entries()) probes.buckets.add(band, digest);
  }
  return probes;
}
