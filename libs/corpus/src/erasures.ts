// `raw/erasures.jsonl`: who asked for what to be forgotten, when, and what was done about it; one JSON object a line, oldest
// first, kept for ever. A tombstone says what never comes back; an erasure is the answer to a request. What was forgotten
// is named as the tombstone names it; its text is nowhere.

import { DataError } from '@gristmill/core';
import type { Store } from '@gristmill/storage';
import type { Tombstone } from './tombstones.ts';
import type { TrainedSteps } from './training-runs.ts';

export const erasureKinds = ['erasure', 'objection', 'copyright', 'court'] as const;
export type ErasureKind = (typeof erasureKinds)[number];

/** What is known of a request; all of it may be left out. */
export interface ErasureRequest {
  readonly requestId?: string;
  /** ISO 8601 date. */
  readonly receivedAt?: string;
  readonly kind?: ErasureKind;
  /** What was answered, or where the answer lies. */
  readonly answer?: string;
}

export interface Erasure extends ErasureRequest {
  readonly requestId: string;
  readonly match: { readonly type: 'id' | 'url' | 'domain'; readonly value: string };
  /** ISO 8601, when the documents were marked. */
  readonly decidedAt: string;
  /** The first build without them; absent while the update is not done. */
  readonly build?: string;
  readonly documentsRemoved: number;
  /** Those of them that had been left out as duplicates already. */
  readonly copiesRemoved: number;
  /** Documents that had been left out in favour of one that went, and are kept since. */
  readonly survivorsReElected: number;
  /** WARC files and logs that were written anew. */
  readonly warcRewritten: readonly string[];
  readonly runs: readonly SeenByRun[];
  /** Ids that may be elected, until the update is done. */
  readonly pending?: readonly string[];
}

/** What a training run saw of it before. */
export interface SeenByRun {
  readonly run: string;
  /** First and last of steps that follow each other, from 1. */
  readonly steps: readonly (readonly [number, number])[];
  /** Of the documents, in those steps. */
  readonly tokens: number;
}

export const erasureFile = 'raw/erasures.jsonl';

/** @throws DataError `erasures-damaged` */
export async function readErasures(store: Store): Promise<Erasure[]> {
  if (!(await store.stat(erasureFile))) return [];
  const text = new TextDecoder().decode(await store.read(erasureFile));
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      const erasure = JSON.parse(line) as Erasure;
      if (typeof erasure.match.value === 'string' && typeof erasure.decidedAt === 'string') return [erasure];
      throw new TypeError('no match, or no date');
    } catch (cause) {
      throw new DataError(
        'erasures-damaged',
        `line ${index + 1} of ${erasureFile} is no record of an erasure`,
        'restore the file from a copy: it is what shows that requests were answered',
        { cause },
      );
    }
  });
}

export async function writeErasures(store: Store, erasures: readonly Erasure[]): Promise<void> {
  await store.replace(erasureFile, erasures.map((erasure) => `${JSON.stringify(erasure)}\n`).join(''));
}

export function matchOf({ id, url, domain }: Tombstone): Erasure['match'] {
  if (id !== undefined) return { type: 'id', value: id };
  return url !== undefined ? { type: 'url', value: url } : { type: 'domain', value: domain! };
}

/** Steps of several documents, run by run. */
export function seenByRuns(trained: readonly TrainedSteps[]): SeenByRun[] {
  return [...Map.groupBy(trained, ({ run }) => run)].flatMap(([run, seen]) => {
    const steps = [...new Set(seen.flatMap((one) => one.steps))].sort((a, b) => a - b);
    const tokens = seen.reduce((sum, one) => sum + one.tokens, 0);
    return steps.length === 0 ? [] : [{ run, steps: stretches(steps), tokens }];
  });
}

/** @example stretches([1, 2, 3, 7]) // [[1, 3], [7, 7]] */
function stretches(steps: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const step of steps) {
    const last = found.at(-1);
    if (last?.[1] === step - 1) last[1] = step;
    else found.push([step, step]);
  }
  return found;
}
