// Opens the store that a command's DIR names: a folder, or s3://bucket/prefix.

import { openDiskStore } from './disk-store.ts';
import { isS3Location } from './s3-location.ts';
import type { Store } from './store.ts';

export async function openStoreAt(place: string): Promise<Store> {
  if (!isS3Location(place)) return openDiskStore({ root: place });
  const { openS3Store } = await import('./s3-store.ts');
  return openS3Store({ location: place });
}
