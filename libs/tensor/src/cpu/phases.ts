// Order and parallelism: the stages of a linked program, one list, become phases. The tasks of a phase are independent,
// a phase begins when the one before is done. An operation joins the phase before it where neither writes what the other
// reads or writes; operations of one task each that follow from each other become one task, so that threads need not
// meet between them.

import { sizeOf, type Value } from '../program.ts';
import { findKernel } from './kernels.ts';
import { once, type Linkage, type Pointer, type Stage } from './kernel.ts';
import type { Place, Plan } from './plan.ts';

/** A part of the arena or of a bound buffer: bytes [from, to). */
interface Region {
  readonly space: string;
  readonly from: number;
  readonly to: number;
}

interface Step {
  readonly stages: readonly Stage[];
  readonly reads: readonly Region[];
  readonly writes: readonly Region[];
}

/** Tasks of all phases in one list, with the number of tasks before each phase. */
export interface Work {
  readonly tasks: readonly (() => void)[];
  /** For each task, how many tasks must be done before it may begin. */
  readonly after: Int32Array;
}

export interface Linked {
  readonly work: Work;
  /** Sets the addresses for the next run. */
  bind(addresses: Addresses): void;
}

export interface Addresses {
  readonly arena: number;
  readonly scratch: number;
  /** In the order of the program's inputs and outputs. */
  readonly inputs: Float64Array;
  readonly outputs: Float64Array;
}

type Shared = Pick<Linkage, 'wasm' | 'memory' | 'threads'>;

export function linkPlan(
  plan: Plan,
  shared: Shared,
  { scratchBytes, donate }: { scratchBytes: number; donate: Readonly<Record<string, string>> },
): Linked {
  const pointers = createPointers(plan, scratchBytes);
  const regionOf = (value: Value): Region => regionAt(plan.places.get(value.id) as Place, value, donate);
  const steps: Step[] = plan.operations.map(({ operation, temporary, temporaryBytes, destroys }) => {
    const linkage: Linkage = {
      ...shared,
      at: (value) => pointers.of(plan.places.get(value.id) as Place),
      temporary: pointers.of({ kind: 'arena', offset: temporary }),
      scratch: pointers.scratch,
      ownScratch: pointers.ownScratch,
      destroys,
    };
    const kernel = findKernel(operation);
    const stages = kernel.link(operation, linkage);
    const own: Region[] =
      temporaryBytes > 0 ? [{ space: 'arena', from: temporary, to: temporary + temporaryBytes }] : [];
    const destroyed = destroys ? [regionOf(operation.inputs[kernel.destroys as number])] : [];
    return {
      stages: Array.isArray(stages) ? (stages as readonly Stage[]) : [stages as Stage],
      reads: operation.inputs.map(regionOf),
      writes: [...operation.outputs.map(regionOf), ...own, ...destroyed],
    };
  });
  for (const { name, value } of plan.copies) {
    const [from, to] = [
      pointers.of(plan.places.get(value.id) as Place),
      pointers.of({ kind: 'output', name }),
    ];
    const bytes = sizeOf(value.shape) * 4;
    steps.push({
      stages: [once(() => void shared.wasm.copy(from.address, to.address, bytes))],
      reads: [regionOf(value)],
      writes: [regionAt({ kind: 'output', name }, value, donate)],
    });
  }
  return { work: arrange(steps), bind: pointers.bind };
}

function regionAt(place: Place, value: Value, donate: Readonly<Record<string, string>>): Region {
  const bytes = Math.ceil(sizeOf(value.shape) / 16) * 64;
  if (place.kind === 'arena') return { space: 'arena', from: place.offset, to: place.offset + bytes };
  const name = place.kind === 'output' && donate[place.name] !== undefined ? donate[place.name] : place.name;
  const kind = place.kind === 'output' && donate[place.name] !== undefined ? 'input' : place.kind;
  return { space: `${kind} ${name}`, from: 0, to: bytes };
}

/** One pointer a place, so that binding fills in each address once. */
function createPointers(plan: Plan, scratchBytes: number) {
  const byPlace = new Map<string, { readonly place: Place; readonly pointer: Pointer }>();
  const order = {
    input: new Map(plan.program.inputs.map(({ name }, i) => [name, i])),
    output: new Map(plan.program.outputs.map(({ name }, i) => [name, i])),
  };
  const scratch: Pointer = { address: 0 };
  const ownScratch: Pointer = { address: 0 };
  return {
    scratch,
    ownScratch,
    of(place: Place): Pointer {
      const key = place.kind === 'arena' ? `arena ${place.offset}` : `${place.kind} ${place.name}`;
      const found = byPlace.get(key) ?? { place, pointer: { address: 0 } };
      byPlace.set(key, found);
      return found.pointer;
    },
    bind({ arena, scratch: at, inputs, outputs }: Addresses): void {
      for (const { place, pointer } of byPlace.values()) {
        if (place.kind === 'arena') pointer.address = arena + place.offset;
        else
          pointer.address = (place.kind === 'input' ? inputs : outputs)[
            order[place.kind].get(place.name) as number
          ];
      }
      scratch.address = at;
      ownScratch.address = at + scratchBytes;
    },
  };
}

interface Phase {
  readonly stages: Stage[];
  readonly reads: Region[];
  readonly writes: Region[];
}

function arrange(steps: readonly Step[]): Work {
  const phases: Phase[] = [];
  for (const { stages, reads, writes } of steps)
    stages.forEach((stage, i) => {
      const last = phases.at(-1);
      const isFree = last && i === 0 && !conflicts(last, reads, writes);
      if (isFree) last.stages.push(stage);
      else if (last && stage.tasks === 1 && last.stages.length === 1 && last.stages[0].tasks === 1)
        last.stages[0] = chain(last.stages[0], stage);
      else {
        phases.push({ stages: [stage], reads: [...reads], writes: [...writes] });
        return;
      }
      last.reads.push(...reads);
      last.writes.push(...writes);
    });
  const tasks: (() => void)[] = [];
  const after: number[] = [];
  for (const { stages } of phases) {
    const start = tasks.length;
    for (const stage of stages)
      for (let task = 0; task < stage.tasks; task++) {
        tasks.push(() => stage.run(task));
        after.push(start);
      }
  }
  return { tasks, after: Int32Array.from(after) };
}

const chain = (first: Stage, second: Stage): Stage => once(() => (first.run(0), second.run(0)));

function conflicts(phase: Phase, reads: readonly Region[], writes: readonly Region[]): boolean {
  return (
    reads.some((region) => overlapsAny(region, phase.writes)) ||
    writes.some((region) => overlapsAny(region, phase.writes) || overlapsAny(region, phase.reads))
  );
}

function overlapsAny(region: Region, others: readonly Region[]): boolean {
  return others.some(
    (other) => other.space === region.space && other.from < region.to && region.from < other.to,
  );
}
