// Who reads from a store for long says so, so that a collection leaves alone what is being read. Readers stand beside
// each other and beside whoever writes; one that died is forgotten.

import { randomUUID } from 'node:crypto';
import { DataError } from '@gristmill/core';
import { isClaim, readClaim, readHeart, removeClaim } from './claim.ts';
import { isClaimAlive, takeLease, type Lease, type LeaseStore } from './lease.ts';

export const readersFolder = 'readers/';

/** @param what digest of what is read; @returns a lease to release at the end */
export async function announceReader(store: LeaseStore, what: string, beatMs?: number): Promise<Lease> {
  const lease = await takeLease(store, {
    folder: readersFolder,
    name: `reader-${randomUUID()}`,
    group: 'readers',
    work: 'being read',
    beatMs,
    busy: ({ place }) => new DataError('reader-refused', `${place} cannot be read now`, 'try again'),
  });
  await lease.tell(what);
  return lease;
}

/** What living readers read. Takes up to eight beats where a reader is on another machine. */
export async function liveReaders(store: LeaseStore, beatMs?: number): Promise<Set<string>> {
  const paths = (await store.list(readersFolder)).map(({ path }) => path).filter(isClaim);
  const told = await Promise.all(
    paths.map(async (path) => {
      const claim = await readClaim(store, path);
      if (claim && (await isClaimAlive(store, path, claim, beatMs)))
        return (await readHeart(store, path))?.told;
      await removeClaim(store, path);
      return undefined;
    }),
  );
  return new Set(told.filter((what) => what !== undefined));
}
