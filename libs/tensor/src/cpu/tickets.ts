// How threads share the tasks of a run: a control block of 32-bit integers in shared memory. A thread draws the next
// task by one atomic addition and begins it when all tasks of earlier phases are done. Which thread does which task is
// left to chance; what a task computes does not depend on it.

import type { Work } from './phases.ts';

/** Fields of the control block of one run. */
const control = { next: 0, done: 1, failed: 2, fields: 16 } as const;

/** Runs in turn use these blocks in turn, so that a thread that comes late to a run finds it over. */
export const controlBlocks = 8;

export function createControls(): Int32Array[] {
  return Array.from(
    { length: controlBlocks },
    () => new Int32Array(new SharedArrayBuffer(control.fields * 4)),
  );
}

export function resetControl(block: Int32Array): void {
  block.fill(0);
}

// A wake-up costs more than most waits, but on a busy machine the thread that is waited for may not be running.
const spins = 6000;

/** Does tasks until none is left. True for the thread that finishes the last one. Throws what a task throws. */
export function workOff(block: Int32Array, { tasks, after }: Work): boolean {
  for (;;) {
    const task = Atomics.add(block, control.next, 1);
    if (task >= tasks.length) return tasks.length === 0 && task === 0;
    if (!waitForTasks(block, after[task])) return false;
    try {
      tasks[task]();
    } catch (error) {
      Atomics.store(block, control.failed, 1);
      Atomics.add(block, control.done, 1);
      Atomics.notify(block, control.done);
      throw error;
    }
    const done = Atomics.add(block, control.done, 1) + 1;
    if (done === tasks.length) return true;
    // Whoever waits, waits for the end of a phase.
    if (after[done] === done) Atomics.notify(block, control.done);
  }
}

/** Waits until `count` tasks are done; false when another thread failed. */
function waitForTasks(block: Int32Array, count: number): boolean {
  for (let i = 0; i < spins; i++) if (Atomics.load(block, control.done) >= count) break;
  for (;;) {
    if (Atomics.load(block, control.failed) !== 0) return false;
    const done = Atomics.load(block, control.done);
    if (done >= count) return true;
    Atomics.wait(block, control.done, done);
  }
}
