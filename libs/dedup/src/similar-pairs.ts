// From band digests to verified pairs. Small buckets propose all their pairs; a bucket of more than 50 texts proposes
// stars: its least text is the centre, the others are verified against it, those below .5 form the next star, at most
// 16. Sketches spare hopeless verifications. Everything is a function of the set of texts: no order, no threads.

import { BucketList, forEachBucket } from './buckets.ts';
import { findCode, PairSet } from './pair-set.ts';
import { sketchBytes, type Scheme } from './scheme.ts';

/** The least similarity that is an edge; what is below is kept only so as not to be measured again. */
export const leastEdge = 0.5;
export const largestBucket = 50;
export const mostStars = 16;
/** Equal sketch bytes below which no pair is verified: of 64, a pair of .5 has fewer with probability 1e-4, one of .8 with 1e-17. */
const leastEqualBytes = 18;

/** Texts numbered in the order of their hashes. */
export interface SignatureSource {
  readonly texts: number;
  /** One digest a text. Called once a band, in order. */
  band(band: number): Uint32Array | Promise<Uint32Array>;
  /** 64 bytes for each text that is 1 in `wanted`, in order. */
  sketches(wanted: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** 1 = a text without words. */
  readonly empty?: Uint8Array;
}

/** Measures the Jaccard similarity of pairs (codes a × texts + b, ascending). */
export type MeasurePairs = (codes: Float64Array) => Promise<Float64Array>;

export interface SimilarPairs {
  /** a × texts + b, a < b, ascending. */
  readonly codes: Float64Array;
  readonly similarities: Float64Array;
  /** 1: a is the centre of a star that holds b. */
  readonly stars: Uint8Array;
  /** 1: documents of the two have one address. */
  readonly sameAddress: Uint8Array;
}

/** The pairs with others that an address proposed, marked. @param codes ascending */
export async function addPairs(
  pairs: SimilarPairs,
  codes: Float64Array,
  measure: MeasurePairs,
): Promise<SimilarPairs> {
  const all = await addMeasured(pairs, codes, measure);
  for (const code of codes) all.sameAddress[findCode(all.codes, code)] = 1;
  return all;
}

export async function findSimilarPairs(
  source: SignatureSource,
  scheme: Scheme,
  measure: MeasurePairs,
): Promise<SimilarPairs> {
  const buckets = new BucketList();
  const [room, skip] = [new Float64Array(source.texts), source.empty];
  for (let band = 0; band < scheme.bands; band++)
    forEachBucket(await source.band(band), (members) => buckets.push(members), { room, skip });
  const isPossible = await openSketches(source, sharedTexts(source.texts, buckets));
  const pairs = new PairSet(source.texts);
  const large: Uint32Array[] = [];
  for (const members of buckets) {
    if (members.length > largestBucket) large.push(members);
    else proposeAll(members, pairs, isPossible);
  }
  const codes = pairs.settle().slice();
  const [stars, sameAddress] = [new Uint8Array(codes.length), new Uint8Array(codes.length)];
  const measured = { codes, similarities: await measure(codes), stars, sameAddress };
  return growStars(measured, large, { texts: source.texts, isPossible, measure });
}

/** Texts that share a bucket with another. */
function sharedTexts(texts: number, buckets: Iterable<Uint32Array>): Uint8Array {
  const shared = new Uint8Array(texts);
  for (const members of buckets) for (const member of members) shared[member] = 1;
  return shared;
}

export type PairTest = (a: number, b: number) => boolean;

async function openSketches(source: SignatureSource, shared: Uint8Array): Promise<PairTest> {
  const sketches = await source.sketches(shared);
  const places = new Uint32Array(source.texts);
  for (let i = 0, place = 0; i < source.texts; i++) if (shared[i] === 1) places[i] = place++;
  return sketchTest(sketches, (text) => places[text]);
}

/** Whether two texts have enough of a sketch in common to be measured. @param sketches at a multiple of four in its buffer; @param placeOf number of a text's sketch */
export function sketchTest(sketches: Uint8Array, placeOf: (text: number) => number): PairTest {
  const words = new Uint32Array(sketches.buffer, sketches.byteOffset, sketches.length / 4);
  return (a, b) => {
    let [i, j] = [placeOf(a) * sketchWords, placeOf(b) * sketchWords];
    let equal = 0;
    for (const end = i + sketchWords; i < end; i++, j++) equal += zeroBytes(words[i] ^ words[j]);
    return equal >= leastEqualBytes;
  };
}

const sketchWords = sketchBytes / 4;

/** How many of the four bytes are 0: each leaves its high bit (Warren, Hacker's Delight, 6-1). */
function zeroBytes(word: number): number {
  const low = (word & 0x7f7f7f7f) + 0x7f7f7f7f;
  return Math.imul(~(low | word | 0x7f7f7f7f) >>> 7, 0x01010101) >>> 24;
}

function proposeAll(members: Uint32Array, pairs: PairSet, isPossible: PairTest): void {
  for (let i = 0; i < members.length; i++) {
    for (let j = i + 1; j < members.length; j++) {
      if (isPossible(members[i], members[j])) pairs.add(members[i], members[j]);
    }
  }
}

interface StarContext {
  readonly texts: number;
  readonly isPossible: PairTest;
  readonly measure: MeasurePairs;
}

/** Rounds of stars over all large buckets at once, so that each round is one batch of measurements. */
async function growStars(
  pairs: SimilarPairs,
  buckets: Uint32Array[],
  { texts, isPossible, measure }: StarContext,
): Promise<SimilarPairs> {
  let found = pairs;
  let open = buckets;
  for (let star = 0; star < mostStars && open.length > 0; star++) {
    const wanted = new PairSet(texts);
    for (const [centre, ...members] of open)
      for (const member of members) if (isPossible(centre, member)) wanted.add(centre, member);
    found = await addMeasured(found, wanted.settle(), measure);
    open = open
      .map(([centre, ...members]) =>
        Uint32Array.from(members.filter((member) => !joinStar(found, centre * texts + member))),
      )
      .filter((members) => members.length > 1);
  }
  return found;
}

/** True, and marked as the centre's star, when the pair is an edge. Centres are the least of their bucket. */
function joinStar(pairs: SimilarPairs, code: number): boolean {
  const place = findCode(pairs.codes, code);
  if (place < 0 || pairs.similarities[place] < leastEdge) return false;
  pairs.stars[place] = 1;
  return true;
}

async function addMeasured(
  known: SimilarPairs,
  wanted: Float64Array,
  measure: MeasurePairs,
): Promise<SimilarPairs> {
  const missing = wanted.filter((code) => findCode(known.codes, code) < 0);
  return missing.length === 0 ? known : mergePairs(known, missing, await measure(missing));
}

function mergePairs(known: SimilarPairs, codes: Float64Array, similarities: Float64Array): SimilarPairs {
  const total = known.codes.length + codes.length;
  const merged = {
    codes: new Float64Array(total),
    similarities: new Float64Array(total),
    stars: new Uint8Array(total),
    sameAddress: new Uint8Array(total),
  };
  for (let i = 0, j = 0, k = 0; k < total; k++) {
    const isOld = j >= codes.length || (i < known.codes.length && known.codes[i] < codes[j]);
    merged.codes[k] = isOld ? known.codes[i] : codes[j];
    merged.similarities[k] = isOld ? known.similarities[i] : similarities[j];
    if (isOld) merged.stars[k] = known.stars[i++];
    else j++;
  }
  return merged;
}
