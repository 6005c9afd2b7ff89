// The WebAssembly encoder: byte-level BPE by one of the published patterns. assembly/encode-kernel.ts holds the loops;
// here are its memory, its vocabulary and merges, and the classes of characters.

import { learnClasses } from './character-classes.ts';
import { loadWasm, reserveMemory, type WasmMemory } from './load-wasm.ts';
import { cl100kPattern, gpt2Pattern, o200kPattern } from './pretokenize-pattern.ts';

interface Kernel {
  readonly memory: WasmMemory;
  freeMemory(): number;
  prepare(isPrefix: number): void;
  setVocabulary(address: number, size: number): void;
  listCuts(list: number): number;
  setMerges(list: number, count: number, slotBits: number): void;
  encode(from: number, end: number, pattern: number): number;
  outputAddress(): number;
  outputCount(): number;
}

const padding = 64;
const mostTokens = 1 << 20;
const patterns = [gpt2Pattern, cl100kPattern, o200kPattern];
/** ASCII characters that a pattern takes in front of a word. */
const prefixes = [/ /, /[^\r\n\p{L}\p{N}']/u, /[^\r\n\p{L}\p{N}]/u];

const utf8 = new TextEncoder();

export type Merge = readonly [left: number, right: number, merged: number, rank: number];

export interface KernelModel {
  /** Id of each byte. */
  readonly byteIds: Int32Array;
  /** Bytes of the tokens by id. */
  readonly vocabulary: readonly (Uint8Array | undefined)[];
  /** Undefined: two tokens merge wherever their bytes together are a token, with its id for a rank. */
  readonly merges: readonly Merge[] | undefined;
  /** A piece that is a token is that token, whatever the merges say. */
  readonly wholePieces: boolean;
  /** Source of the pattern. */
  readonly pattern: string;
}

/** Ids of ordinary text. They are a copy. */
export type KernelEncode = (text: string) => Uint32Array;

/** Undefined where the kernel does not know the pattern, a byte has no id, or there are more than a million tokens. */
export function openEncodeKernel(model: KernelModel): KernelEncode | undefined {
  const pattern = patterns.indexOf(model.pattern);
  const isTooLarge = Math.max(model.vocabulary.length, model.merges?.length ?? 0) > mostTokens;
  if (pattern < 0 || model.byteIds.includes(-1) || isTooLarge) return undefined;
  const textAddress = load(createKernel(), model, pattern);
  return encodeWith(textAddress.kernel, textAddress.free, pattern);
}

function createKernel(): Kernel {
  const learn = (point: number): void =>
    learnClasses(new Uint8Array(kernel.memory.buffer, classAddress), point);
  const kernel = loadWasm<Kernel>('encode-kernel', { learn });
  return kernel;
}

// As in assembly/encode/layout.ts.
const classAddress = 0x10000;
const byteIdAddress = 0x120200;

/** Fills the kernel's tables; `free` is the first address behind them. */
function load(kernel: Kernel, model: KernelModel, pattern: number): { kernel: Kernel; free: number } {
  const start = kernel.freeMemory();
  const buffer = reserveMemory(kernel.memory, start + 65536);
  new Int32Array(buffer, byteIdAddress, 256).set(model.byteIds);
  learnClasses(new Uint8Array(buffer, classAddress), 0);
  const isPrefix = new Uint8Array(buffer, start, 128);
  for (let code = 0; code < 128; code++)
    isPrefix[code] = Number(prefixes[pattern].test(String.fromCharCode(code)));
  kernel.prepare(start);
  let free = start;
  if (model.wholePieces || !model.merges) free = writeVocabulary(kernel, model.vocabulary, start);
  const count = model.merges ? writeMerges(kernel, model.merges, free) : kernel.listCuts(free);
  kernel.setMerges(free, count, Math.ceil(Math.log2(Math.max(1024, count * 1.5))));
  return { kernel, free };
}

/** Returns the address behind it. */
function writeVocabulary(kernel: Kernel, vocabulary: KernelModel['vocabulary'], start: number): number {
  const size = vocabulary.length;
  const bytes = vocabulary.reduce((sum, token) => sum + (token?.length ?? 0), 0);
  const end = start + 4 * (size + 1) + bytes;
  const buffer = reserveMemory(kernel.memory, end + padding);
  const offsets = new Uint32Array(buffer, start, size + 1);
  const target = new Uint8Array(buffer, start + 4 * (size + 1), bytes);
  let at = 0;
  for (let id = 0; id < size; id++) {
    offsets[id] = at;
    const token = vocabulary[id];
    if (token) for (let i = 0; i < token.length; i++) target[at++] = token[i];
  }
  offsets[size] = at;
  kernel.setVocabulary(start, size);
  return (end + padding + 63) & ~63;
}

function writeMerges(kernel: Kernel, merges: readonly Merge[], start: number): number {
  const buffer = reserveMemory(kernel.memory, start + 16 * merges.length);
  const list = new Uint32Array(buffer, start, 4 * merges.length);
  merges.forEach((merge, i) => list.set(merge, 4 * i));
  return merges.length;
}

function encodeWith(kernel: Kernel, textAddress: number, pattern: number): KernelEncode {
  let view = new Uint8Array(0);
  return (text) => {
    const buffer = reserveMemory(kernel.memory, textAddress + 3 * text.length + padding);
    if (view.buffer !== buffer) view = new Uint8Array(buffer, textAddress);
    const end = textAddress + utf8.encodeInto(text, view).written;
    let at = kernel.encode(textAddress, end, pattern);
    const first = new Uint32Array(kernel.memory.buffer, kernel.outputAddress(), kernel.outputCount()).slice();
    if (at === end) return first;
    const parts = [first];
    while (at < end) {
      at = kernel.encode(at, end, pattern);
      parts.push(new Uint32Array(kernel.memory.buffer, kernel.outputAddress(), kernel.outputCount()).slice());
    }
    return join(parts);
  };
}

function join(parts: readonly Uint32Array[]): Uint32Array {
  const joined = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
