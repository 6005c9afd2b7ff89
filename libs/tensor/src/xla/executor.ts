// The xla executor: programs run by XLA through whatever PJRT plugin there is, in a process of its own whose death is an
// error here. Tensors stay on the device: a step moves tokens in and scalars out.

import type { Executable, Executor, HostData } from '../executor.ts';
import type { Type } from '../program.ts';
import { checkDonation, checkLength, createTensorTable } from '../tensor-table.ts';
import { startEngine, type Engine } from './engine.ts';
import { clientOptions, platformOf } from './find-plugins.ts';
import { lowerToStableHlo } from './stablehlo.ts';

export interface XlaOptions {
  /** Path of a shared library that exports GetPjrtApi. */
  readonly plugin: string;
  /** Integers that the plugin takes when its client is made. */
  readonly options?: Readonly<Record<string, number>>;
}

/**
 * @throws DataError `plugin-missing`, `koffi-missing`, `plugin-too-old`; later, from any call, `engine-died` when the
 * plugin has ended its process
 */
export async function openXlaExecutor({ plugin, options }: XlaOptions): Promise<Executor> {
  const engine = await openEngine(plugin, options ?? clientOptions(platformOf(plugin)));
  const table = createTensorTable<number>('xla');
  const compiled = new Map<Executable, number>();
  return {
    name: 'xla',
    async compile(program, { donate = {} } = {}) {
      checkDonation(program, donate);
      const text = lowerToStableHlo(program, donate);
      const executable: Executable = { program, donate };
      const outputs = program.outputs.map(({ value }) => typeOf(value));
      compiled.set(executable, await engine.ask({ kind: 'compile', text, outputs }));
      return executable;
    },
    async upload(type, data) {
      checkLength(type, data);
      return table.add(
        type,
        await engine.ask({ kind: 'upload', type: typeOf(type), data: toArray(type, data) }),
      );
    },
    allocate: async (type) => table.add(type, await engine.ask({ kind: 'allocate', type: typeOf(type) })),
    async run(executable, inputs) {
      const number = compiled.get(executable);
      if (number === undefined) throw new TypeError('xla has not compiled this program, or disposed of it');
      const { program, donate } = executable;
      const bound = table.bind(executable, inputs);
      const donated = Object.values(donate).map((name) => inputs[name]);
      const consumed = donated.map((tensor) => table.find(tensor));
      // Taken out before the answer: what is asked next must not use them, whatever comes of this run.
      for (const tensor of donated) table.remove(tensor);
      const results = await engine.ask({ kind: 'run', executable: number, inputs: bound, consumed });
      return Object.fromEntries(
        program.outputs.map(({ name, value }, i) => [name, table.add(value, results[i])]),
      );
    },
    download: async (tensor) => engine.ask({ kind: 'download', tensor: table.find(tensor) }),
    writeFile: async (path, head, tensors) =>
      engine.ask({ kind: 'write', path, head, tensors: tensors.map((tensor) => table.find(tensor)) }),
    dispose(...what) {
      const tensors: number[] = [];
      const executables: number[] = [];
      for (const one of what) {
        const number = 'executor' in one ? table.remove(one) : compiled.get(one);
        if (number !== undefined) ('executor' in one ? tensors : executables).push(number);
        if (!('executor' in one)) compiled.delete(one);
      }
      engine.tell({ kind: 'dispose', tensors, executables });
    },
    close: () => engine.end(),
  };
}

async function openEngine(plugin: string, options: Readonly<Record<string, number>>): Promise<Engine> {
  const engine = startEngine();
  try {
    await engine.ask({ kind: 'open', plugin, options });
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
