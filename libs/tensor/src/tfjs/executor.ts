// The tfjs executor: the same programs on TensorFlow.js, on whatever backend of it is registered. Its tensors are
// immutable, so a donated one is freed once its run is over. What it cannot compute, unsigned numbers above all, the
// reference does in this process.

import { setImmediate } from 'node:timers/promises';
import { allocate, type Data } from '../data.ts';
import type { Executable, Executor, HostData } from '../executor.ts';
import { lower } from '../lower.ts';
import { sizeOf, type Operation, type Program, type Type, type Value } from '../program.ts';
import { evaluatePrimitive } from '../reference-primitives.ts';
import { checkDonation, checkLength, checkTypes, createTensorTable } from '../tensor-table.ts';
import { kernels, needsHost, tfTypeOf, whole, type Tf, type TfTensor } from './kernels.ts';

export interface TfjsOptions {
  /** What follows `tfjs:` in the executor's name. */
  readonly name: string;
  readonly tf: Tf;
  /** As TensorFlow.js calls it; registered already. */
  readonly backend: string;
}

/** A tensor of TensorFlow.js, or numbers of this process. */
type Held = TfTensor | Data;

interface Plan {
  readonly program: Program;
  /** By position: values that nobody reads after the operation. */
  readonly lastReads: readonly (readonly number[])[];
  /** Made once: constants and the like. */
  readonly fixed: ReadonlyMap<number, Held>;
}

const mostMs = 20; // of work between two turns of the event loop

const isTensor = (held: Held): held is TfTensor => !ArrayBuffer.isView(held);

