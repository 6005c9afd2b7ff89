// What a recipe may say to dedup. Thresholds of removal are select's.

import { checkOptions, type JsonObject, type OptionSchema, type OptionsOf } from '@gristmill/core';
import { resolveScheme, type Scheme } from './scheme.ts';

export const dedupOptions = {
  scheme: {
    type: 'json',
    default: 'default',
    description:
      'How pairs are proposed; every pair is verified. `default` (16 bands of 4) finds a pair of Jaccard .8 with probability .9998; `fineweb` (14 of 8) with .92; or {bands, rows}.',
  },
} as const satisfies OptionSchema;

export type DedupOptions = OptionsOf<typeof dedupOptions>;

export interface ResolvedDedupOptions {
  readonly scheme: Scheme;
}

/** Throws DataError for a name or value that does not exist. */
export function resolveDedupOptions(options: JsonObject): ResolvedDedupOptions {
  checkOptions(dedupOptions, options, { name: 'dedup', code: 'wrong-option' });
  return { scheme: resolveScheme(options.scheme) };
}
