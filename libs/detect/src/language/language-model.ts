// The file of the language model. Languages compete within a script only; each script that several share has a table from
// hashed n-grams (word-features.ts) to weights of the languages for which the n-gram speaks. Layout: 8 bytes magic,
// uint32 length of a JSON header, the header, then one Brotli stream: for each script the gaps between ascending hashes
// (variable length), the number of weights of each, their languages, their weights (int8). Trained by
// scripts/language-model.

import { brotliDecompressSync } from 'node:zlib';
import { canonicalJson, DataError, type JsonObject } from '@gristmill/core';

const magic = 'GRISTLD1';

/** The weights of one script's n-grams, in ascending order of their hashes. */
export interface ScriptWeights {
  readonly script: string;
  /** ISO codes; a weight names its language by index. */
  readonly languages: readonly string[];
  /** Added to the score of each language before a word is read. */
  readonly bias: readonly number[];
  readonly hashes: Uint32Array;
  /** Weights of each hash. */
  readonly counts: Uint8Array;
  readonly owners: Uint8Array;
  readonly weights: Int8Array;
}

export interface LanguageModelFile {
  /** Divides summed weights into natural logarithms. */
  readonly scale: number;
  readonly scripts: readonly ScriptWeights[];
}

export function decodeLanguageModel(bytes: Uint8Array): LanguageModelFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || Buffer.from(bytes.subarray(0, 8)).toString('latin1') !== magic)
    fail('wrong magic');
  const length = view.getUint32(8, true);
  if (12 + length > bytes.length) fail('it ends too early');
  const header = parseHeader(bytes.subarray(12, 12 + length));
  const body = brotliDecompressSync(bytes.subarray(12 + length));
  let at = 0;
  const take = (size: number): Uint8Array => {
    if (at + size > body.length) fail('it ends too early');
    return body.subarray(at, (at += size));
  };
  const scripts = header.scripts.map(({ script, languages, bias, lengths }) => {
    const [gaps, counts, owners, weights] = lengths.map(take);
    const hashes = readGaps(gaps, counts.length);
    return { script, languages, bias, hashes, counts, owners, weights: new Int8Array(weights) };
  });
  return { scale: header.scale, scripts };
}

interface Header {
  readonly scale: number;
  readonly scripts: readonly {
    readonly script: string;
    readonly languages: readonly string[];
    readonly bias: readonly number[];
    readonly lengths: readonly number[];
  }[];
}

function parseHeader(bytes: Uint8Array): Header {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Header;
  } catch {
    return fail('its header is no JSON');
  }
}

function fail(what: string): never {
  throw new DataError('language-model', `this is no language model: ${what}`, 'fetch the repository anew');
}

/** Everything but the compressed body, which the training script appends. */
export function encodeLanguageModel(model: LanguageModelFile): { head: Uint8Array; body: Uint8Array } {
  const parts: Uint8Array[] = [];
  const scripts = model.scripts.map(({ script, languages, bias, hashes, counts, owners, weights }) => {
    const streams = [writeGaps(hashes), counts, owners, new Uint8Array(weights.buffer, 0, weights.length)];
    parts.push(...streams);
    return { script, languages, bias, lengths: streams.map((stream) => stream.length) };
  });
  const json = canonicalJson({ scale: model.scale, scripts } as unknown as JsonObject);
  const head = new Uint8Array(12 + Buffer.byteLength(json));
  head.set(Buffer.from(magic, 'latin1'));
  new DataView(head.buffer).setUint32(8, head.length - 12, true);
  head.set(Buffer.from(json), 12);
  return { head, body: Buffer.concat(parts) };
}

function writeGaps(hashes: Uint32Array): Uint8Array {
  const bytes: number[] = [];
  let last = 0;
  for (const hash of hashes) {
    let gap = hash - last;
    for (; gap > 127; gap >>>= 7) bytes.push((gap & 127) | 128);
    bytes.push(gap);
    last = hash;
  }
  return Uint8Array.from(bytes);
}

function readGaps(bytes: Uint8Array, count: number): Uint32Array {
  const hashes = new Uint32Array(count);
  let at = 0;
  let hash = 0;
  for (let i = 0; i < count; i++) {
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      hash += (byte & 127) << shift;
      if (byte < 128) break;
    }
    hashes[i] = hash;
  }
  return hashes;
}
