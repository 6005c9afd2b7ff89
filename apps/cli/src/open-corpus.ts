// Opens the store that a command's DIR names: a folder, or s3://bucket/prefix.

import { openStoreAt, type Store } from '@gristmill/storage';

export function openCorpus(place: string): Promise<Store> {
  return openStoreAt(place);
}

/** Runs `work` on an open store and closes it. */
export async function withCorpus(place: string, work: (store: Store) => Promise<void>): Promise<void> {
  const store = await openCorpus(place);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}
