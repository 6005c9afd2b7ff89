// How the threads of one schedule share work: an array of 32-bit integers in shared memory. A ticket holds (phase, next
// task) in one integer, so taking a task is one atomic addition, and a late thread can never take one of another phase.
// Which thread does which task is left to chance; what a task computes does not depend on it.

/** Fields of the control block. */
export const control = { generation: 0, ticket: 1, done: 2, failed: 3, fields: 16 } as const;

export const stopped = -1;
const spins = 2000;

/** The ticket that opens a phase, numbered from 0. A ticket of 0 says that there is nothing to do. */
export function openPhase(phase: number): number {
  return (phase + 1) << 16;
}

/** Waits until the field differs from `value`; spins briefly first, since a wake-up costs more than most waits. */
export function waitWhile(block: Int32Array, field: number, value: number): void {
  for (let i = 0; i < spins; i++) if (Atomics.load(block, field) !== value) return;
  while (Atomics.load(block, field) === value) Atomics.wait(block, field, value);
}

/** Takes tasks of the open phase until none is left. At most 65,535 tasks a phase, threads included. */
export function workOff(block: Int32Array, phases: readonly (readonly (() => void)[])[]): void {
  for (;;) {
    const ticket = Atomics.add(block, control.ticket, 1);
    const tasks = phases[(ticket >>> 16) - 1];
    const task = ticket & 0xffff;
    if (tasks === undefined || task >= tasks.length) return;
    try {
      tasks[task]();
    } catch (error) {
      Atomics.store(block, control.failed, 1);
      throw error;
    } finally {
      Atomics.add(block, control.done, 1);
      Atomics.notify(block, control.done);
    }
  }
}
