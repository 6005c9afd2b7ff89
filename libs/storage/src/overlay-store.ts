// A store that reads through to another one and writes beside it: for asking what a change would do without doing it.

import { openDiskStore } from './disk-store.ts';
import { openStore, type Store, type StoreReference } from './store.ts';

export interface OverlayOptions {
  /** `StoreReference` of the store below, as JSON text. */
  readonly base: string;
  /** Folder for what is written. */
  readonly scratch: string;
}

export async function openOverlayStore({ base, scratch }: OverlayOptions): Promise<Store> {
  const below = await openStore(JSON.parse(base) as StoreReference);
  const above = openDiskStore({ root: scratch, sync: false });
  const isAbove = async (path: string) => (await above.stat(path)) !== undefined;
  return {
    location: `${below.location} (changes in ${scratch})`,
    reference: { module: import.meta.url, export: 'openOverlayStore', options: { base, scratch } },
    read: async (path, offset, length) => ((await isAbove(path)) ? above : below).read(path, offset, length),
    stat: async (path) => (await above.stat(path)) ?? below.stat(path),
    async list(prefix) {
      const files = new Map((await below.list(prefix)).map((file) => [file.path, file]));
      for (const file of await above.list(prefix)) files.set(file.path, file);
      return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    },
    async create(path, bytes) {
      return (await below.stat(path)) === undefined && above.create(path, bytes);
    },
    replace: (path, bytes) => above.replace(path, bytes),
    writer: (path, expectedBytes) => above.writer(path, expectedBytes),
    remove: (path) => above.remove(path),
    removeTemporaries: () => above.removeTemporaries(),
    close: () => below.close(),
  };
}
