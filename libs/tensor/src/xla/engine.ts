// The xla executor: a program becomes one executable, its values live on the device from call to call.

import type { Program, Type } from '../program.ts';
import type { Data } from '../reference-primitives.ts';
import { openPjrt } from './pjrt.ts';
import { lowerToStableHlo } from './stablehlo.ts';

/** A tensor on the device. Freed by hand: a garbage collector does not see device memory. */
export interface XlaBuffer {
  readonly type: Type;
  read(): Data;
  free(): void;
}

export interface XlaProgram {
  /** Runs on buffers by name; gives fresh buffers. A donated input is gone afterwards. */
  run(inputs: Readonly<Record<string, XlaBuffer>>): Record<string, XlaBuffer>;
  free(): void;
}

export interface XlaEngine {
  upload(data: ArrayLike<number>, type: Type): XlaBuffer;
  /** `donated` maps an output to the input whose buffer it takes over. */
  compile(program: Program, donated?: Readonly<Record<string, string>>): XlaProgram;
  close(): void;
}

/** Opens a PJRT plugin; `options` go to it as they are (the CPU plugin: cpu_device_count). */
export async function openXlaEngine(
  plugin: string,
  options: Readonly<Record<string, number>> = {},
): Promise<XlaEngine> {
  const client = await openPjrt(plugin, options);
  const handles = new WeakMap<XlaBuffer, bigint>();
  const wrap = (handle: bigint, type: Type): XlaBuffer => {
    const buffer: XlaBuffer = {
      type: { shape: type.shape, dtype: type.dtype },
      read: () => client.download(handle, type),
      free: () => {
        if (handles.delete(buffer)) client.freeBuffer(handle);
      },
    };
    handles.set(buffer, handle);
    return buffer;
  };
  return {
    upload: (data, type) => wrap(client.upload(data, type), type),
    compile(program, donated = {}) {
      const executable = client.compile(lowerToStableHlo(program, donated));
      const consumed = new Set(Object.values(donated));
      return {
        run(inputs) {
          const given = program.inputs.map(({ name }) => {
            const handle = inputs[name] && handles.get(inputs[name]);
            if (handle === undefined) throw new TypeError(`no buffer is bound to ${name}`);
            return handle;
          });
          const results = client.execute(executable, given, program.outputs.length);
          for (const { name } of program.inputs) if (consumed.has(name)) inputs[name].free();
          return Object.fromEntries(
            program.outputs.map(({ name, value }, i) => [name, wrap(results[i], value)]),
          );
        },
        free: () => client.freeExecutable(executable),
      };
    },
    close: () => client.close(),
  };
}
