// Opens the store that a command's DIR names: a folder, or s3://bucket/prefix.

import { openDiskStore, type Store } from '@gristmill/storage';

export function openCorpus(place: string): Store | Promise<Store> {
  return openDiskStore({ root: place });
}
