// Makes the archive's bytes: digests and compression take as long as all the rest of a page, so a thread does them as soon as
// there is much, and where there is a core for it.

import { availableParallelism } from 'node:os';
import { encodeExchanges, type EncodedExchanges, type Exchange } from '@gristmill/warc';
import { createPool } from '@gristmill/workers';

export interface Archiver {
  encode(exchanges: readonly Exchange[]): EncodedExchanges | Promise<EncodedExchanges>;
  close(): Promise<void>;
}

/** Bytes of bodies that are made at once here. */
const fewBytes = 256 * 1024;

const job = { module: import.meta.resolve('@gristmill/warc'), export: 'encodeExchangesJob' };

export function createArchiver(cores = availableParallelism()): Archiver {
  const pool = createPool(1);
  return {
    encode(exchanges) {
      const bytes = exchanges.reduce((sum, { response }) => sum + response.body.length, 0);
      if (cores === 1 || bytes <= fewBytes) return encodeExchanges(exchanges);
      return pool.run<readonly Exchange[], EncodedExchanges>(job, exchanges);
    },
    close: () => pool.close(),
  };
}
