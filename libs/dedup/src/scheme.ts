// How minima are cut into bands: a pair is proposed when all rows of one band agree (Leskovec, Rajaraman, Ullman, ch. 3).
// Bands only propose; every pair is verified, so the scheme decides recall and work, never what counts as a duplicate.

import { DataError, suggestName } from '@gristmill/core';

export interface Scheme {
  readonly bands: number;
  readonly rows: number;
}

/** `default` finds a pair of Jaccard .8 with probability .9998; `fineweb` is Penedo et al. 2024's: .92 at .8. */
export const schemes = {
  default: { bands: 16, rows: 4 },
  fineweb: { bands: 14, rows: 8 },
} as const satisfies { readonly [name: string]: Scheme };

export type SchemeName = keyof typeof schemes;

/** Bytes of a sketch, and the least number of minima of a scheme. */
export const sketchBytes = 64;

/** Probability that a pair of this Jaccard similarity is proposed. */
export function findingProbability({ bands, rows }: Scheme, similarity: number): number {
  return 1 - (1 - similarity ** rows) ** bands;
}

/** The scheme of a name, or of its own bands and rows. Throws DataError for one that the kernel cannot compute. */
export function resolveScheme(value: unknown = 'default'): Scheme {
  const scheme = (typeof value === 'string' ? schemes[value as SchemeName] : value) as Scheme | undefined;
  const hashes = (scheme?.bands ?? 0) * (scheme?.rows ?? 0);
  if (scheme === undefined || !(hashes >= sketchBytes && hashes <= 512 && hashes % 8 === 0)) {
    throw new DataError(
      'wrong-scheme',
      `there is no scheme of bands ${JSON.stringify(value)}`,
      `${typeof value === 'string' ? suggestName(value, Object.keys(schemes), '') : ''}use ${Object.keys(schemes).join(' or ')}, or {bands, rows} whose product is a multiple of 8 from 64 to 512`,
    );
  }
  return { bands: scheme.bands, rows: scheme.rows };
}