export function openTfjsExecutor({ name, tf, backend }: TfjsOptions): Executor {
  const executor = `tfjs:${name}`;
  const table = createTensorTable<Held>(executor);
  const plans = new Map<Executable, Plan>();
  /** Several executors share one engine; to set a backend that is there takes effect at once. */
  const enter = () => {
    if (tf.getBackend() !== backend) void tf.setBackend(backend);
  };
  const put = (type: Type, data: ArrayLike<number>): Held => {
    const dtype = tfTypeOf(type.dtype);
    if (dtype === undefined) return Uint32Array.from(data);
    enter();
    const kind = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array;
    return tf.tensor(kind.from(data), [...type.shape], dtype);
  };
  const release = (held: Held | undefined) => {
    if (held && isTensor(held)) held.dispose();
  };

  /** The numbers of a value, of which the tensor may be smaller. */
  async function read(type: Type, held: Held): Promise<Data> {
    if (!isTensor(held)) return held;
    enter();
    const full = whole(tf, { tensor: held, type });
    try {
      return toData(type, await full.data());
    } finally {
      full.dispose();
    }
  }

  async function compute(operation: Operation, values: ReadonlyMap<number, Held>): Promise<Held> {
    const { name: of, inputs, outputs } = operation;
    const held = inputs.map(({ id }) => values.get(id)!);
    if (of === 'dynamicSlice' || of === 'dynamicUpdateSlice') {
      const start = await read(inputs.at(-1)!, held.at(-1)!);
      if (inputs[0].dtype !== 'u32') return move(operation, held as TfTensor[], start);
    }
    if (needsHost(operation)) {
      const data = await Promise.all(inputs.map((value, i) => read(value, held[i])));
      const result = allocate(outputs[0], 'f32');
      evaluatePrimitive(operation, data, result);
      return put(outputs[0], result);
    }
    enter();
    const operands = inputs.map((type, i) => ({ type, tensor: held[i] as TfTensor }));
    return kernels[of](tf, operands, operation);
  }

  /** dynamicSlice and dynamicUpdateSlice, from where it is known where. */
  function move({ inputs, outputs: [y] }: Operation, held: readonly TfTensor[], start: Data): TfTensor {
    enter();
    const [x, part] = inputs;
    const isUpdate = inputs.length === 3;
    const size = isUpdate ? part.shape : y.shape;
    const from = x.shape.map((n, axis) => Math.max(0, Math.min(start[axis], n - size[axis])));
    return tf.tidy(() => {
      const full = whole(tf, { tensor: held[0], type: x });
      if (!isUpdate) return tf.slice(full, from, [...size]);
      const pairs = from.map((n, axis): [number, number] => [n, x.shape[axis] - n - size[axis]]);
      const inside = tf.cast(tf.pad(tf.ones([...size], 'int32'), pairs), 'bool');
      return tf.where(inside, tf.pad(whole(tf, { tensor: held[1], type: part }), pairs), full);
    });
  }

  return {
    name: executor,
    async compile(program, { donate = {} } = {}) {
      checkDonation(program, donate);
      checkTypes(executor, program, ['f32', 'i32', 'u32', 'bool']);
      const primitive = lower(program, () => false);
      const executable: Executable = { program, donate };
      const fixed = new Map<number, Held>();
      for (const operation of primitive.operations)
        if (operation.inputs.length === 0)
          fixed.set(operation.outputs[0].id, await compute(operation, fixed));
      plans.set(executable, { program: primitive, lastReads: findLastReads(primitive), fixed });
      return executable;
    },
    upload: async (type, data) => {
      checkLength(type, data);
      return Promise.resolve(table.add(type, put(type, data)));
    },
    allocate: (type) => Promise.resolve(table.add(type, put(type, new Uint8Array(sizeOf(type.shape))))),
    async run(executable, inputs) {
      const plan = plans.get(executable);
      if (!plan) throw new TypeError(`${executor} has not compiled this program, or disposed of it`);
      const bound = table.bind(executable, inputs);
      const donated = Object.values(executable.donate).map((input) => table.remove(inputs[input]));
      const { program, lastReads, fixed } = plan;
      const values = new Map<number, Held>(fixed);
      program.inputs.forEach(({ value }, i) => values.set(value.id, bound[i]));
      await setImmediate();
      let begun = performance.now();
      for (const [i, operation] of program.operations.entries()) {
        const [{ id }] = operation.outputs;
        if (!fixed.has(id)) values.set(id, await compute(operation, values));
        for (const dead of lastReads[i]) {
          if (!fixed.has(dead)) release(values.get(dead));
          values.delete(dead);
        }
        if (performance.now() - begun > mostMs) {
          await setImmediate();
          begun = performance.now();
        }
      }
      enter();
      const results = program.outputs.map(({ name: output, value }) => {
        const held = values.get(value.id)!;
        const own = isTensor(held) ? whole(tf, { tensor: held, type: value }) : held.slice();
        return [output, table.add(value, own)] as const;
      });
      const given = new Set(program.inputs.map(({ value }) => value.id));
      for (const [id, held] of values) if (!given.has(id) && !fixed.has(id)) release(held);
      donated.forEach(release);
      return Object.fromEntries(results);
    },
    download: async (tensor) => toHost(tensor, await read(tensor, table.find(tensor))),
    dispose(...what) {
      for (const one of what) {
        if ('executor' in one) release(table.remove(one));
        else {
          for (const held of plans.get(one)?.fixed.values() ?? []) release(held);
          plans.delete(one);
        }
      }
    },
    close() {
      for (const held of table.values()) release(held);
      for (const { fixed } of plans.values()) for (const held of fixed.values()) release(held);
      plans.clear();
      return Promise.resolve();
    },
  };
}

/** By operation: values it is the last to read, and its output where nobody reads it. Inputs and outputs stay. */
function findLastReads({ inputs, operations, outputs }: Program): number[][] {
  const kept = new Set([...inputs, ...outputs].map(({ value }) => value.id));
  const last = new Map<number, number>();
  operations.forEach((operation, i) => {
    const touch = ({ id }: Value) => last.set(id, i);
    operation.outputs.forEach(touch);
    operation.inputs.forEach(touch);
  });
  const reads: number[][] = operations.map(() => []);
  for (const [id, i] of last) if (!kept.has(id)) reads[i].push(id);
  return reads;
}

/** Their bool is bytes. */
function toData({ dtype }: Type, data: ArrayLike<number>): Data {
  if (dtype === 'f32') return Float32Array.from(data);
  return Int32Array.from(data);
}

function toHost({ dtype }: Type, data: Data): HostData {
  return dtype === 'u32' ? Uint32Array.from(data) : (data as HostData);
}
