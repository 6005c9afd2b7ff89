// Tokens and loss masks of some documents of one partition, as the table keeps them.

import { isPresent, type PartReader, type RawPage } from '@gristmill/shards';
import type { PackedDocuments } from './packed-documents.ts';

export interface StoredTokens {
  readonly place: number;
  /** Without end-of-text. */
  readonly tokens: Uint8Array;
  readonly mask: Uint8Array | undefined;
}

const columns = ['tokens', 'mask'];
const rowsAtOnce = 64;
/** Where fewer than one row in so many is wanted, only the row groups that hold one are read. */
const sparse = 16;

/** @param wanted places, ascending */
export async function* storedTokens(
  part: PartReader,
  documents: PackedDocuments,
  wanted: readonly number[],
): AsyncGenerator<StoredTokens> {
  if (wanted.length * sparse < part.rows) yield* chosenTokens(part, documents, wanted);
  else yield* passingTokens(part, documents.firsts[part.partition], wanted);
}

async function* chosenTokens(part: PartReader, documents: PackedDocuments, wanted: readonly number[]) {
  for (let from = 0; from < wanted.length; from += rowsAtOnce) {
    const places = wanted.slice(from, from + rowsAtOnce);
    const ids = places.map((place) => documents.id(place));
    for (const [i, { tokens, mask }] of (await part.get(ids, columns)).entries())
      yield { place: places[i], tokens: tokens as Uint8Array, mask: mask as Uint8Array | undefined };
  }
}

async function* passingTokens(part: PartReader, first: number, wanted: readonly number[]) {
  let next = 0;
  let place = first;
  for await (const { rows, pages } of part.pages(columns)) {
    for (; next < wanted.length && wanted[next] < place + rows; next++) {
      const row = wanted[next] - place;
      const tokens = bytesOf(pages.tokens!, row);
      yield {
        place: wanted[next],
        tokens,
        mask: isPresent(pages.mask, row) ? bytesOf(pages.mask, row) : undefined,
      };
    }
    place += rows;
  }
}

const lengthBytes = 4;
const bytesOf = ({ plain, starts }: RawPage, row: number): Uint8Array =>
  plain.subarray(starts[row] + lengthBytes, starts[row + 1]);
