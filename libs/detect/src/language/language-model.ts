// The file of the language model. Languages compete within a script only; each script that several share has a table from
// hashed n-grams (word-features.ts) to weights of the languages for which the n-gram speaks. Layout: 8 bytes magic,
// uint32 length of a JSON header, the header, then one Brotli stream: for each script the gaps between ascending hashes
// (variable length), the number of weights of each, their languages, their weights (int8). Trained by
// scripts/language-model.

import { brotliDecompressSync } from 'node:zlib';
import { canonicalJson, DataError, type JsonObject } from '@gristmill/core';
import { hashBits } from './word-features.ts';

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

/** A script's table as the detector reads it. */
export interface ScriptModel {
  readonly script: string;
  readonly languages: readonly string[];
  readonly bias: Int32Array;
  /**
   * Open addressing by the upper bits of the hash: position in `entries` << 7 | lower 7 bits of the hash; below 0: the
   * number of a row instead of a position; 0 = empty.
   */
  readonly slots: Int32Array;
  readonly slotShift: number;
  /** Weights in runs: language << 8 | weight + 128, the last of a run with the bit 0x8000. */
  readonly entries: Uint16Array;
  /** Rows of the n-grams with weights for many languages: two weights + 128 in a number, the even language's below. */
  readonly rows: Int32Array;
  readonly pairsPerRow: number;
}

export const tagBits = 7;
/** What each weight in a row is too great by. */
export const pairBias = 128;
// From this share of the languages on, a row is added sooner than a run.
const rowShare = 0.2;

export function decodeLanguageModel(bytes: Uint8Array): { scale: number; scripts: ScriptModel[] } {
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
  const scripts = header.scripts.map((script) => {
    const [gaps, counts, owners, weights] = script.lengths.map(take);
    return buildTable(script, { gaps, counts, owners, weights: new Int8Array(weights) });
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

interface Streams {
  readonly gaps: Uint8Array;
  readonly counts: Uint8Array;
  readonly owners: Uint8Array;
  readonly weights: Int8Array;
}

function buildTable(script: Header['scripts'][number], streams: Streams): ScriptModel {
  const { gaps, counts, owners, weights } = streams;
  const { languages, bias } = script;
  const pairsPerRow = (languages.length + 1) >> 1;
  const leastInRow = Math.max(2, languages.length * rowShare);
  let bits = 4;
  while (2 ** bits < counts.length * 1.5) bits++;
  const slots = new Int32Array(2 ** bits);
  const slotShift = hashBits - bits;
  const entries = new Uint16Array(owners.length + 1);
  const rows = new Int32Array(
    counts.reduce((sum, count) => sum + Number(count >= leastInRow), 0) * pairsPerRow,
  );
  rows.fill(pairBias * 0x10001);
  const reader = { at: 0 };
  let hash = 0;
  let from = 0;
  let entry = 1; // position 0 would look like an empty slot
  let row = 0;
  for (const count of counts) {
    hash += readVariable(gaps, reader);
    let slot = slotShift >= 0 ? hash >>> slotShift : hash << -slotShift;
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
    const tag = hash & ((1 << tagBits) - 1);
    const end = from + count;
    if (count >= leastInRow) {
      slots[slot] = 0x80000000 | (row << tagBits) | tag;
      for (; from < end; from++)
        rows[row * pairsPerRow + (owners[from] >> 1)] += weights[from] * (owners[from] & 1 ? 0x10000 : 1);
      row++;
    } else {
      slots[slot] = (entry << tagBits) | tag;
      for (; from < end; from++) entries[entry++] = (owners[from] << 8) | (weights[from] + 128);
      entries[entry - 1] |= 0x8000;
    }
  }
  const kept = { slots, slotShift, entries: entries.slice(0, entry), rows, pairsPerRow };
  return { script: script.script, languages, bias: Int32Array.from(bias), ...kept };
}

function readVariable(bytes: Uint8Array, reader: { at: number }): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[reader.at++];
    value |= (byte & 127) << shift;
    if (byte < 128) return value;
  }
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
