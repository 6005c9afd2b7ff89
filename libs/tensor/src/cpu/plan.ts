// Memory, planned once: every value gets a place before the first run. Buffers whose lifetimes do not overlap share
// bytes; a result takes the place of an input that nobody reads later where its kernel allows; a reshape is its input's
// place. Placement is greedy, largest buffer first, lowest fitting offset (Pisarchyk and Lee 2020).

import { sizeOf, type Operation, type Program, type Value } from '../program.ts';
import type { Kernel } from './kernel.ts';
import { findKernel } from './kernels.ts';

/** Where a value lies: in the arena, or in the buffer bound to an input or output of the program. */
export type Place =
  | { readonly kind: 'arena'; readonly offset: number }
  | { readonly kind: 'input' | 'output'; readonly name: string };

export interface PlannedOperation {
  readonly operation: Operation;
  /** Offset and size of the kernel's own scratch in the arena. */
  readonly temporary: number;
  readonly temporaryBytes: number;
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
  /** Scratch of each thread, beside that of the matrix product. */
  readonly threadBytes: number;
}

interface Block {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
  offset: number;
}

const alignment = 64;
const align = (bytes: number) => Math.ceil(bytes / alignment) * alignment;
export const bytesOf = (value: Value) => align(sizeOf(value.shape) * 4);

/** `donated`: outputs whose buffer is also that of the named input; they are written only when nothing reads it later. */
export function planProgram(program: Program, donated: ReadonlyMap<string, string>): Plan {
  const { operations } = program;
  const roots = findRoots(program);
  const lastUse = findLastUses(program, roots);
  const places = new Map<number, Place>(
    program.inputs.map(({ name, value }) => [value.id, { kind: 'input', name }]),
  );
  const blocks = new Map<number, Block>();
  const temporaries: Block[] = [];
  const wanted = findWanted(program);
  const inputIds = new Map(program.inputs.map(({ name, value }) => [name, value.id]));
  const rootOf = (id: number) => roots.get(id) ?? id;
  const endOf = (id: number) => lastUse.get(rootOf(id)) ?? 0;

  const planned = operations.map((operation, index) => {
    const kernel = findKernel(operation);
    const destroyed = kernel.destroys === undefined ? undefined : operation.inputs[kernel.destroys];
    const destroys = destroyed !== undefined && blocks.has(destroyed.id) && endOf(destroyed.id) === index;
    const temporaryBytes = align(kernel.temporaryBytes?.(operation, destroys) ?? 0);
    temporaries.push({ bytes: temporaryBytes, first: index, last: index, offset: 0 });
    const taken = new Set<Block>();
    operation.outputs.forEach((_, output) => place(operation, { kernel, output, index, taken }));
    return { operation, destroys, temporaryBytes };
  });

  interface Placing {
    readonly kernel: Kernel;
    readonly output: number;
    readonly index: number;
    /** Blocks that an output of this operation has taken over. */
    readonly taken: Set<Block>;
  }

  function place(operation: Operation, placing: Placing): void {
    const { kernel, output, index, taken } = placing;
    const value = operation.outputs[output];
    if (kernel.isView) return alias(operation.inputs[0], value);
    const name = wanted.get(value.id);
    if (name !== undefined && mayWrite(name, operation, placing)) {
      places.set(value.id, { kind: 'output', name });
      return;
    }
    const block = inherit(operation, placing);
    if (block) taken.add(block);
    const own = { bytes: bytesOf(value), first: index, last: Math.max(index, endOf(value.id)), offset: 0 };
    blocks.set(value.id, block ? extend(block, own.last) : own);
  }

  function alias(input: Value, value: Value): void {
    const block = blocks.get(input.id);
    if (block) blocks.set(value.id, block);
    else places.set(value.id, places.get(input.id) as Place);
  }

  // An output may be computed in its own buffer at once unless that would overwrite an input that is still read.
  function mayWrite(name: string, operation: Operation, { kernel, output, index }: Placing): boolean {
    const donor = donated.get(name);
    if (donor === undefined) return true;
    const id = inputIds.get(donor) as number;
    if (endOf(id) > index) return false;
    const readHere = operation.inputs.flatMap((input, i) => (rootOf(input.id) === id ? [i] : []));
    return kernel.isElementwise === true || readHere.every((i) => kernel.takesOver?.[output]?.includes(i));
  }

  /** The block of an input that ends here and may be taken over. */
  function inherit(operation: Operation, { kernel, output, index, taken }: Placing): Block | undefined {
    for (const i of kernel.takesOver?.[output] ?? []) {
      const input = operation.inputs.at(i);
      const block = input && blocks.get(input.id);
      if (!block || taken.has(block) || endOf(input.id) !== index) continue;
      const readTwice = operation.inputs.some((other, j) => j !== i && rootOf(other.id) === rootOf(input.id));
      if (bytesOf(input) === bytesOf(operation.outputs[output]) && (kernel.isElementwise || !readTwice))
        return block;
    }
    return undefined;
  }

  // A block that goes on as another value; every value that lies in it sees the new end.
  function extend(block: Block, last: number): Block {
    (block as { last: number }).last = Math.max(block.last, last);
    return block;
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
    threadBytes: Math.max(0, ...operations.map((one) => findKernel(one).threadBytes?.(one) ?? 0)),
  };
}

