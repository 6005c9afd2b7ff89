// The cpu executor: operations run one after another, each split over the threads (phases.ts), in one shared memory.
// All programs share one arena and one scratch a thread, since runs follow each other. The result has the same bits for
// any number of threads.

import { setImmediate } from 'node:timers/promises';
import type { CompileOptions, Executable, Executor, HostData, Tensor } from '../executor.ts';
import { lower } from '../lower.ts';
import { sizeOf, type Type } from '../program.ts';
import { checkDonation, checkLength, checkTypes, createTensorTable } from '../tensor-table.ts';
import { copyPassedInputs } from './copy-passed-inputs.ts';
import { createHeap, type Heap } from './heap.ts';
import { isNative, viewOf } from './kernels.ts';
import { checkFits, countBytes } from './memory-limit.ts';
import { planProgram, type Plan } from './plan.ts';
import { rewrite } from './rewrite.ts';
import { startThreads, type Threads } from './threads.ts';
import { createMemory, readScratchBytes } from './wasm.ts';

export interface CpuExecutorOptions {
  /** They share every operation; more than the machine has cores only costs. */
  readonly threads?: number;
}

export interface CpuExecutor extends Executor {
  /** Bytes of tensors, arena and scratch that are in use, and the most memory that was ever taken. */
  memory(): { readonly usedBytes: number; readonly peakBytes: number };
}

interface Compiled {
  readonly number: number;
  readonly plan: Plan;
  readonly inputIndex: ReadonlyMap<string, number>;
}

/** Opens an executor on threads of its own, which start with the first program. */
export function openCpuExecutor({ threads: count = 1 }: CpuExecutorOptions = {}): CpuExecutor {
  const memory = createMemory();
  const heap = createHeap(memory);
  const scratchBytes = readScratchBytes(memory);
  const table = createTensorTable<number>('cpu');
  const compiled = new Map<Executable, Compiled>();
  const workspace = createWorkspace(heap, count);
  let starting: Promise<Threads> | undefined;
  let programs = 0;
  let isClosed = false;
  let running: Promise<unknown> = Promise.resolve();
  let runs = 0;
  let released: number[] = []; // blocks that were given up while something ran

  const bytesOf = (type: Type) => sizeOf(type.shape) * 4;
  const give = (address: number) => (runs > 0 ? void released.push(address) : heap.give(address));

  function compile(program: Executable['program'], options: CompileOptions = {}): Executable {
    if (isClosed) throw new TypeError('the cpu executor is closed');
    const { donate = {} } = options;
    checkDonation(program, donate);
    checkTypes('cpu', program, ['f32', 'i32', 'u32', 'bool']);
    const lowered = rewrite(lower(copyPassedInputs(program), isNative));
    const plan = planProgram(lowered, new Map(Object.entries(donate)));
    const needs = { arenaBytes: plan.arenaBytes, scratchBytes: (scratchBytes + plan.threadBytes) * count };
    checkFits(countBytes(program, options, needs));
    const executable = { program, donate, workingBytes: needs.arenaBytes + needs.scratchBytes };
    const number = programs++;
    compiled.set(executable, {
      number,
      plan,
      inputIndex: new Map(program.inputs.map(({ name }, i) => [name, i])),
    });
    starting ??= startThreads(memory, count);
    starting.then(({ link }) => link(number, plan, donate)).catch(() => {}); // a run reports it
    return executable;
  }

  async function runBound(
    { program, donate }: Executable,
    { number, plan, inputIndex }: Compiled,
    inputs: Float64Array,
  ): Promise<Record<string, Tensor>> {
    const threads = await (starting as Promise<Threads>);
    const plans = [...compiled.values()].map((one) => one.plan);
    const { arena, scratch } = workspace.reserve([plan, ...plans], scratchBytes, plan);
    const outputs = Float64Array.from(program.outputs, ({ name, value }) =>
      donate[name] === undefined ? heap.take(bytesOf(value)) : inputs[inputIndex.get(donate[name]) as number],
    );
    try {
      // However short a run is, the event loop turns once.
      await Promise.all([threads.run(number, { arena, inputs, outputs }, scratch), setImmediate()]);
    } catch (error) {
      outputs.forEach((address) => heap.give(address)); // donated buffers too: their tensors are gone
      throw error;
    }
    return Object.fromEntries(
      program.outputs.map(({ name, value }, i) => [name, table.add(value, outputs[i])]),
    );
  }

  return {
    name: 'cpu',
    compile: async (program, options) => Promise.resolve(compile(program, options)),
    async upload(type, data) {
      checkLength(type, data);
      const address = heap.take(bytesOf(type));
      viewOf(memory, address, type).set(data);
      return Promise.resolve(table.add(type, address));
    },
    allocate: (type) => Promise.resolve(table.add(type, heap.takeZeroed(bytesOf(type)))),
    async run(executable, inputs) {
      if (isClosed) throw new TypeError('the cpu executor is closed');
      const ready = compiled.get(executable);
      if (!ready) throw new TypeError('the executable was disposed of');
      const bound = table.bind(executable, inputs);
      const addresses = Float64Array.from(bound);
      for (const name of Object.values(executable.donate)) table.remove(inputs[name]);
      runs++;
      const result = running.then(() => runBound(executable, ready, addresses));
      running = result.catch(() => {});
      try {
        return await result;
      } finally {
        if (--runs === 0) {
          released.forEach((address) => heap.give(address));
          released = [];
        }
      }
    },
    download: async (tensor) =>
      Promise.resolve(viewOf(memory, table.find(tensor), tensor).slice() as HostData),
    downloadPart: async (tensor, from, to) =>
      Promise.resolve(viewOf(memory, table.find(tensor), tensor).slice(from, to) as HostData),
    dispose(...what) {
      for (const one of what) {
        if ('executor' in one) {
          const address = table.remove(one);
          if (address !== undefined) give(address);
          continue;
        }
        const known = compiled.get(one);
        compiled.delete(one);
        if (known) starting?.then(({ forget }) => forget(known.number)).catch(() => {});
      }
    },
    async close() {
      isClosed = true;
      await running;
      await (await starting?.catch(() => undefined))?.close();
    },
    memory: () => ({ usedBytes: heap.usedBytes, peakBytes: heap.topBytes }),
  };
}

/** The arena and the threads' scratch: as large as the largest program needs, replaced when a larger one runs. */
function createWorkspace(heap: Heap, threads: number) {
  let arena = { address: 0, bytes: -1 };
  let scratch = { addresses: [] as number[], bytes: -1 };
  return {
    reserve(plans: readonly Plan[], scratchBytes: number, { arenaBytes, threadBytes }: Plan) {
      if (arena.bytes < arenaBytes) {
        if (arena.bytes >= 0) heap.give(arena.address);
        const bytes = Math.max(...plans.map((plan) => plan.arenaBytes));
        arena = { address: heap.take(bytes), bytes };
      }
      if (scratch.bytes < scratchBytes + threadBytes) {
        scratch.addresses.forEach((address) => heap.give(address));
        const bytes = scratchBytes + Math.max(...plans.map((plan) => plan.threadBytes));
        scratch = { addresses: Array.from({ length: threads }, () => heap.take(bytes)), bytes };
      }
      return { arena: arena.address, scratch: scratch.addresses };
    },
  };
}
