// Memory, planned once: every value gets a place before the first step. Buffers whose lifetimes do not overlap share
// bytes; an elementwise result takes the place of an input that nobody reads later; a reshape is its input's place.
// Placement is greedy, largest buffer first, lowest fitting offset (Pisarchyk and Lee 2020).

import { sizeOf, type Operation, type Program, type Value } from '../program.ts';
import { findKernel } from './kernels.ts';

/** Where a value lies: in the thread's arena, or in the buffer bound to an input or output of the program. */
export type Place =
  | { readonly kind: 'arena'; readonly offset: number }
  | { readonly kind: 'input' | 'output'; readonly name: string };

export interface PlannedOperation {
  readonly operation: Operation;
  /** Offset of the kernel's own scratch in the arena. */
  readonly temporary: number;
  /** True when the kernel may overwrite the input that it `destroys`. */
  readonly destroys: boolean;
}

export interface Plan {
  readonly program: Program;
  readonly operations: readonly PlannedOperation[];
  readonly places: ReadonlyMap<number, Place>;
  /** Outputs that must be copied to their buffers when all else is done. */
  readonly copies: readonly { readonly name: string; readonly value: Value }[];
  readonly arenaBytes: number;
}

interface Block {
  readonly bytes: number;
  readonly first: number;
  last: number;
  offset: number;
}

const alignment = 64;
const bytesOf = (value: Value) => Math.ceil((sizeOf(value.shape) * 4) / alignment) * alignment;

/** `donated`: outputs whose buffer is also that of the named input; they are written only when nothing reads it later. */
export function planProgram(program: Program, donated: ReadonlyMap<string, string>): Plan {
  const { operations } = program;
  const lastUse = findLastUses(program);
  const places = new Map<number, Place>(
    program.inputs.map(({ name, value }) => [value.id, { kind: 'input', name }]),
  );
  const blocks = new Map<number, Block>();
  const temporaries: Block[] = [];
  const wanted = new Map(program.outputs.map(({ name, value }) => [value.id, name]));

  const planned = operations.map((operation, index) => {
    const kernel = findKernel(operation);
    const destroyed = kernel.destroys === undefined ? undefined : operation.inputs[kernel.destroys];
    const destroys = destroyed !== undefined && blocks.get(destroyed.id)?.last === index;
    const bytes = kernel.temporaryBytes?.(operation, destroys) ?? 0;
    temporaries.push({
      bytes: Math.ceil(bytes / alignment) * alignment,
      first: index,
      last: index,
      offset: 0,
    });
    operation.outputs.forEach((output) => place(output, operation, index));
    return { operation, destroys };
  });

  function place(output: Value, operation: Operation, index: number): void {
    const last = lastUse.get(output.id) ?? index;
    const name = wanted.get(output.id);
    if (name !== undefined && mayWrite(name, operation, index))
      places.set(output.id, { kind: 'output', name });
    else if (output !== operation.outputs[0] || !inherit(operation, output, index, last))
      blocks.set(output.id, { bytes: bytesOf(output), first: index, last, offset: 0 });
  }

  // An output may be computed in its own buffer at once unless that would overwrite an input that is still read.
  function mayWrite(name: string, operation: Operation, index: number): boolean {
    const kernel = findKernel(operation);
    const donor = donated.get(name);
    if (kernel.isView || donor === undefined) return !kernel.isView;
    const input = program.inputs.find((one) => one.name === donor)?.value as Value;
    return kernel.isElementwise === true && (lastUse.get(input.id) ?? 0) <= index;
  }

  // Takes over the place of an input: always for a view, and for an elementwise kernel when the input ends here.
  function inherit(operation: Operation, output: Value, index: number, last: number): boolean {
    const kernel = findKernel(operation);
    for (const i of kernel.sharesPlaceOf ?? []) {
      const input = operation.inputs[i];
      if (bytesOf(input) !== bytesOf(output)) continue;
      const block = blocks.get(input.id);
      if (block && (kernel.isView || block.last === index)) {
        block.last = Math.max(block.last, last);
        blocks.set(output.id, block);
        return true;
      }
      const outside = places.get(input.id);
      if (kernel.isView && outside) {
        places.set(output.id, outside);
        return true;
      }
    }
    return false;
  }

  const arenaBytes = assignOffsets([...new Set(blocks.values()), ...temporaries]);
  for (const [id, { offset }] of blocks) places.set(id, { kind: 'arena', offset });
  const copies = program.outputs.filter(({ name, value }) => {
    const found = places.get(value.id) as Place;
    return found.kind !== 'output' || found.name !== name;
  });
  return {
    program,
    operations: planned.map((step, i) => ({ ...step, temporary: temporaries[i].offset })),
    places,
    copies,
    arenaBytes,
  };
}

function findLastUses({ operations, outputs }: Program): Map<number, number> {
  const last = new Map<number, number>();
  operations.forEach(({ inputs }, index) => inputs.forEach(({ id }) => last.set(id, index)));
  for (const { value } of outputs) last.set(value.id, operations.length);
  return last;
}

function assignOffsets(blocks: readonly Block[]): number {
  const placed: Block[] = [];
  let total = 0;
  for (const block of blocks
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes || a.first - b.first)) {
    let offset = 0;
    for (const other of placed) {
      const overlaps = other.first <= block.last && block.first <= other.last;
      if (overlaps && offset < other.offset + other.bytes && other.offset < offset + block.bytes)
        offset = other.offset + other.bytes;
    }
    block.offset = offset;
    placed.push(block);
    placed.sort((a, b) => a.offset - b.offset);
    total = Math.max(total, offset + block.bytes);
  }
  return total;
}
