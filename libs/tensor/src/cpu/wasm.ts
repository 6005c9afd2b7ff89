// The WebAssembly modules of the cpu executor, instantiated on one shared memory, once per thread.

import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { DataError } from '@gristmill/core';

/** The part of WebAssembly that is used here; its types otherwise come only with the browser's. */
interface WebAssemblyApi {
  readonly Memory: new (options: { initial: number; maximum: number; shared: boolean }) => SharedMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}
const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

/** A WebAssembly.Memory shared between threads. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

type Kernel = (...args: number[]) => number | void;
export type Wasm = Readonly<Record<string, Kernel>>;

const modules = ['gemm', 'pointwise', 'rows', 'attention'].map(
  (name) => new URL(`../${name}.wasm`, import.meta.url),
);

/**
 * Compiles and instantiates the kernels on `memory`. V8 then joins pairs of 128-bit operations into 256-bit ones
 * (`--experimental-wasm-revectorize`), about 1.6 times faster on a machine with AVX2 and without effect elsewhere.
 */
export function instantiateKernels(memory: SharedMemory): Wasm {
  return Object.assign({}, ...modules.map((url) => instantiate(url, memory))) as Wasm;
}

/** Bytes of scratch that a thread's matrix products need. */
export function readScratchBytes(memory: SharedMemory): number {
  return (instantiate(modules[0], memory) as Wasm).scratchBytes() as number;
}

function instantiate(url: URL, memory: SharedMemory): object {
  const abort = () => {
    throw new Error('a kernel of the cpu executor aborted');
  };
  setFlagsFromString('--experimental-wasm-revectorize');
  return new Instance(compile(readFileSync(url)), { env: { memory, abort } }).exports;
}

function compile(bytes: Uint8Array): object {
  try {
    return new Module(bytes);
  } catch (cause) {
    throw new DataError(
      'no-relaxed-simd',
      'the cpu executor needs WebAssembly with threads and relaxed SIMD, which this Node on this processor does not have',
      'use Node 22 or later on a processor with SSE4.1 (AVX2 for speed) or NEON, or --executor xla; --executor reference works anywhere, slowly',
      { cause },
    );
  }
}

/** A growable shared memory; wasm addresses at most 4 GiB. */
export function createMemory(): SharedMemory {
  return new Memory({ initial: 64, maximum: 65536, shared: true });
}
