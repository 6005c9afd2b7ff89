// Whether there is a corpus at all: a mistyped folder is no empty corpus.

import { DataError } from '@gristmill/core';
import type { Store } from '@gristmill/storage';

/** @throws DataError `no-corpus` */
export async function requireCorpus(store: Store): Promise<void> {
  for (const file of ['corpus.json', 'manifest.json']) if (await store.stat(file)) return;
  if ((await store.list('manifests/')).length > 0) return;
  throw new DataError(
    'no-corpus',
    `${store.location} holds no corpus of Gristmill`,
    'give the folder that `gristmill run` built, or build one there',
  );
}
