// The reference as an executor: the interpreter in double precision behind the interface that cpu and xla have.

import { setImmediate } from 'node:timers/promises';
import { roundToBf16 } from './bf16.ts';
import { allocate, type Data, type Precision } from './data.ts';
import type { Executor, HostData } from './executor.ts';
import { isFloat, type DType } from './program.ts';
import { interpret } from './reference.ts';
import { checkDonation, checkLength, createTensorTable } from './tensor-table.ts';

/** `precision` is that of every intermediate result; what is downloaded is rounded to single. */
export function openReferenceExecutor({ precision = 'f64' }: { precision?: Precision } = {}): Executor {
  const table = createTensorTable<Data>('reference');
  return {
    name: 'reference',
    async compile(program, { donate = {} } = {}) {
      checkDonation(program, donate);
      return Promise.resolve({ program, donate });
    },
    async upload(type, data) {
      checkLength(type, data);
      const held = allocate(type, precision);
      held.set(type.dtype === 'bf16' ? Array.from(data, roundToBf16) : data);
      return Promise.resolve(table.add(type, held));
    },
    allocate: (type) => Promise.resolve(table.add(type, allocate(type, precision))),
    async run(executable, inputs) {
      const { program, donate } = executable;
      const bound = table.bind(executable, inputs);
      await setImmediate();
      const given = Object.fromEntries(program.inputs.map(({ name }, i) => [name, bound[i]]));
      const results = interpret(program, given, precision);
      for (const name of Object.values(donate)) table.remove(inputs[name]);
      return Object.fromEntries(
        program.outputs.map(({ name, value }) => [name, table.add(value, results[name].slice())]),
      );
    },
    download: async (tensor) => Promise.resolve(toHost(tensor.dtype, table.find(tensor))),
    dispose(...what) {
      for (const one of what) if ('executor' in one) table.remove(one);
    },
    close: () => Promise.resolve(),
  };
}

/** A copy of the numbers as downloads give them. */
function toHost(dtype: DType, data: Data): HostData {
  if (isFloat(dtype)) return Float32Array.from(data);
  return dtype === 'u32' ? Uint32Array.from(data) : Int32Array.from(data);
}
