// What a recipe may say to dedup. Thresholds of removal are select's.

import { DataError, type Json, type JsonObject } from '@gristmill/core';
import { resolveScheme, type Scheme } from './scheme.ts';

export type DedupOptions = JsonObject & {
  /** `default`, `fineweb` or {bands, rows}. */
  readonly scheme?: Json;
};

export interface ResolvedDedupOptions {
  readonly scheme: Scheme;
}

/** Throws DataError for a name or value that does not exist. */
export function resolveDedupOptions(options: DedupOptions): ResolvedDedupOptions {
  const known = ['scheme'];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new DataError('wrong-option', `dedup has no option ${unknown}`, `its options: ${known.join(', ')}`);
  }
  return { scheme: resolveScheme(options.scheme) };
}
