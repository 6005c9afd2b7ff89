// The one check of every path that a store is given: names come from manifests, indexes and listings that strangers
// may have written, and none may lead out of the place.

import { checkPathBelow, isPathBelow } from '@gristmill/core';
import type { Store } from './store.ts';

/** @throws DataError `unsafe-path` from every call with a path that leads elsewhere; listings leave such paths out */
export function withCheckedPaths(store: Store): Store {
  const { location } = store;
  const check = (path: string) => checkPathBelow(path, location);
  return {
    ...store,
    read: async (path, offset, length, room) => store.read(check(path), offset, length, room),
    stat: async (path) => store.stat(check(path)),
    async list(prefix) {
      const folder = prefix.slice(0, Math.max(0, prefix.lastIndexOf('/')));
      if (folder !== '') check(folder);
      return (await store.list(prefix)).filter(({ path }) => isPathBelow(path));
    },
    create: async (path, bytes) => store.create(check(path), bytes),
    replace: async (path, bytes) => store.replace(check(path), bytes),
    writer: async (path, expectedBytes) => store.writer(check(path), expectedBytes),
    remove: async (path) => store.remove(check(path)),
  };
}
