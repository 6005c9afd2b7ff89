// The plain encoder: the pattern as a regular expression, merges by merge-piece.ts. It tests the WebAssembly encoder, and
// serves the patterns that that one does not know.

import { asOfUnicode16 } from './character-classes.ts';
import type { Merge } from './encode-kernel.ts';
import { mergePiece } from './merge-piece.ts';
import { MergeTable } from './merge-table.ts';

export interface ReferenceModel {
  readonly vocabulary: readonly (Uint8Array | undefined)[];
  readonly byteIds: Int32Array;
  readonly merges?: readonly Merge[];
  readonly pattern: RegExp;
  readonly wholePieces: boolean;
}

// Pieces repeat (Zipf), so their tokens are kept; longer ones hardly ever do.
const longestKeptPiece = 32;
const keptPieces = 1 << 17;
const utf8 = new TextEncoder();

export function createReferenceEncoder(model: ReferenceModel): (text: string) => Uint32Array {
  const { vocabulary, byteIds } = model;
  const merges = model.merges ?? listCuts(vocabulary);
  const table = new MergeTable(merges.length);
  for (const [left, right, merged, rank] of merges) table.set(left, right, merged, rank);
  const whole = model.wholePieces ? indexWholePieces(vocabulary) : undefined;
  const cache = new Map<string, Int32Array>();
  const encodePiece = (piece: string): Int32Array => {
    const known = whole?.get(piece);
    if (known !== undefined) return Int32Array.of(known);
    const ids = Int32Array.from(utf8.encode(piece), (byte) => byteIds[byte]);
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
  return (text) => {
    const ids = new IdBuffer();
    for (const { index, 0: cut } of asOfUnicode16(text).matchAll(model.pattern)) {
      ids.append(lookUp(text.slice(index, index + cut.length)));
    }
    return ids.finish();
  };
}

/** Every way to cut a token into two tokens, which merge with the rank of the whole: its id. */
function listCuts(vocabulary: ReferenceModel['vocabulary']): Merge[] {
  const ids = new Map<string, number>();
  const spell = (bytes: Uint8Array): string =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  vocabulary.forEach((bytes, id) => bytes && ids.set(spell(bytes), id));
  const cuts: Merge[] = [];
  for (const [token, id] of ids) {
    for (let cut = 1; cut < token.length; cut++) {
      const left = ids.get(token.slice(0, cut));
      const right = left === undefined ? undefined : ids.get(token.slice(cut));
      if (left !== undefined && right !== undefined) cuts.push([left, right, id, id]);
    }
  }
  return cuts;
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

/** Ids that grow as needed. */
export class IdBuffer {
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
