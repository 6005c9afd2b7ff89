// Which documents a tokenizer is trained on, where sources or languages shall weigh other than by their size, or where a
// part of the text is enough. First every document is noted, then the plan says of each whether it is taken: those of a
// group whose seeded hash of the id is least, up to the group's share of the bytes. So the sample depends on the set of
// documents, the weights and the seed, and not on order, batches or threads. No document is taken twice.

import { DataError, sha256 } from '@gristmill/core';

export interface SampleOptions {
  /** Of text in UTF-8, at most. Absent: as much as the weights allow when no group lacks text, or all without weights. */
  readonly bytes?: number;
  readonly seed?: number;
  /** Source → weight of its bytes, relative to the others; 1 where it is not named, 0 leaves it out. */
  readonly sources?: Readonly<Record<string, number>>;
  /** The same of languages, inside each source. `und` = unknown. */
  readonly languages?: Readonly<Record<string, number>>;
}

export interface SampledDocument {
  readonly id: string;
  readonly source: string;
  readonly language?: string;
}

export interface GroupShare {
  /** Undefined where the weights do not tell sources apart. */
  readonly source?: string;
  readonly language?: string;
  readonly weight: number;
  /** What the group has, and what of it is taken. */
  readonly bytes: number;
  readonly taken: number;
}

export interface SamplePlan {
  readonly groups: readonly GroupShare[];
  takes(document: SampledDocument): boolean;
}

export interface TextSample {
  note(document: SampledDocument, bytes: number): void;
  /** @throws DataError `sample-weights` when a name never occurred or nothing has a weight */
  plan(): SamplePlan;
}

interface Group {
  readonly source?: string;
  readonly language?: string;
  readonly weight: number;
  bytes: number;
  /** Bytes by the leading bits of the documents' hashes. */
  readonly buckets: Float64Array;
}

const bucketBits = 16;

/** @throws DataError `sample-weights` */
export function createSample(options: SampleOptions): TextSample {
  const { sources, languages, seed = 0, bytes } = options;
  checkOptions(options);
  const groups = new Map<string, Group>();
  const names = new Set<string>();
  const keyOf = ({ source, language = 'und' }: SampledDocument): string =>
    JSON.stringify([sources && source, languages && language]);
  const bucketOf = (id: string): number => parseInt(sha256(`${seed} ${id}`).slice(0, bucketBits / 4), 16);
  const open = ({ source, language = 'und' }: SampledDocument): Group => ({
    ...(sources && { source }),
    ...(languages && { language }),
    weight: weightOf(sources, source) * weightOf(languages, language),
    bytes: 0,
    buckets: new Float64Array(2 ** bucketBits),
  });
  return {
    note(document, size) {
      const key = keyOf(document);
      let group = groups.get(key);
      if (group === undefined) groups.set(key, (group = open(document)));
      names.add(document.source).add(`language:${document.language ?? 'und'}`);
      group.bytes += size;
      group.buckets[bucketOf(document.id)] += size;
    },
    plan() {
      refuseUnknown(names, options);
      const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
      const isWeighted = sources !== undefined || languages !== undefined;
      const shares = divide(
        sorted.map(([, group]) => group),
        bytes ?? (isWeighted ? undefined : Infinity),
      );
      const limits = new Map(sorted.map(([key, group], i) => [key, limitOf(group, shares[i])]));
      return {
        groups: sorted.map(([key, { buckets, ...group }]) => ({
          ...group,
          taken: buckets.subarray(0, limits.get(key)).reduce((sum, size) => sum + size, 0),
        })),
        takes: (document) => bucketOf(document.id) < (limits.get(keyOf(document)) ?? 0),
      };
    },
  };
}

function weightOf(weights: Readonly<Record<string, number>> | undefined, name: string): number {
  return weights !== undefined && Object.hasOwn(weights, name) ? weights[name] : 1;
}

/** Bytes of each group: the budget by weight; what a group lacks of its share goes to the others. */
function divide(groups: readonly Group[], budget: number | undefined): number[] {
  const shares = groups.map(() => 0);
  let open = groups.flatMap((group, i) => (group.weight > 0 && group.bytes > 0 ? [i] : []));
  if (open.length === 0) throw badWeights('no text has a weight');
  const weightOfAll = (): number => open.reduce((sum, i) => sum + groups[i].weight, 0);
  let left = budget ?? weightOfAll() * Math.min(...open.map((i) => groups[i].bytes / groups[i].weight));
  while (open.length > 0) {
    const unit = left / weightOfAll();
    const short = open.filter((i) => groups[i].bytes <= unit * groups[i].weight);
    for (const i of short.length > 0 ? short : open) {
      shares[i] = short.length > 0 ? groups[i].bytes : unit * groups[i].weight;
      left -= shares[i];
    }
    open = short.length > 0 ? open.filter((i) => !short.includes(i)) : [];
  }
  return shares;
}

/** The first bucket that is not taken. */
function limitOf({ buckets, bytes }: Group, share: number): number {
  if (share >= bytes) return buckets.length;
  let sum = 0;
  return buckets.findIndex((size) => (sum += size) > share);
}

function checkOptions({ bytes, seed = 0, sources = {}, languages = {} }: SampleOptions): void {
  const weights = [...Object.values(sources), ...Object.values(languages)];
  if (weights.some((weight) => !(weight >= 0 && Number.isFinite(weight)))) {
    throw badWeights('a weight is negative or no number');
  }
  if (bytes !== undefined && !(Number.isFinite(bytes) && bytes > 0))
    throw badWeights('its bytes are no number above 0');
  if (!Number.isSafeInteger(seed)) throw badWeights('its seed is no integer');
}

function refuseUnknown(names: ReadonlySet<string>, { sources = {}, languages = {} }: SampleOptions): void {
  const asked = [...Object.keys(sources), ...Object.keys(languages).map((name) => `language:${name}`)];
  const unknown = asked.find((name) => !names.has(name));
  if (unknown !== undefined) throw badWeights(`there is no text of ${unknown}`);
}

function badWeights(why: string): DataError {
  return new DataError(
    'sample-weights',
    `the sample to train on cannot be taken: ${why}`,
    'give weights such as {"sources": {"books": 2, "web": 1}} and a size in bytes',
  );
}
