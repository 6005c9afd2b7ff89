// How a task on any thread tells how far it is and learns that it should stop: four numbers in shared memory.
// Nothing of it reaches an output.

import { DataError } from '@gristmill/core';

export interface Meter {
  /** Counts work done; throws `Stopped` when the run was asked to stop. */
  add(documents: number, bytes: number): Promise<void>;
}

/** Int32: stop flag, documents, KiB. */
export type MeterCells = SharedArrayBuffer;

export function createMeterCells(): MeterCells {
  return new SharedArrayBuffer(12);
}

export function createMeter(cells: MeterCells): Meter {
  const view = new Int32Array(cells);
  let rest = 0;
  return {
    async add(documents, bytes) {
      rest += bytes;
      Atomics.add(view, 1, documents);
      Atomics.add(view, 2, rest >> 10);
      rest &= 1023;
      if (Atomics.load(view, 0) !== 0) throw stopped();
      await Promise.resolve();
    },
  };
}

export function readMeter(cells: MeterCells): { documents: number; bytes: number } {
  const view = new Int32Array(cells);
  return { documents: Atomics.load(view, 1), bytes: Atomics.load(view, 2) * 1024 };
}

export function resetMeter(cells: MeterCells): void {
  const view = new Int32Array(cells);
  Atomics.store(view, 1, 0);
  Atomics.store(view, 2, 0);
}

export function requestStop(cells: MeterCells): void {
  Atomics.store(new Int32Array(cells), 0, 1);
}

export function isStopRequested(cells: MeterCells): boolean {
  return Atomics.load(new Int32Array(cells), 0) !== 0;
}

export function stopped(): DataError {
  return new DataError('stopped', 'stopped by a signal', 'run the same command again: it carries on');
}
