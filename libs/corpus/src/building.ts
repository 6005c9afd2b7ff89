// What the parts of a build share while it runs, and the small things that all of them do.

import { DataError } from '@gristmill/core';
import type { BuildRun } from './build-run.ts';
import type { BuildState } from './build-state.ts';
import type { Step } from './steps.ts';

export interface Effort {
  computed: number;
  reused: number;
  seconds: number;
}

/** What the parts of a build share while it runs. */
export interface Building {
  readonly run: BuildRun;
  readonly steps: readonly Step[];
  readonly state: BuildState;
  readonly previous: BuildState;
  readonly effort: Record<string, Effort>;
  readonly drift: string[];
  readonly pins: Record<string, string>;
}

export function addEffort(
  building: Building,
  step: string,
  { computed, reused }: Pick<Effort, 'computed' | 'reused'>,
): void {
  const effort = (building.effort[step] ??= { computed: 0, reused: 0, seconds: 0 });
  effort.computed += computed;
  effort.reused += reused;
}

export async function timed<T>(building: Building, step: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  try {
    return await work();
  } finally {
    addEffort(building, step, { computed: 0, reused: 0 });
    building.effort[step].seconds += (performance.now() - start) / 1000;
  }
}

/** SHA-256 of the pins that a stage uses; they also become part of the manifest. */
export function artefactDigests(building: Building, names: readonly string[]): Record<string, string> {
  const { lock } = building.run;
  const digests: Record<string, string> = {};
  for (const name of names) {
    const pin = lock.pins[name];
    if (!pin) {
      throw new DataError(
        'no-such-pin',
        `no ${name} is pinned in ${lock.file}`,
        `add the step that trains ${name} before the step that uses it`,
      );
    }
    digests[name] = pin.sha256;
    building.pins[name] = pin.sha256;
  }
  return digests;
}

export async function inBatches<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  size = 32,
): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += size)
    results.push(...(await Promise.all(items.slice(at, at + size).map(work))));
  return results;
}
