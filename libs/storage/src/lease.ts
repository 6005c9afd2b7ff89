// A place for one process at a time: a corpus, a crawl's folder, a training run. The lease is a claim (claim.ts) with
// a heartbeat. A holder whose process number we can see is dead when its process is; any other when its heart stands
// still while we watch, so that clocks need not agree.

import { randomUUID } from 'node:crypto';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DataError } from '@gristmill/core';
import {
  claimPath,
  contend,
  heartPath,
  isClaim,
  readClaim,
  readHeart,
  removeClaim,
  type Claim,
  type ClaimStore,
  type Heart,
} from './claim.ts';
import { openDiskStore } from './disk-store.ts';
import { isNear, isRunning, thisProcess } from './process-identity.ts';
import type { Store } from './store.ts';
import { temporaries } from './temporary-files.ts';

export interface LeaseRequest {
  /** What the holder does to the place, as others will be told: `being built`. */
  readonly work: string;
  /** The error when somebody else is at work: `… is being built by process 7 on host`. */
  readonly busy: (holder: LeaseHolder) => DataError;
  /** Whose lease it is, where several may stand beside each other. */
  readonly name?: string;
  /** Leases of different names and the same group stand beside each other. Default: nobody else is let in. */
  readonly group?: string;
  /** Milliseconds between two beats. */
  readonly beatMs?: number;
  /** Called when somebody else took the lease, because this process slept too long, or removed it. */
  readonly onLost?: () => void;
  /** Where leases lie in the store, with a slash at its end. */
  readonly folder?: string;
}

export interface LeaseHolder {
  /** Where the lease is held. */
  readonly place: string;
  readonly work: string;
  readonly pid: number;
  readonly host: string;
}

export interface Lease {
  /** Leaves a word for those who look at the lease. */
  tell(told: string): Promise<void>;
  release(): Promise<void>;
}

export type LeaseStore = ClaimStore & Pick<Store, 'location'>;

const usualFolder = 'lease/';
const defaultBeatMs = 2000;
/** A heart that is silent for so many beats has stopped. */
const beatsToDeath = 8;
/** Between two looks at undecided claims. */
const lookMs = 20;

/** Throws the request's error when another process is at work there. A dead one's lease is taken over. */
export async function takeLease(store: LeaseStore, request: LeaseRequest): Promise<Lease> {
  const beatMs = request.beatMs ?? defaultBeatMs;
  const { name = 'work', group, work, folder = usualFolder } = request;
  const own: Claim = { holder: randomUUID(), name, group, work, ...thisProcess() };
  const path = claimPath(folder, own);
  const heart = startHeart(store, path, { beatMs, onLost: request.onLost });
  const watching = new AbortController();
  let looks = 0;
  try {
    const holder = await contend(own, {
      store,
      folder,
      isNear,
      isAlive: (claim, other) => isAlive(store, other, claim, { beatMs, signal: watching.signal }),
      pause: async () => {
        await wait(lookMs);
        return ++looks * lookMs < beatMs * beatsToDeath;
      },
      hold: () => heart.write({ isHeld: true }),
    });
    if (holder) throw request.busy({ ...holder, place: store.location });
    if (heart.isLost()) throw leaseLost(store);
  } catch (error) {
    await heart.stop();
    throw error;
  } finally {
    watching.abort();
  }
  return {
    tell: (told) => heart.write({ told }),
    async release() {
      await heart.stop();
      await removeClaim(store, path);
    },
  };
}

/**
 * The lease of a folder that is no store: a crawl's, a training run's. It lies in a hidden folder there, and is not
 * brought to the disk, for a power cut ends every holder.
 */
export async function takeFolderLease(folder: string, request: Omit<LeaseRequest, 'folder'>): Promise<Lease> {
  const root = join(folder, '.lease');
  const store = openDiskStore({ root, sync: false });
  const tidy = async () => {
    // They stay where others are.
    for (const empty of [join(root, temporaries), root]) await rmdir(empty).catch(() => {});
  };
  try {
    const lease = await takeLease({ ...store, location: folder }, { ...request, folder: '' });
    return { ...lease, release: () => lease.release().finally(tidy) };
  } catch (error) {
    await tidy();
    throw error;
  }
}

/** Holds the lease for some short work. */
export async function underLease<T>(
  store: LeaseStore,
  request: LeaseRequest,
  work: () => Promise<T>,
): Promise<T> {
  const lease = await takeLease(store, request);
  try {
    return await work();
  } finally {
    await lease.release();
  }
}

interface Beating {
  /** Changes what is written, and writes it; nothing when the lease is lost. */
  write(change: Partial<Heart>): Promise<void>;
  isLost(): boolean;
  stop(): Promise<void>;
}

function startHeart(
  store: ClaimStore,
  claim: string,
  options: { readonly beatMs: number; readonly onLost?: () => void },
): Beating {
  let heart: Heart = { beat: 0, isHeld: false };
  let isLost = false;
  let writing: Promise<void> = Promise.resolve();
  const beat = async () => {
    if (isLost) return;
    if (await store.stat(claim)) {
      heart = { ...heart, beat: heart.beat + 1 };
      return store.replace(heartPath(claim), JSON.stringify(heart));
    }
    // Before it was created there is nothing to lose.
    if (!heart.isHeld) return;
    isLost = true;
    options.onLost?.();
  };
  let isBeating = false;
  const timer = setInterval(() => {
    if (isBeating) return;
    isBeating = true;
    writing = writing.then(beat).catch(() => {});
    void writing.finally(() => (isBeating = false));
  }, options.beatMs);
  timer.unref();
  return {
    write(change) {
      heart = { ...heart, ...change };
      const written = writing.then(beat);
      writing = written.catch(() => {});
      return written;
    },
    isLost: () => isLost,
    async stop() {
      clearInterval(timer);
      await writing;
    },
  };
}

interface Watch {
  readonly beatMs: number;
  /** Ends the watching: nobody waits for what it tells. */
  readonly signal?: AbortSignal;
}

async function isAlive(
  store: ClaimStore,
  path: string,
  claim: Claim,
  { beatMs, signal }: Watch,
): Promise<boolean> {
  if (isNear(claim)) return isRunning(claim);
  const before = (await readHeart(store, path))?.beat;
  for (let beat = 0; beat < beatsToDeath; beat++) {
    await wait(beatMs, undefined, { signal }).catch(() => {});
    if (signal?.aborted) return true;
    if (!(await store.stat(path))) return false;
    if ((await readHeart(store, path))?.beat !== before) return true;
  }
  return false;
}

/** Whether the process that made the claim lives. */
export function isClaimAlive(
  store: ClaimStore,
  path: string,
  claim: Claim,
  beatMs = defaultBeatMs,
): Promise<boolean> {
  return isAlive(store, path, claim, { beatMs });
}

export interface LeaseState {
  /** True when its process lives. */
  readonly isAlive: boolean;
  /** What it told last. */
  readonly told?: string;
}

/** Whether somebody holds the lease of this name. */
export async function leaseState(store: ClaimStore, name: string): Promise<LeaseState> {
  for (const { path } of await store.list(`${usualFolder}${name}.`)) {
    const claim = isClaim(path) ? await readClaim(store, path) : undefined;
    if (claim && (await isAlive(store, path, claim, { beatMs: defaultBeatMs })))
      return { isAlive: true, told: (await readHeart(store, path))?.told };
  }
  return { isAlive: false };
}

export function leaseLost({ location }: Pick<Store, 'location'>): DataError {
  return new DataError(
    'lease-lost',
    `another process took over ${location}, because this one did not answer for long`,
    'see that one process works there, then run again: what is done is kept',
  );
}