/**
 * Values that may be computed in the buffer of an output, by name: outputs, and what an output takes the place of when
 * nothing else reads it.
 */
function findWanted({ operations, outputs }: Program): Map<number, string> {
  const wanted = new Map(outputs.map(({ name, value }) => [value.id, name]));
  const uses = new Map<number, number>();
  const count = (id: number) => uses.set(id, (uses.get(id) ?? 0) + 1);
  for (const { inputs } of operations) for (const { id } of inputs) count(id);
  for (const { value } of outputs) count(value.id);
  for (const operation of operations.toReversed()) {
    const kernel = findKernel(operation);
    if (kernel.isView) continue;
    operation.outputs.forEach((value, output) => {
      const name = wanted.get(value.id);
      const before = operation.inputs.at(kernel.takesOver?.[output]?.[0] ?? operation.inputs.length);
      if (name === undefined || !before || wanted.has(before.id) || uses.get(before.id) !== 1) return;
      if (bytesOf(before) === bytesOf(value)) wanted.set(before.id, name);
    });
  }
  return wanted;
}

/** Of values that are another one under a new shape: that one. */
function findRoots({ operations }: Program): Map<number, number> {
  const roots = new Map<number, number>();
  for (const operation of operations) {
    if (!findKernel(operation).isView) continue;
    const [input] = operation.inputs;
    roots.set(operation.outputs[0].id, roots.get(input.id) ?? input.id);
  }
  return roots;
}

/** Index of the last operation that reads a value or a view of it. */
function findLastUses(
  { operations, outputs }: Program,
  roots: ReadonlyMap<number, number>,
): Map<number, number> {
  const last = new Map<number, number>();
  const use = (id: number, index: number) => last.set(roots.get(id) ?? id, index);
  operations.forEach(({ inputs }, index) => inputs.forEach(({ id }) => use(id, index)));
  for (const { value } of outputs) use(value.id, operations.length);
  return last;
}

function assignOffsets(blocks: readonly Block[]): number {
  const placed: Block[] = []; // by offset
  let total = 0;
  for (const block of blocks
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes || a.first - b.first)) {
    let offset = 0;
    for (const other of placed) {
      const overlaps = other.first <= block.last && block.first <= other.last;
      if (!overlaps) continue;
      if (other.offset >= offset + block.bytes) break;
      offset = Math.max(offset, other.offset + other.bytes);
    }
    block.offset = offset;
    insertByOffset(placed, block);
    total = Math.max(total, offset + block.bytes);
  }
  return total;
}

function insertByOffset(placed: Block[], block: Block): void {
  let [low, high] = [0, placed.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (placed[middle].offset <= block.offset) low = middle + 1;
    else high = middle;
  }
  placed.splice(low, 0, block);
}
