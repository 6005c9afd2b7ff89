// The cpu executor: programs run by WebAssembly kernels in one shared memory, on one or more threads. A schedule is a
// list of phases, a phase a list of independent tasks (a program with its buffers); threads take tasks as they become
// free, and a phase begins when the one before is done. The result is the same for any number of threads.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { DataError } from '@gristmill/core';
import { lower } from '../lower.ts';
import { sizeOf, type Program, type Type } from '../program.ts';
import type { Data } from '../reference-primitives.ts';
import { control, openPhase, stopped, workOff } from './control.ts';
import { foldScalars } from './fold-scalars.ts';
import { isNative, viewOf } from './kernels.ts';
import type { LaneData } from './lane.worker.ts';
import { linkTask, type Task } from './link.ts';
import { planProgram, type Plan } from './plan.ts';
import { createMemory, instantiateKernels, type SharedMemory } from './wasm.ts';

/** A tensor in the executor's memory; `data` is a live view of it. */
export interface CpuBuffer {
  readonly address: number;
  readonly data: Data;
}

export interface CpuTask {
  readonly plan: Plan;
  readonly inputs: Readonly<Record<string, CpuBuffer>>;
  readonly outputs: Readonly<Record<string, CpuBuffer>>;
}

export interface Schedule {
  /** Does every phase once; blocks until all is done. */
  run(): void;
  close(): Promise<void>;
}

export interface CpuEngine {
  allocate(type: Type): CpuBuffer;
  /** Lowers and plans a program. `donated` maps an output to the input whose buffer it overwrites. */
  compile(program: Program, donated?: Readonly<Record<string, string>>): Plan;
  schedule(phases: readonly (readonly CpuTask[])[]): Promise<Schedule>;
}

const slack = 4096; // kernels may read a few vectors beyond an array

export function createCpuEngine({ threads = 1 }: { threads?: number } = {}): CpuEngine {
  const memory = createMemory();
  const wasm = instantiateKernels(memory);
  const reserve = createAllocator(memory);
  const scratchBytes = wasm.scratchBytes() as number;
  let arenas: { arena: number; bytes: number; scratch: number }[] = [];

  // Schedules run one at a time, so they share arenas; a larger one replaces them.
  function reserveArenas(count: number, bytes: number) {
    if (arenas.length < count || arenas[0].bytes < bytes)
      arenas = Array.from({ length: count }, () => ({
        arena: reserve(bytes),
        bytes,
        scratch: reserve(scratchBytes),
      }));
    return arenas;
  }

  return {
    allocate(type) {
      const address = reserve(sizeOf(type.shape) * 4);
      return { address, data: viewOf(memory, address, type) };
    },
    compile: (program, donated = {}) =>
      planProgram(foldScalars(lower(program, isNative)), new Map(Object.entries(donated))),
    async schedule(phases) {
      const tasks = phases.map((phase) => phase.map(resolveTask));
      const bytes = Math.max(0, ...tasks.flat().map(({ plan }) => plan.arenaBytes));
      const count = Math.max(1, Math.min(threads, ...[Math.max(...phases.map((phase) => phase.length))]));
      const lanes = reserveArenas(count, bytes);
      const block = new Int32Array(new SharedArrayBuffer(control.fields * 4));
      const workers = await Promise.all(
        lanes.slice(1, count).map((lane) => startWorker({ block, memory, phases: tasks, ...lane })),
      );
      const linked = tasks.map((phase) => phase.map((task) => linkTask(task, { wasm, memory, ...lanes[0] })));
      return { run: () => runPhases(block, linked), close: () => closeWorkers(block, workers) };
    },
  };
}

function resolveTask({ plan, inputs, outputs }: CpuTask): Task {
  const addresses = (buffers: Readonly<Record<string, CpuBuffer>>, names: readonly { name: string }[]) =>
    Object.fromEntries(
      names.map(({ name }) => {
        if (!buffers[name]) throw new TypeError(`no buffer is bound to ${name}`);
        return [name, buffers[name].address];
      }),
    );
  const { program } = plan;
  return { plan, inputs: addresses(inputs, program.inputs), outputs: addresses(outputs, program.outputs) };
}

/** Hands out zeroed memory, 64-byte aligned, never returned: an engine lives as long as its model. */
function createAllocator(memory: SharedMemory): (bytes: number) => number {
  const page = 65536;
  let next = page; // the first page belongs to the kernels' own constants
  return (bytes) => {
    const address = next;
    next += Math.ceil(bytes / 64) * 64 + 64;
    const missing = next + slack - memory.buffer.byteLength;
    if (missing > 0) growMemory(memory, Math.ceil(missing / page));
    return address;
  };
}

function growMemory(memory: SharedMemory, pages: number): void {
  try {
    memory.grow(pages);
  } catch (cause) {
    throw new DataError(
      'model-too-large-for-cpu',
      `the cpu executor cannot hold this model and batch: WebAssembly addresses at most 4 GiB`,
      'lower the micro-batch size (--set microBatchSize=1) or the sequence length, or use another executor',
      { cause },
    );
  }
}

async function startWorker(data: LaneData): Promise<Worker> {
  const worker = new Worker(new URL('./lane.worker.ts', import.meta.url), { workerData: data });
  await once(worker, 'message');
  worker.unref();
  return worker;
}

function runPhases(block: Int32Array, phases: readonly (readonly (() => void)[])[]): void {
  phases.forEach((tasks, phase) => {
    Atomics.store(block, control.done, 0);
    Atomics.store(block, control.ticket, openPhase(phase));
    Atomics.add(block, control.generation, 1);
    Atomics.notify(block, control.generation);
    workOff(block, phases);
    waitUntilDone(block, tasks.length);
  });
  Atomics.store(block, control.ticket, 0);
}

function waitUntilDone(block: Int32Array, tasks: number): void {
  for (let spins = 0; ; spins++) {
    const done = Atomics.load(block, control.done);
    if (Atomics.load(block, control.failed) !== 0) throw new Error('a thread of the cpu executor failed');
    if (done >= tasks) return;
    if (spins > 2000) Atomics.wait(block, control.done, done, 1000);
  }
}

async function closeWorkers(block: Int32Array, workers: readonly Worker[]): Promise<void> {
  Atomics.store(block, control.generation, stopped);
  Atomics.notify(block, control.generation);
  await Promise.all(workers.map((worker) => worker.terminate()));
}
