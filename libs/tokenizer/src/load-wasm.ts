// Instances of the WebAssembly modules of this folder, compiled once.

import { readFileSync } from 'node:fs';

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}
const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

const compiled = new Map<string, object>();

/** @param name of the file without its ending */
export function loadWasm<Exports>(
  name: string,
  host: object = {},
): Exports & { readonly memory: WasmMemory } {
  let module = compiled.get(name);
  if (module === undefined) {
    module = new Module(readFileSync(new URL(`./${name}.wasm`, import.meta.url)));
    compiled.set(name, module);
  }
  return new Instance(module, { host }).exports as Exports & { readonly memory: WasmMemory };
}

/** Makes the memory reach to `end`. Views of it are void afterwards. */
export function reserveMemory(memory: WasmMemory, end: number): ArrayBuffer {
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536) + 16);
  return memory.buffer;
}
