// Linking: a planned program, its bound buffers and one thread's arena become a list of functions to call.

import { sizeOf, type Value } from '../program.ts';
import { findKernel, type Linkage } from './kernels.ts';
import type { Plan } from './plan.ts';
import type { SharedMemory, Wasm } from './wasm.ts';

/** What one thread calls its own. Addresses in bytes. */
export interface Lane {
  readonly wasm: Wasm;
  readonly memory: SharedMemory;
  readonly arena: number;
  readonly scratch: number;
}

/** Addresses of the buffers bound to a program's inputs and outputs. */
export interface Bindings {
  readonly inputs: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, number>>;
}

/** A unit of work that one thread does from beginning to end. */
export interface Task extends Bindings {
  readonly plan: Plan;
}

export function linkTask({ plan, inputs, outputs }: Task, lane: Lane): () => void {
  const at = (value: Value): number => {
    const place = plan.places.get(value.id);
    if (place === undefined) throw new Error(`value ${value.id} has no place`);
    if (place.kind === 'arena') return lane.arena + place.offset;
    return (place.kind === 'input' ? inputs : outputs)[place.name];
  };
  const steps = plan.operations.map(({ operation, temporary, destroys }) => {
    const linkage: Linkage = { ...lane, at, temporary: lane.arena + temporary, destroys };
    return findKernel(operation).link(operation, linkage);
  });
  for (const { name, value } of plan.copies) steps.push(linkCopy(lane, at(value), outputs[name], value));
  return () => {
    for (const step of steps) step();
  };
}

function linkCopy({ memory }: Lane, from: number, to: number, value: Value): () => void {
  const all = new Uint8Array(memory.buffer);
  const bytes = sizeOf(value.shape) * 4;
  return () => void all.copyWithin(to, from, from + bytes);
}
