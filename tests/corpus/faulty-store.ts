// A disk store that fails on purpose: the n-th change of the folder kills the process, finds the disk full, or is torn.
import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom, DataError } from '@gristmill/core';
import { openDiskStore, type Store, type StoreWriter } from '@gristmill/storage';

export interface Fault {
  readonly root: string;
  readonly kind: 'kill' | 'full' | 'torn';
  /** Which change of the folder, from 1, in this thread. */
  readonly at: number;
}

/** Changes counted so far, by folder. */
export const changes = new Map<string, number>();

export function openFaultyStore({ root, kind, at }: Fault): Store {
  const disk = openDiskStore({ root, sync: false });
  const isDue = () => {
    const count = (changes.get(root) ?? 0) + 1;
    changes.set(root, count);
    return count === at || (kind === 'full' && count > at);
  };
  const fail = (path: string): void => {
    if (kind === 'full') throw new DataError('disk-full', 'there is no space left', 'make room');
    if (kind === 'torn') tear(join(root, path), at);
    process.kill(process.pid, 'SIGKILL');
  };
  return {
    ...disk,
    reference: { module: import.meta.url, export: 'openFaultyStore', options: { root, kind, at } },
    async create(path, bytes) {
      const due = isDue();
      if (due && kind !== 'torn') fail(path);
      const created = await disk.create(path, bytes);
      if (due) fail(path);
      return created;
    },
    async replace(path, bytes) {
      const due = isDue();
      if (due && kind !== 'torn') fail(path);
      await disk.replace(path, bytes);
      if (due) fail(path);
    },
    async writer(path) {
      return faultyWriter(await disk.writer(path), path, isDue, fail);
    },
  };
}

function faultyWriter(
  writer: StoreWriter,
  path: string,
  isDue: () => boolean,
  fail: (path: string) => void,
): StoreWriter {
  return {
    ...writer,
    async write(bytes) {
      if (isDue()) fail(path);
      await writer.write(bytes);
    },
    async commit(refuse) {
      const done = await writer.commit(refuse);
      if (isDue()) fail(path);
      return done;
    },
  };
}

/** Cuts a file at a seeded byte, as a power cut may. */
function tear(file: string, seed: number): void {
  try {
    truncateSync(file, Math.floor(createRandom(seed)() * readFileSync(file).length));
  } catch {
    // not there yet: nothing to tear
  }
}
