// What the parts of a build share while it runs, and the small things that all of them do.

import { createRecord, DataError, ownValue } from '@gristmill/core';
import type { BuildRun } from './build-run.ts';
import type { BuildState } from './build-state.ts';
import type { Step } from './steps.ts';

export interface Effort {
  computed: number;
  reused: number;
  seconds: number;
  /** Of all threads of this process while the step ran; steps that run as one chain share it equally. */
  cpuSeconds: number;
}

export const noEffort = (): Effort => ({ computed: 0, reused: 0, seconds: 0, cpuSeconds: 0 });

/** What the parts of a build share while it runs. */
export interface Building {
  readonly run: BuildRun;
  readonly steps: readonly Step[];
  readonly state: BuildState;
  readonly previous: BuildState;
  readonly effort: Record<string, Effort>;
  readonly drift: string[];
  readonly warnings: string[];
  /** Path that a training step learns from → states of its files. */
  readonly watched: Record<string, string>;
  readonly pins: Record<string, string>;
}

export function addEffort(
  building: Building,
  step: string,
  { computed, reused }: Pick<Effort, 'computed' | 'reused'>,
): void {
  const effort = (building.effort[step] ??= noEffort());
  effort.computed += computed;
  effort.reused += reused;
}

export async function timed<T>(
  building: Building,
  steps: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  try {
    return await work();
  } finally {
    const { user, system } = process.cpuUsage(cpu);
    for (const step of steps) {
      const effort = (building.effort[step] ??= noEffort());
      effort.seconds += (performance.now() - start) / 1000 / steps.length;
      effort.cpuSeconds += (user + system) / 1e6 / steps.length;
    }
  }
}

/** SHA-256 of the pins that a stage uses; they also become part of the manifest. */
export function artefactDigests(building: Building, names: readonly string[]): Record<string, string> {
  const { lock } = building.run;
  const digests = createRecord<string>();
  for (const name of names) {
    const pin = ownValue(lock.pins, name);
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
