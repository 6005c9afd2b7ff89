// The xla executor: programs run by XLA through whatever PJRT plugin there is, in a process of its own whose death is an
// error here. Tensors stay on the device: a step moves tokens in and scalars out.

import type { Executable, Executor, HostData, Tensor } from '../executor.ts';
import { describeType, type Type } from '../program.ts';
import { checkDonation, checkLength, createTensorTable } from '../tensor-table.ts';
import { startEngine, type Engine } from './engine.ts';
import { clientOptions, platformOf } from './find-plugins.ts';
import { lowerToStableHlo } from './stablehlo.ts';

export interface XlaOptions {
  /** Path of a shared library that exports GetPjrtApi. */
  readonly plugin: string;
  /** Integers that the plugin takes when its client is made. */
  readonly options?: Readonly<Record<string, number>>;
  /** How many of the plugin's devices share each program. Default 1. */
  readonly devices?: number;
  /** A folder of compiled programs; without it each is compiled anew. */
  readonly cache?: string;
}

/** What is held for a tensor: its number in the other process, and whether each device has a part of it or a copy. */
interface Held {
  readonly number: number;
  readonly isSplit: boolean;
}

/**
 * @throws DataError `plugin-missing`, `koffi-missing`, `plugin-too-old`; later, from any call, `engine-died` when the
 * plugin has ended its process
 */
export async function openXlaExecutor(given: XlaOptions): Promise<Executor> {
  const { devices = 1 } = given;
  const engine = await openEngine(given);
  const table = createTensorTable<Held>('xla');
  const compiled = new Map<Executable, { readonly number: number; readonly split: ReadonlySet<string> }>();
  const add = (type: Type, number: number, isSplit = false) => table.add(type, { number, isSplit });
  const numberOf = (tensor: Tensor) => table.find(tensor).number;
  return {
    name: 'xla',
    devices,
    async compile(program, { donate = {}, split = [], allowTf32 } = {}) {
      checkDonation(program, donate);
      const parts = devices > 1 ? new Set(split) : new Set<string>();
      const text = lowerToStableHlo(program, donate, { devices, split: parts, allowTf32 });
      const outputs = program.outputs.map(({ value }) => typeOf(value));
      const { executable: number, workingBytes } = await engine.ask({ kind: 'compile', text, outputs });
      const executable: Executable = { program, donate, workingBytes };
      compiled.set(executable, { number, split: parts });
      return executable;
    },
    async upload(type, data, { split = false } = {}) {
      checkLength(type, data);
      const isSplit = split && devices > 1;
      if (isSplit && (type.shape[0] ?? 0) % devices !== 0)
        throw new TypeError(`${describeType(type)} cannot be cut into ${devices} parts`);
      const ask = { kind: 'upload', type: typeOf(type), data: toArray(type, data), split: isSplit } as const;
      return add(type, await engine.ask(ask), isSplit);
    },
    allocate: async (type) => add(type, await engine.ask({ kind: 'allocate', type: typeOf(type) })),
    async run(executable, inputs) {
      const found = compiled.get(executable);
      if (found === undefined) throw new TypeError('xla has not compiled this program, or disposed of it');
      const { program, donate } = executable;
      const bound = table.bind(executable, inputs);
      const wrong = program.inputs.find(({ name }, i) => bound[i].isSplit !== found.split.has(name));
      if (wrong)
        throw new TypeError(`${wrong.name} is split over devices in the program or the tensor alone`);
      const donated = Object.values(donate).map((name) => inputs[name]);
      const consumed = donated.map(numberOf);
      // Taken out before the answer: what is asked next must not use them, whatever comes of this run.
      for (const tensor of donated) table.remove(tensor);
      const numbers = bound.map(({ number }) => number);
      const results = await engine.ask({ kind: 'run', executable: found.number, inputs: numbers, consumed });
      return Object.fromEntries(program.outputs.map(({ name, value }, i) => [name, add(value, results[i])]));
    },
    async download(tensor) {
      if (table.find(tensor).isSplit) throw new TypeError('a tensor that is split over devices stays there');
      return engine.ask({ kind: 'download', tensor: numberOf(tensor) });
    },
    writeFile: async (path, head, tensors) =>
      engine.ask({ kind: 'write', path, head, tensors: tensors.map(numberOf) }),
    dispose(...what) {
      const tensors: number[] = [];
      const executables: number[] = [];
      for (const one of what) {
        const number = 'executor' in one ? table.remove(one)?.number : compiled.get(one)?.number;
        if (number !== undefined) ('executor' in one ? tensors : executables).push(number);
        if (!('executor' in one)) compiled.delete(one);
      }
      engine.tell({ kind: 'dispose', tensors, executables });
    },
    close: () => engine.end(),
  };
}

async function openEngine({ plugin, options, devices = 1, cache }: XlaOptions): Promise<Engine> {
  const engine = startEngine();
  try {
    const chosen = options ?? clientOptions(platformOf(plugin), devices);
    await engine.ask({ kind: 'open', plugin, options: chosen, devices, cache });
    return engine;
  } catch (error) {
    await engine.end();
    throw error;
  }
}

const typeOf = ({ shape, dtype }: Type): Type => ({ shape, dtype });
const arrays = {
  f32: Float32Array,
  bf16: Float32Array,
  i32: Int32Array,
  u32: Uint32Array,
  bool: Int32Array,
};

/** What crosses over to the other process: an array of the type's own width. */
function toArray({ dtype }: Type, data: ArrayLike<number>): HostData {
  const kind = arrays[dtype];
  return data instanceof kind ? data : kind.from(data);
}
