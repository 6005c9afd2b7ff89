// Length and SHA-256 of a stored file, read in slices.

import { createHash } from 'node:crypto';
import { missingFile, type Store } from '@gristmill/storage';
import type { ManifestFile } from './manifest.ts';

const sliceBytes = 8 * 1024 * 1024;

export async function hashStored(store: Store, path: string): Promise<ManifestFile> {
  const found = await store.stat(path);
  if (!found) throw missingFile(store.location, path);
  const hash = createHash('sha256');
  for (let at = 0; at < found.size; at += sliceBytes) {
    hash.update(await store.read(path, at, Math.min(sliceBytes, found.size - at)));
  }
  return { path, bytes: found.size, sha256: hash.digest('hex') };
}
