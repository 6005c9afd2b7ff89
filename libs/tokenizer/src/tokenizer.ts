// A tokenizer: text to ids and back. `createByteLevelBpe` makes the byte-level BPE of GPT-2 and its successors from its
// vocabulary in bytes; a special token's spelling in a text is ordinary text unless the caller asks for special tokens.

import { openEncodeKernel, type Merge } from './encode-kernel.ts';
import { createReferenceEncoder, IdBuffer } from './reference-encoder.ts';

export interface EncodeOptions {
  /** Spellings of special tokens become these tokens. */
  readonly special?: boolean;
  /** What the file's post-processor sets around a text, such as [CLS] and [SEP], is set. */
  readonly addSpecialTokens?: boolean;
}

export interface Tokenizer {
  /** Greatest id + 1. */
  readonly vocabSize: number;
  readonly specialTokens: ReadonlyMap<string, number>;
  encode(text: string, options?: EncodeOptions): Uint32Array;
  /** Text of the ids; bytes that are no UTF-8 become U+FFFD. */
  decode(ids: ArrayLike<number>): string;
  decodeBytes(ids: ArrayLike<number>): Uint8Array;
  /** The bytes of one token; undefined for an id that the vocabulary lacks. */
  tokenBytes(id: number): Uint8Array | undefined;
  /** The id of a special token, or of the token that is exactly this text. */
  tokenId(token: string): number | undefined;
}

export interface ByteLevelBpe {
  /** Bytes of every ordinary token by id; holes are allowed. */
  readonly vocabulary: readonly (Uint8Array | undefined)[];
  /** In order of rank. Undefined: two tokens merge wherever their bytes together are a token, the least id first. */
  readonly merges?: readonly Merge[];
  /** Global and Unicode; every character of a text lies in a match. */
  readonly pattern: RegExp;
  readonly special: ReadonlyMap<string, number>;
  /** Tokens outside the merges that a text always matches, longest first. */
  readonly added?: ReadonlyMap<string, number>;
  /** Applied to the text before it is cut. */
  readonly normalize?: (text: string) => string;
  /** A piece that is a token as a whole is that token, whatever the merges say (tiktoken; `ignore_merges`). */
  readonly wholePieces?: boolean;
  /** Leaves the WebAssembly kernel out: the plain reference that it is tested against. */
  readonly reference?: boolean;
}

const utf8 = new TextEncoder();

export function createByteLevelBpe(model: ByteLevelBpe): Tokenizer {
  const { vocabulary, special } = model;
  const added = model.added ?? new Map<string, number>();
  const all = new Map([...added, ...special]);
  const wholeBytes = new Map([...all].map(([token, id]) => [id, utf8.encode(token)]));
  const addedPattern = patternOf(added);
  const allPattern = patternOf(all);
  const encodeNormal = openEncoder(model);
  const encodeOrdinary = (text: string): Uint32Array =>
    encodeNormal(model.normalize ? model.normalize(text) : text);
  const tokenBytes = (id: number): Uint8Array | undefined => vocabulary[id] ?? wholeBytes.get(id);

  return {
    vocabSize: Math.max(vocabulary.length - 1, ...all.values()) + 1,
    specialTokens: special,
    tokenBytes,
    encode(text, { special = false } = {}) {
      const pattern = special ? allPattern : addedPattern;
      if (!pattern) return encodeOrdinary(text);
      const ids = new IdBuffer();
      for (const part of text.split(pattern)) {
        const id = special ? all.get(part) : added.get(part);
        ids.append(id === undefined ? encodeOrdinary(part) : [id]);
      }
      return ids.finish();
    },
    decode: (ids) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(joinBytes(ids, tokenBytes)),
    decodeBytes: (ids) => joinBytes(ids, tokenBytes),
    tokenId(token) {
      const known = all.get(token);
      if (known !== undefined) return known;
      const bytes = utf8.encode(token);
      const id = vocabulary.findIndex((other) => other !== undefined && Buffer.compare(other, bytes) === 0);
      return id < 0 ? undefined : id;
    },
  };
}

function openEncoder(model: ByteLevelBpe): (text: string) => Uint32Array {
  const { vocabulary, merges, wholePieces = false } = model;
  const byteIds = findByteIds(vocabulary);
  const pattern = model.pattern.source;
  const fast = model.reference
    ? undefined
    : openEncodeKernel({ byteIds, vocabulary, merges, wholePieces, pattern });
  return fast ?? createReferenceEncoder({ ...model, byteIds, wholePieces });
}

function findByteIds(vocabulary: readonly (Uint8Array | undefined)[]): Int32Array {
  const ids = new Int32Array(256).fill(-1);
  vocabulary.forEach((bytes, id) => {
    if (bytes?.length === 1 && ids[bytes[0]] < 0) ids[bytes[0]] = id;
  });
  return ids;
}

function patternOf(special: ReadonlyMap<string, number>): RegExp | undefined {
  if (special.size === 0) return undefined;
  const longestFirst = [...special.keys()].sort((a, b) => b.length - a.length);
  return new RegExp(
    `(${longestFirst.map((token) => token.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')})`,
    'u',
  );
}

function joinBytes(ids: ArrayLike<number>, tokenBytes: (id: number) => Uint8Array | undefined): Uint8Array {
  const parts = Array.from(ids, (id) => tokenBytes(id) ?? new Uint8Array(0));
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
