// The WebAssembly encoder: byte-level BPE by one of the published patterns. assembly/encode-kernel.ts holds the loops;
// here are its memory, the classes of characters, and the merging of pieces too long for it.

import { readFileSync } from 'node:fs';
import { mergePiece } from './merge-piece.ts';
import type { MergeTable } from './merge-table.ts';
import { cl100kPattern, gpt2Pattern, o200kPattern } from './pretokenize-pattern.ts';

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  setMergeSlots(slots: number): void;
  addWhole(at: number, length: number, id: number): void;
  clear(): void;
  isFull(): number;
  encode(from: number, end: number, pattern: number): number;
  outputCount(): number;
  longPieceEnd(): number;
}

interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}
const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

const scratchAddress = 1179648;
const outputAddress = 2097152 + 32 * (1 << 20) + (16 << 20);
const mergesAddress = outputAddress + (1 << 20);
const padding = 64;
const longestWhole = 128;
const patterns = [gpt2Pattern, cl100kPattern, o200kPattern];

let compiled: object | undefined;
const utf8 = new TextEncoder();

export interface KernelModel {
  /** Id of each byte. */
  readonly byteIds: Int32Array;
  readonly table: MergeTable;
  /** Source of the pattern. */
  readonly pattern: string;
  /** Tokens that a piece of these bytes is whatever the merges say, by id. */
  readonly whole?: readonly (Uint8Array | undefined)[];
}

/** Encodes ordinary text; calls `append` with ids, which are void after the call. */
export type KernelEncode = (text: string, append: (ids: ArrayLike<number>) => void) => void;

/** Undefined where the kernel does not know the pattern or a byte has no id. */
export function openEncodeKernel(model: KernelModel): KernelEncode | undefined {
  const pattern = patterns.indexOf(model.pattern);
  if (pattern < 0 || model.byteIds.includes(-1)) return undefined;
  compiled ??= new Module(readFileSync(new URL('./encode-kernel.wasm', import.meta.url)));
  const kernel = new Instance(compiled, { host: { learn: classOf } }).exports as Kernel;
  const textAddress = mergesAddress + model.table.slots * 16;
  reserve(kernel, textAddress + 65536);
  new Int32Array(kernel.memory.buffer, scratchAddress, 256).set(model.byteIds);
  model.table.copyTo(new Int32Array(kernel.memory.buffer, mergesAddress, model.table.slots * 4));
  kernel.setMergeSlots(model.table.slots);
  const ascii = new Uint8Array(kernel.memory.buffer, 65536, 128);
  for (let point = 0; point < 128; point++) ascii[point] = classOf(point);
  addWholes(kernel, textAddress, model.whole);

  return (text, append) => {
    reserve(kernel, textAddress + 3 * text.length + padding);
    const { buffer } = kernel.memory;
    const end =
      textAddress + utf8.encodeInto(text, new Uint8Array(buffer, textAddress, 3 * text.length)).written;
    for (let at = textAddress; at < end;) {
      if (kernel.isFull()) {
        kernel.clear();
        addWholes(kernel, end + padding, model.whole);
      }
      at = kernel.encode(at, end, pattern);
      append(new Uint32Array(kernel.memory.buffer, outputAddress, kernel.outputCount()));
      const stop = kernel.longPieceEnd();
      if (stop === 0) continue;
      append(mergeLong(new Uint8Array(kernel.memory.buffer, at, stop - at), model));
      at = stop;
    }
  };
}

function addWholes(kernel: Kernel, scratch: number, whole: KernelModel['whole']): void {
  if (!whole) return;
  reserve(kernel, scratch + longestWhole + padding);
  const place = new Uint8Array(kernel.memory.buffer, scratch, longestWhole);
  whole.forEach((bytes, id) => {
    if (!bytes || bytes.length > longestWhole) return;
    place.set(bytes);
    kernel.addWhole(scratch, bytes.length, id);
  });
}

function mergeLong(bytes: Uint8Array, { byteIds, table, whole }: KernelModel): ArrayLike<number> {
  if (whole && bytes.length < 1024) {
    const known = whole.findIndex(
      (token) => token?.length === bytes.length && token.every((byte, i) => byte === bytes[i]),
    );
    if (known >= 0) return [known];
  }
  const ids = Int32Array.from(bytes, (byte) => byteIds[byte]);
  return ids.subarray(0, mergePiece(ids, ids.length, table));
}

/** Makes the memory reach to `end`. Views of it are void afterwards. */
function reserve(kernel: Kernel, end: number): void {
  const missing = end - kernel.memory.buffer.byteLength;
  if (missing > 0) kernel.memory.grow(Math.ceil(missing / 65536) + 16);
}

const classes: readonly (readonly [RegExp, number])[] = [
  [/^\p{L}/u, 1],
  [/^\p{N}/u, 2],
  [/^\p{White_Space}/u, 4],
  [/^[\r\n]/, 8],
  [/^[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]/u, 16],
  [/^[\p{Ll}\p{Lm}\p{Lo}\p{M}]/u, 32],
  [/^[^\p{White_Space}\p{L}\p{N}]/u, 64],
];

function classOf(point: number): number {
  const character = String.fromCodePoint(point);
  return classes.reduce((bits, [pattern, bit]) => (pattern.test(character) ? bits | bit : bits), 128);
}
