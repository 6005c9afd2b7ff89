// Shards that are still being copied here while a loader reads: a file counts as there once it has the size that the
// index names; until then whoever asks for it waits. The index itself is never waited for: it is written last by pack,
// so what it names was committed where it was made. Give copies a temporary name until they are whole, as rsync does.

import { setTimeout as sleep } from 'node:timers/promises';
import { DataError } from '@gristmill/core';
import type { ShardEntry } from './token-index.ts';
import { openTokenFolder } from './token-folder.ts';
import type { TokenStore } from './token-region.ts';

export interface ArrivalOptions {
  /** How long one shard is waited for. */
  readonly waitMs: number;
  /** Default 500. */
  readonly pollMs?: number;
  /** Ends the waiting with an AbortError. */
  readonly signal?: AbortSignal;
  /** Told once for each shard that was not there when it was needed. */
  readonly onWait?: (shard: ShardEntry) => void;
}

/** The same folder or store, but reading a shard waits until it has arrived. @throws DataError `shard-late` */
export function awaitShards(
  place: string | TokenStore,
  shards: readonly ShardEntry[],
  options: ArrivalOptions,
): TokenStore {
  const store = typeof place === 'string' ? openTokenFolder(place) : place;
  const entries = new Map(shards.map((shard) => [shard.file, shard]));
  const arrivals = new Map<string, Promise<void>>();
  const arrival = (path: string): Promise<void> | undefined => {
    const shard = entries.get(path);
    if (shard === undefined) return undefined;
    const found = arrivals.get(path) ?? waitFor(store, shard, options);
    arrivals.set(path, found);
    found.catch(() => arrivals.delete(path));
    return found;
  };
  const { readInto } = store;
  return {
    location: store.location,
    async stat(path) {
      await arrival(path);
      return store.stat(path);
    },
    async read(path, offset, length) {
      await arrival(path);
      return store.read(path, offset, length);
    },
    readInto:
      readInto &&
      (async (path, into, offset) => {
        await arrival(path);
        await readInto(path, into, offset);
      }),
    close: store.close,
  };
}

async function waitFor(store: TokenStore, shard: ShardEntry, options: ArrivalOptions): Promise<void> {
  const { waitMs, pollMs = 500, signal, onWait } = options;
  for (let waited = 0; ; waited += pollMs) {
    const found = await store.stat(shard.file);
    if (found !== undefined && found.size >= shard.bytes) return;
    if (waited === 0) onWait?.(shard);
    if (waited >= waitMs) {
      const state = found === undefined ? 'is not there' : `has ${found.size} of ${shard.bytes} bytes`;
      throw new DataError(
        'shard-late',
        `shard ${shard.file} (${shard.documents} documents of ${shard.source}) ${state} after ${waitMs} ms`,
        'see whether it is still being copied, and run the same command again',
      );
    }
    await sleep(Math.min(pollMs, waitMs - waited), undefined, { signal });
  }
}
