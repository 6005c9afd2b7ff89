// What a kernel of the cpu executor is: it links an operation to the WebAssembly functions once, as stages of tasks that
// threads share; addresses are filled in before each run. The tasks of a stage are independent of each other. How work
// is cut into tasks never shows in the result: sums whose order matters are cut by shapes alone, not by threads.

import type { Operation, Value } from '../program.ts';
import type { SharedMemory, Wasm } from './wasm.ts';

/** A place in memory, in bytes; set anew before a run. */
export interface Pointer {
  address: number;
}

export interface Stage {
  readonly tasks: number;
  run(task: number): void;
}

/** What a kernel is linked with on a thread. */
export interface Linkage {
  readonly wasm: Wasm;
  readonly memory: SharedMemory;
  readonly threads: number;
  at(value: Value): Pointer;
  /** Scratch of `temporaryBytes`, the same for all threads. */
  readonly temporary: Pointer;
  /** The thread's own scratch: that of the matrix product, then `threadBytes`. */
  readonly scratch: Pointer;
  readonly ownScratch: Pointer;
  readonly destroys: boolean;
}

export interface Kernel {
  /** For each output, inputs whose place it may take over: read and written element by element, or added to. */
  readonly takesOver?: readonly (readonly number[])[];
  /** All outputs are read and written element by element, so they may lie where inputs lie. */
  readonly isElementwise?: boolean;
  /** Output 0 is input 0 under another shape: nothing is computed. */
  readonly isView?: boolean;
  /** An input that the kernel may use as scratch when nobody reads it later. */
  readonly destroys?: number;
  temporaryBytes?(operation: Operation, destroys: boolean): number;
  threadBytes?(operation: Operation): number;
  link(operation: Operation, linkage: Linkage): Stage | readonly Stage[];
}

/** A stage of one task. */
export const once = (run: () => void): Stage => ({ tasks: 1, run });

interface Division {
  readonly threads: number;
  /** Least size of a part that is worth a task. */
  readonly grain: number;
  /** Parts are multiples of this. */
  readonly unit?: number;
}

/** Cuts [0, total) into a few equal ranges a thread; for work whose result does not depend on the cut. */
export function overRanges(
  total: number,
  { threads, grain, unit = 1 }: Division,
  run: (from: number, to: number) => void,
): Stage {
  const most = threads === 1 ? 1 : 2 * threads;
  const wanted = Math.max(1, Math.min(most, Math.floor(total / grain)));
  const size = Math.max(unit, Math.ceil(total / wanted / unit) * unit);
  return {
    tasks: Math.ceil(total / size),
    run: (task) => run(task * size, Math.min(total, (task + 1) * size)),
  };
}

/** Elements a task of elementwise work. */
export const elementGrain = 16_384;
