// A thread of the cpu executor: links its schedule, then takes tasks as the control block announces them.

import { parentPort, workerData } from 'node:worker_threads';
import { control, stopped, waitWhile, workOff } from './control.ts';
import { linkTask, type Task } from './link.ts';
import { instantiateKernels, type SharedMemory } from './wasm.ts';

/** What the engine starts a thread with; the arrays are shared. */
export interface LaneData {
  readonly block: Int32Array;
  readonly memory: SharedMemory;
  readonly phases: readonly (readonly Task[])[];
  readonly arena: number;
  readonly scratch: number;
}

const { block, memory, phases, arena, scratch } = workerData as LaneData;
const lane = { wasm: instantiateKernels(memory), memory, arena, scratch };
const linked = phases.map((tasks) => tasks.map((task) => linkTask(task, lane)));
let generation = Atomics.load(block, control.generation);
parentPort?.postMessage('ready');
while (generation !== stopped) {
  workOff(block, linked);
  waitWhile(block, control.generation, generation);
  generation = Atomics.load(block, control.generation);
}
