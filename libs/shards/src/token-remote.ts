// A folder of shards on S3 as a loader reads it. What the index names never changes, so it goes through a bounded cache
// on this machine; the index and the tokenizer, whose names stay, are asked for each time. Reading ahead is the loader's.

import { openReadCache, openStoreAt, type ReadCacheOptions, type Store } from '@gristmill/storage';
import type { TokenStore } from './token-region.ts';

/** Opens with the first reading. */
export function openRemoteTokens(place: string, options?: ReadCacheOptions): TokenStore {
  let opening: ReturnType<typeof open> | undefined;
  const opened = () => (opening ??= open(place, options));
  const read: Store['read'] = async (path, offset, length) => {
    const { store, cache } = await opened();
    if (offset === undefined || length === undefined || !isImmutable(path))
      return store.read(path, offset, length);
    const bytes = new Uint8Array(length);
    await cache.readInto(path, bytes, offset);
    return bytes;
  };
  return {
    location: place,
    read,
    stat: async (path) => (await opened()).store.stat(path),
    async readInto(path, into, offset) {
      const { store, cache } = await opened();
      if (isImmutable(path)) await cache.readInto(path, into, offset);
      else into.set(await store.read(path, offset, into.length));
    },
    async close() {
      if (opening) await (await opening).store.close();
    },
  };
}

async function open(place: string, options?: ReadCacheOptions) {
  const store = await openStoreAt(place);
  return { store, cache: await openReadCache(store, options) };
}

/** Shards carry the digest of their bytes in their name. */
function isImmutable(path: string): boolean {
  return path.endsWith('.arrow');
}
