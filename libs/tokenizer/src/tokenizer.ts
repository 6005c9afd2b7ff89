// A tokenizer: text to ids and back. `createByteLevelBpe` makes the byte-level BPE of GPT-2 and its successors from its
// vocabulary in bytes; a special token's spelling in a text is ordinary text unless the caller asks for special tokens.

import { openEncodeKernel } from './encode-kernel.ts';
import { mergePiece } from './merge-piece.ts';
import { MergeTable } from './merge-table.ts';

export interface EncodeOptions {
  /** Spellings of special tokens become these tokens. */
  readonly special?: boolean;
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
  /** (left, right, merged) ids in order of rank. */
  readonly merges: Iterable<readonly [left: number, right: number, merged: number, rank: number]>;
  readonly mergeCount: number;
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

// Pieces repeat (Zipf), so their tokens are kept; longer ones hardly ever do.
const longestKeptPiece = 32;
const keptPieces = 1 << 17;
const utf8 = new TextEncoder();

export function createByteLevelBpe(model: ByteLevelBpe): Tokenizer {
  const table = new MergeTable(model.mergeCount);
  for (const [left, right, merged, rank] of model.merges) table.set(left, right, merged, rank);
  const byteIds = findByteIds(model.vocabulary);
  const whole = model.wholePieces ? indexWholePieces(model.vocabulary) : undefined;
  const cache = new Map<string, Int32Array>();
  const added = model.added ?? new Map<string, number>();
  const all = new Map([...added, ...model.special]);
  const wholeBytes = new Map([...all].map(([token, id]) => [id, utf8.encode(token)]));
  const addedPattern = patternOf(added);
  const allPattern = patternOf(all);

  const encodePiece = (piece: string): Int32Array => {
    const known = whole?.get(piece);
    if (known !== undefined) return Int32Array.of(known);
    const bytes = utf8.encode(piece);
    const ids = Int32Array.from(bytes, (byte) => byteIds[byte]);
    return ids.slice(0, mergePiece(ids, ids.length, table));
  };
  const lookUp = (piece: string): Int32Array => {
    const kept = cache.get(piece);
    if (kept) return kept;
    const ids = encodePiece(piece);
    if (piece.length <= longestKeptPiece) {
      if (cache.size >= keptPieces) cache.clear();
      cache.set(piece, ids);
    }
    return ids;
  };
  const kernel = model.reference
    ? undefined
    : openEncodeKernel({
        byteIds,
        table,
        pattern: model.pattern.source,
        whole: model.wholePieces ? model.vocabulary : undefined,
      });
  const encodeOrdinary = (text: string, into: IdBuffer): void => {
    const normal = model.normalize ? model.normalize(text) : text;
    if (kernel) kernel(normal, (ids) => into.append(ids));
    else for (const [piece] of normal.matchAll(model.pattern)) into.append(lookUp(piece));
  };
  const tokenBytes = (id: number): Uint8Array | undefined => model.vocabulary[id] ?? wholeBytes.get(id);

  return {
    vocabSize: Math.max(model.vocabulary.length - 1, ...all.values()) + 1,
    specialTokens: model.special,
    tokenBytes,
    encode(text, { special = false } = {}) {
      const ids = new IdBuffer();
      const pattern = special ? allPattern : addedPattern;
      if (!pattern) encodeOrdinary(text, ids);
      else {
        for (const part of text.split(pattern)) {
          const id = special ? all.get(part) : added.get(part);
          if (id === undefined) encodeOrdinary(part, ids);
          else ids.append([id]);
        }
      }
      return ids.finish();
    },
    decode: (ids) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(joinBytes(ids, tokenBytes)),
    decodeBytes: (ids) => joinBytes(ids, tokenBytes),
    tokenId(token) {
      const known = all.get(token);
      if (known !== undefined) return known;
      const ids = lookUp(token);
      return ids.length === 1 ? ids[0] : undefined;
    },
  };
}

/** Ids that grow as needed. */
class IdBuffer {
  #ids = new Uint32Array(1024);
  #length = 0;

  append(ids: ArrayLike<number>): void {
    if (this.#length + ids.length > this.#ids.length) this.#grow(ids.length);
    this.#ids.set(ids, this.#length);
    this.#length += ids.length;
  }

  #grow(more: number): void {
    const larger = new Uint32Array(2 * (this.#length + more));
    larger.set(this.#ids);
    this.#ids = larger;
  }

  finish(): Uint32Array {
    return this.#ids.slice(0, this.#length);
  }
}

function findByteIds(vocabulary: readonly (Uint8Array | undefined)[]): Int32Array {
  const ids = new Int32Array(256).fill(-1);
  vocabulary.forEach((bytes, id) => {
    if (bytes?.length === 1 && ids[bytes[0]] < 0) ids[bytes[0]] = id;
  });
  return ids;
}

function indexWholePieces(vocabulary: readonly (Uint8Array | undefined)[]): Map<string, number> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const pieces = new Map<string, number>();
  vocabulary.forEach((bytes, id) => {
    if (!bytes) return;
    try {
      pieces.set(decoder.decode(bytes), id);
    } catch {
      // A token that cuts a character cannot be a piece of text.
    }
  });
  return pieces;
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
