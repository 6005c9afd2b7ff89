// What executors have in common: the table of living tensors, with the checks that every executor owes its callers.

import type { Executable, Tensor } from './executor.ts';
import { describeType, sameShape, sizeOf, type DType, type Program, type Type } from './program.ts';

/** The living tensors of one executor and what it keeps for each. */
export interface TensorTable<Held> {
  add(type: Type, held: Held): Tensor;
  find(tensor: Tensor): Held;
  /** Takes a tensor out; undefined when it is not there. */
  remove(tensor: Tensor): Held | undefined;
  /** What is held for each input of a program, in its order. */
  bind(executable: Executable, inputs: Readonly<Record<string, Tensor>>): Held[];
  values(): IterableIterator<Held>;
}

export function createTensorTable<Held>(executor: string): TensorTable<Held> {
  const living = new Map<Tensor, Held>();
  const find = (tensor: Tensor) => {
    const held = living.get(tensor);
    if (held !== undefined) return held;
    const why =
      tensor.executor === executor ? 'it was disposed of or donated' : `it belongs to ${tensor.executor}`;
    throw new TypeError(`${executor} holds no such ${describeType(tensor)}: ${why}`);
  };
  return {
    add(type, held) {
      const tensor: Tensor = { shape: [...type.shape], dtype: type.dtype, executor };
      living.set(tensor, held);
      return tensor;
    },
    find,
    remove(tensor) {
      const held = living.get(tensor);
      living.delete(tensor);
      return held;
    },
    bind({ program, donate }, inputs) {
      const donors = new Set(Object.values(donate).map((name) => inputs[name]));
      const bound = new Map<Tensor, number>();
      for (const tensor of Object.values(inputs)) bound.set(tensor, (bound.get(tensor) ?? 0) + 1);
      return program.inputs.map(({ name, value }) => {
        const tensor = inputs[name];
        if (!tensor) throw new TypeError(`no tensor is bound to ${name}`);
        if (tensor.dtype !== value.dtype || !sameShape(tensor.shape, value.shape))
          throw new TypeError(`${name} is ${describeType(value)}, not ${describeType(tensor)}`);
        if ((bound.get(tensor) ?? 0) > 1 && donors.has(tensor))
          throw new TypeError(`${name} is donated, so its tensor cannot be another input too`);
        return find(tensor);
      });
    },
    values: () => living.values(),
  };
}

/** Refuses a donation of names that the program lacks, of unequal types, or of one input to two outputs. */
export function checkDonation(program: Program, donate: Readonly<Record<string, string>>): void {
  const donors = new Set<string>();
  for (const [output, input] of Object.entries(donate)) {
    const to = program.outputs.find(({ name }) => name === output)?.value;
    const from = program.inputs.find(({ name }) => name === input)?.value;
    if (!to) throw new TypeError(`there is no output ${output} to take over ${input}`);
    if (!from) throw new TypeError(`there is no input ${input} to donate to ${output}`);
    if (to.dtype !== from.dtype || !sameShape(to.shape, from.shape))
      throw new TypeError(`${output} ${describeType(to)} cannot take over ${input} ${describeType(from)}`);
    if (donors.has(input)) throw new TypeError(`${input} is donated twice`);
    donors.add(input);
  }
}

/** Refuses a program with a type in which this executor cannot compute. */
export function checkTypes(executor: string, program: Program, supported: readonly DType[]): void {
  const values = [
    ...program.inputs.map(({ value }) => value),
    ...program.operations.flatMap(({ outputs }) => outputs),
  ];
  const strange = values.find(({ dtype }) => !supported.includes(dtype));
  if (strange) throw new TypeError(`${executor} does not compute in ${strange.dtype}`);
}

/** Refuses numbers that are not as many as the type has elements. */
export function checkLength(type: Type, data: ArrayLike<number>): void {
  if (data.length !== sizeOf(type.shape))
    throw new TypeError(`${describeType(type)} has ${sizeOf(type.shape)} elements, not ${data.length}`);
}
