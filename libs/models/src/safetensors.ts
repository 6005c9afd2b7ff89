// safetensors: 8 bytes header length, a JSON header with the type, shape and byte range of each tensor, then the bytes.
// Read by position, tensor by tensor, so a file may be larger than memory; written in one pass. Reads F32, F16, BF16
// and F64 into single precision; writes F32. Format: github.com/huggingface/safetensors.

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DataError } from '@gristmill/core';
import type { Store, StoreWriter } from '@gristmill/storage';
import { sizeOf } from '@gristmill/tensor';

export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A tensor to be written; its values are asked for when it is its turn, so not all need be in memory at once. */
export interface TensorSource extends Pick<NamedTensor, 'name' | 'shape'> {
  load(): TensorValues;
}

/** All values, or one piece of them after the other. */
export type TensorValues = Float32Array | Promise<Float32Array> | AsyncIterable<Float32Array>;

export interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** From the end of the header, in bytes. */
  readonly data_offsets: readonly [begin: number, end: number];
}

const widths: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2 };
const longestHeader = 100_000_000;

type Files = Pick<Store, 'location' | 'read' | 'stat'>;

/** The tensors of a file by name, without their data. @throws DataError `safetensors-damaged` */
export async function readHeader(
  files: Files,
  path: string,
): Promise<{ entries: Map<string, TensorEntry>; start: number }> {
  const size = (await files.stat(path))?.size ?? 0;
  if (size < 8) throw damaged(files, path, 'it is shorter than its header');
  const length = Number(Buffer.from(await files.read(path, 0, 8)).readBigUInt64LE());
  if (length > longestHeader || length + 8 > size) throw damaged(files, path, 'its header does not fit');
  const entries = new Map<string, TensorEntry>();
  for (const [name, entry] of Object.entries(parseHeader(files, path, await files.read(path, 8, length)))) {
    if (name === '__metadata__') continue;
    const width = widths[entry.dtype];
    const [begin, end] = entry.data_offsets ?? [0, -1];
    if (width !== undefined && end - begin !== sizeOf(entry.shape) * width)
      throw damaged(files, path, `the bytes of ${name} do not fit its shape`);
    if (begin < 0 || end < begin || 8 + length + end > size)
      throw damaged(files, path, `${name} lies outside the file`);
    entries.set(name, entry);
  }
  return { entries, start: 8 + length };
}

function parseHeader(files: Files, path: string, bytes: Uint8Array): Record<string, TensorEntry> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (header !== null && typeof header === 'object') return header as Record<string, TensorEntry>;
  } catch {
    // the same error
  }
  throw damaged(files, path, 'its header is no JSON object');
}

/** Every floating-point tensor of a file, one after the other, as single precision. */
export async function* readTensors(files: Files, path: string): AsyncGenerator<NamedTensor> {
  const { entries, start } = await readHeader(files, path);
  for (const [name, { dtype, shape, data_offsets: range }] of entries) {
    if (widths[dtype] === undefined) continue;
    const bytes = await files.read(path, start + range[0], range[1] - range[0]);
    yield { name, shape, data: toFloat32(bytes, dtype) };
  }
}

function toFloat32(bytes: Uint8Array, dtype: string): Float32Array {
  const buffer = bytes.slice().buffer; // aligned, and ours
  if (dtype === 'F32') return new Float32Array(buffer);
  if (dtype === 'F64') return Float32Array.from(new Float64Array(buffer));
  const halves = new Uint16Array(buffer);
  if (dtype === 'BF16') return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
  return Float32Array.from(halves, decodeHalf);
}

/** IEEE 754 binary16 → number. */
function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Writes a file that begins with these bytes and goes on with the values of these tensors, where they lie. */
export type WholeWriter = (
  path: string,
  head: Uint8Array,
  names: readonly string[],
) => Promise<{ sha256: string }>;

/**
 * Writes tensors in single precision; the header is padded so that data begin on 8 bytes.
 * @param write writes the file in place of this process, given its path on this machine and what it begins with
 */
export async function writeTensors(
  store: Store,
  path: string,
  tensors: readonly TensorSource[],
  write?: (path: string, head: Uint8Array) => Promise<{ sha256: string }>,
): Promise<{ sha256: string }> {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  for (const { name, shape } of tensors) {
    const end = offset + sizeOf(shape) * 4;
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const start = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  start.writeBigUInt64LE(BigInt(start.length - 8));
  start.set(json, 8);
  if (write) {
    const place = join(store.location, path);
    mkdirSync(dirname(place), { recursive: true });
    return write(place, start);
  }
  const writer = await store.writer(path, start.length + offset);
  try {
    await writer.write(start);
    for (const tensor of tensors) await writeValues(writer, tensor);
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return writer.commit();
}

/** The next piece is asked for while one is being written. */
async function writeValues(writer: Pick<StoreWriter, 'write'>, tensor: TensorSource): Promise<void> {
  let count = 0;
  let writing: Promise<void> = Promise.resolve();
  for await (const data of inPieces(tensor.load())) {
    count += data.length;
    await writing;
    writing = writer.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    writing.catch(() => {}); // awaited before the next piece
  }
  await writing;
  if (count !== sizeOf(tensor.shape)) throw new TypeError(`${tensor.name} has ${count} values`);
}

async function* inPieces(values: TensorValues): AsyncGenerator<Float32Array> {
  if (Symbol.asyncIterator in values) yield* values;
  else yield await values;
}

function damaged(files: Files, path: string, why: string): DataError {
  return new DataError(
    'safetensors-damaged',
    `${path} in ${files.location} cannot be used: ${why}`,
    'fetch the file again, or take an older checkpoint',
  );
}
