// The WebAssembly module of fingerprints as TypeScript sees it: its functions, the table of characters that it asks the
// host for, and where things lie in its memory. assembly/fingerprint.ts says what each function does.

import { readFileSync } from 'node:fs';
import { normalizeForDedup } from '@gristmill/text';

export interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  hashWords(text: number, bytes: number, words: number, spans: number): number;
  hashShingles(words: number, count: number, n: number, shingles: number): number;
  winnow(hashes: number, count: number, window: number, chosen: number): number;
  hashLines(
    text: number,
    bytes: number,
    words: number,
    spans: number,
    count: number,
    least: number,
    lines: number,
    paragraphs: number,
  ): number;
  paragraphTotal(): number;
  minHash(shingles: number, count: number, keys: number, hashes: number, minima: number): void;
  hashBands(minima: number, bands: number, rows: number, digests: number): void;
  intersect(a: number, countA: number, b: number, countB: number, table: number, bits: number): number;
  hashLow(): bigint;
  hashHigh(): bigint;
  distinctA(): number;
  distinctB(): number;
}

/** The part of WebAssembly that is used here; its types otherwise come only with the browser's. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}
const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

// The kernel's table and its place for long images come first (see there), then the host's own blocks.
const imageAddress = 65536 + 65536 * 4;
export const mostHashes = 512;
export const keysAddress = imageAddress + 64;
export const minimaAddress = keysAddress + mostHashes * 8;
export const digestsAddress = minimaAddress + mostHashes * 4;
export const blocksAddress = digestsAddress + mostHashes * 8;

const kindOf = { kept: 1, space: 2, dropped: 4, special: 5 } as const;

let compiled: object | undefined;

/** A new instance with its own memory; the module is compiled once a thread. */
export function openKernel(): Kernel {
  compiled ??= new Module(readFileSync(new URL('./fingerprint.wasm', import.meta.url)));
  const images = new Map<number, string>();
  const image = (point: number, target: number): number => {
    let known = images.get(point);
    if (known === undefined) images.set(point, (known = imageOf(point)));
    if (known === ' ') return -1;
    const units = new Uint16Array(kernel.memory.buffer, target, known.length);
    for (let i = 0; i < known.length; i++) units[i] = known.charCodeAt(i);
    return known.length;
  };
  const kernel = new Instance(compiled, { host: { learn, image } }).exports as Kernel;
  return kernel;
}

/** Makes the memory reach to `end`. Views of it are void afterwards. */
export function reserve(kernel: Kernel, end: number): void {
  const missing = end - kernel.memory.buffer.byteLength;
  if (missing > 0) kernel.memory.grow(Math.ceil(missing / 65536) + 16);
}

/** What libs/text makes of one character, between two letters so that spaces show. */
function imageOf(point: number): string {
  return normalizeForDedup(`x${String.fromCodePoint(point)}x`).slice(1, -1);
}

function learn(point: number): number {
  if (point >= 0xd800 && point < 0xe000) return kindOf.dropped << 16;
  const image = imageOf(point);
  if (image === ' ') return kindOf.space << 16;
  if (image === '') return kindOf.dropped << 16;
  if (image.length > 1) return kindOf.special << 16;
  return (kindOf.kept << 16) | image.charCodeAt(0);
}
