// Rows of the previous table `pairs` under the forms that a change may concern, in their numbers: read from raw pages, in a
// few tens of bytes each.

import { hexOf, type RawPage, type TableReader } from '@gristmill/shards';
import { sameDigits } from './hex-index.ts';
import { HexList } from './hex-list.ts';
import type { LocalForms } from './local-forms.ts';
import { findCode } from './pair-set.ts';

export interface OldPair {
  /** Of b. */
  readonly hash: string;
  readonly similarity: number;
  readonly star: boolean;
  readonly sameAddress: boolean;
}

/** In the order of the table. */
export interface OldPairs {
  readonly length: number;
  at(row: number): OldPair;
  /** Forms of a row; b is −1 for one that the change does not concern. */
  ends(row: number): readonly [a: number, b: number];
  /** Similarity of two local forms, NaN where it was not measured. */
  similarity(a: number, b: number): number;
}

export async function readOldPairs(previous: TableReader, local: LocalForms): Promise<OldPairs> {
  const columns = createColumns();
  for (const part of previous.parts) {
    for await (const { rows, pages } of part.pages(['b', 'similarity', 'star', 'sameAddress'])) {
      const key = pages.a!;
      let form = -1;
      for (let row = 0; row < rows; row++) {
        if (row === 0 || !isRepeated(key, row)) form = local.find(key.plain, key.starts[row] + 4);
        if (form >= 0) columns.add(form, pages, { row, local });
      }
    }
  }
  return columns.finish(local);
}

function isRepeated({ plain, starts }: RawPage, row: number): boolean {
  return sameDigits(plain, starts[row - 1] + 4, plain, starts[row] + 4);
}

type Pages = Readonly<Record<string, RawPage | undefined>>;

interface Place {
  readonly row: number;
  readonly local: LocalForms;
}

function createColumns() {
  const [first, second, similarities, flags] = [[], [], [], []] as number[][];
  const hashes = new HexList();
  return {
    add(form: number, { b, similarity, star, sameAddress }: Pages, { row, local }: Place): void {
      first.push(form);
      const other = local.find(b!.plain, b!.starts[row] + 4);
      // Below 0: the number of a name, from the end.
      second.push(other < 0 ? -1 - hashes.length : other);
      if (other < 0) hashes.push(hexOf(b!, row));
      similarities.push(similarity!.plain.readDoubleLE(similarity!.starts[row]));
      flags.push(star!.plain[star!.starts[row]] | (sameAddress!.plain[sameAddress!.starts[row]] << 1));
    },
    finish(local: LocalForms): OldPairs {
      const forms = local.count;
      const known = Uint32Array.from(first.keys()).filter((row) => second[row] >= 0);
      const codes = Float64Array.from(known, (row) => first[row] * forms + second[row]);
      return {
        length: first.length,
        ends: (row) => [first[row], Math.max(-1, second[row])],
        at: (row) => ({
          hash: second[row] < 0 ? hashes.at(-1 - second[row]) : local.hashes[second[row]],
          similarity: similarities[row],
          star: (flags[row] & 1) === 1,
          sameAddress: (flags[row] & 2) === 2,
        }),
        similarity(a, b) {
          const place = findCode(codes, a * forms + b);
          return place < 0 ? NaN : similarities[known[place]];
        },
      };
    },
  };
}
