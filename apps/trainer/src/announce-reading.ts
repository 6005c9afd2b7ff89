// Tells the corpus that its shards are being read, so that `gristmill gc` leaves them. A folder of shards that lies in no
// corpus, or a corpus that cannot be written, is read without a word.

import { resolve } from 'node:path';
import { announceReader, openStoreAt } from '@gristmill/storage';

/**
 * @param shards `…/tokens/<key>` of a corpus
 * @param index SHA-256 of the index that is read
 * @returns takes it back
 */
export async function announceReading(
  shards: string | undefined,
  index: string,
): Promise<() => Promise<void>> {
  const nothing = async () => {};
  if (shards === undefined) return nothing;
  const place = shards.startsWith('s3://') ? shards : resolve(shards);
  const corpus = /^(.+)\/tokens\/[^/]+\/?$/.exec(place)?.[1];
  if (corpus === undefined) return nothing;
  try {
    const store = await openStoreAt(corpus);
    if (!(await store.stat('corpus.json'))) return nothing;
    const lease = await announceReader(store, index);
    return () => lease.release();
  } catch {
    return nothing;
  }
}
