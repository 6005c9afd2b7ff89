// Inflates whole streams of ordinary size in WebAssembly (assembly/inflate.ts), faster than zlib's own. What it gives up on,
// for whatever reason, is zlib's affair.

import { readFileSync } from 'node:fs';

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}
const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

interface Global {
  readonly value: number;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly INPUT: Global;
  readonly INPUT_ROOM: Global;
  readonly OUTPUT: Global;
  readonly consumed: Global;
  inflate(from: number, length: number): number;
}

export interface WholeInflater {
  /** Bytes of input that the last stream took. */
  readonly consumed: number;
  /**
   * The stream that begins at `input[from]`, good until the next call; undefined where it is not sound, has no end there, or
   * is longer than 1 MiB, packed or unpacked.
   */
  inflate(input: Uint8Array, from: number): Uint8Array | undefined;
  /** Nothing is known of any input any more: what was read may have changed. */
  forget(): void;
}

let module: object | undefined;

export function createWholeInflater(): WholeInflater {
  module ??= new Module(readFileSync(new URL('./inflate.wasm', import.meta.url)));
  const exports = new Instance(module, {}).exports as Exports;
  const memory = new Uint8Array(exports.memory.buffer);
  const place = exports.INPUT.value;
  const room = exports.INPUT_ROOM.value;
  const output = exports.OUTPUT.value;
  /** What lies in memory: a stretch of a buffer. */
  let held: { buffer: ArrayBufferLike; from: number; to: number } | undefined;

  function load(input: Uint8Array, from: number): void {
    const piece = input.subarray(from, from + room);
    memory.set(piece, place);
    const start = piece.byteOffset;
    held = { buffer: input.buffer, from: start, to: start + piece.length };
  }

  /** At the stretch that is held, as far as it goes. */
  function inflateHeld(input: Uint8Array, from: number): Uint8Array | undefined {
    const at = input.byteOffset + from;
    if (!held || held.buffer !== input.buffer || at < held.from || at >= held.to) return undefined;
    const end = Math.min(held.to, input.byteOffset + input.length);
    const length = exports.inflate(place + at - held.from, end - at) - 1;
    return length < 0 ? undefined : memory.subarray(output, output + length);
  }

  return {
    get consumed() {
      return exports.consumed.value;
    },
    inflate(input, from) {
      const found = inflateHeld(input, from);
      // What begins there may end behind the stretch.
      if (found || (held?.buffer === input.buffer && held.from === input.byteOffset + from)) return found;
      load(input, from);
      return inflateHeld(input, from);
    },
    forget() {
      held = undefined;
    },
  };
}
