// Who may work on a corpus: one build, or the ranks of one build, each with a lease of its own.

import { DataError } from '@gristmill/core';
import {
  leaseState,
  takeLease as takePlace,
  underLease as workUnderLease,
  type Lease,
  type LeaseHolder,
  type LeaseStore,
  type Store,
} from '@gristmill/storage';

export type { Lease } from '@gristmill/storage';

export interface BuildLeaseRequest {
  /** Hash of the recipe and the number of ranks: ranks of one build share the corpus. */
  readonly build: string;
  readonly rank?: number;
  readonly ranks?: number;
  readonly beatMs?: number;
  /** Called when somebody else took the lease. */
  readonly onLost?: () => void;
}

const busy = ({ place, work, pid, host }: LeaseHolder) =>
  new DataError(
    'corpus-busy',
    `${place} is ${work} by process ${pid} on ${host}`,
    'wait for it to end, or stop it: its work so far is kept',
  );
const rankName = (rank: number, ranks: number) => `rank-${rank}-of-${ranks}`;

/** DataError `corpus-busy` when another build is alive. A dead one's lease is taken over. */
export function takeLease(store: LeaseStore, request: BuildLeaseRequest): Promise<Lease> {
  const { build, rank, ranks, beatMs, onLost } = request;
  const place = ranks === undefined ? { name: 'build' } : { name: rankName(rank!, ranks), group: build };
  return takePlace(store, { work: 'being built', busy, beatMs, onLost, ...place });
}

/** Holds the lease for some short work. @param work what is done, in words: `being cleaned up` */
export function underLease<T>(store: LeaseStore, work: string, run: () => Promise<T>): Promise<T> {
  return workUnderLease(store, { work, busy, name: 'build' }, run);
}

export interface RankState {
  /** True when its process lives: its tasks are left to it. */
  readonly isAlive: boolean;
  /** What it found in the sources: ranks that found different things must not wait for each other. */
  readonly found?: string;
}

export async function rankState(store: Store, rank: number, ranks: number): Promise<RankState> {
  const { isAlive, told } = await leaseState(store, rankName(rank, ranks));
  return { isAlive, ...(told !== undefined && { found: told }) };
}
