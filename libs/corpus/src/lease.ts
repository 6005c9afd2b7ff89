// One build at a time: a lease with a heartbeat. A live holder on this machine is told by its process; elsewhere by
// whether its heart beats while we watch, so that clocks need not agree. Ranks of one build hold a lease each.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { DataError } from '@gristmill/core';
import { readJson, type Store } from '@gristmill/storage';

interface LeaseFile {
  readonly holder: string;
  readonly host: string;
  readonly pid: number;
  /** Tells a process from a later one of the same number. */
  readonly started: string;
  /** Hash of the recipe and the number of ranks: ranks of one build share it. */
  readonly build: string;
  readonly beat: number;
  /** What a rank found in the sources: ranks that found different things must not wait for each other. */
  readonly found?: string;
}

export interface Lease {
  /** Tells the other ranks what this one found in the sources. */
  tell(found: string): Promise<void>;
  release(): Promise<void>;
}

export interface LeaseRequest {
  readonly build: string;
  readonly rank?: number;
  readonly ranks?: number;
  readonly beatMs?: number;
  /** Called when somebody else took the lease, because this process slept too long, or removed it. */
  readonly onLost?: () => void;
}

const folder = 'lease/';
/** A lease of another machine is dead when its heart does not beat for so many beats. */
const beatsToDeath = 8;

/** DataError `corpus-busy` when another build is alive. A dead one's lease is taken over. */
export async function takeLease(store: Store, request: LeaseRequest): Promise<Lease> {
  const name = `${folder}${request.ranks === undefined ? 'build' : rankName(request.rank!, request.ranks)}`;
  const own: LeaseFile = { holder: randomUUID(), ...thisProcess(), build: request.build, beat: 0 };
  const path = await claim(store, name, own, request.beatMs ?? defaultBeatMs);
  try {
    await checkOthers(store, { name, path }, request);
  } catch (error) {
    await store.remove(path);
    throw error;
  }
  return keepBeating(store, path, own, request);
}

/** Holds the lease for some short work. */
export async function underLease<T>(store: Store, build: string, work: () => Promise<T>): Promise<T> {
  const lease = await takeLease(store, { build });
  try {
    return await work();
  } finally {
    await lease.release();
  }
}

const defaultBeatMs = 2000;
const rankName = (rank: number, ranks: number) => `rank-${rank}-of-${ranks}`;

/**
 * Creates the lease, or the successor of a dead one. A successor is named after the holder it follows, so that of
 * several that take over at once only one can create it, without a rename.
 * @returns the path of the lease
 */
async function claim(store: Store, name: string, own: LeaseFile, beatMs: number): Promise<string> {
  let path = `${name}.json`;
  for (;;) {
    if (await store.create(path, JSON.stringify(own))) return path;
    const standing = await readLease(store, path);
    if (standing === undefined) {
      path = `${name}.json`;
      continue;
    }
    if (await isAlive(store, path, standing, beatMs)) throw busy(store, standing);
    const successor = `${name}-after-${standing.holder}.json`;
    if (await store.create(successor, JSON.stringify(own))) {
      if ((await readLease(store, path))?.holder === standing.holder) {
        await store.remove(path);
        return successor;
      }
      // The dead one's lease is gone already, and perhaps another build holds one by now.
      await store.remove(successor);
      path = `${name}.json`;
    } else path = successor;
  }
}

/** Undefined when there is none; one that is damaged belongs to nobody. */
async function readLease(store: Store, path: string): Promise<LeaseFile | undefined> {
  try {
    return await readJson<LeaseFile>(store, path);
  } catch (error) {
    if (!(error instanceof DataError && error.code === 'json-damaged')) throw error;
    return { holder: 'damaged', host: '', pid: 0, started: '', build: '', beat: 0 };
  }
}

function keepBeating(store: Store, path: string, own: LeaseFile, request: LeaseRequest): Lease {
  let lease = own;
  let isLost = false;
  let writing: Promise<void> = Promise.resolve();
  const write = async () => {
    const standing = await readLease(store, path);
    if (isLost) return;
    if (standing?.holder !== own.holder) {
      isLost = true;
      request.onLost?.();
    } else await store.replace(path, JSON.stringify((lease = { ...lease, beat: lease.beat + 1 })));
  };
  const beat = () => (writing = writing.then(write).catch(() => {}));
  let isBeating = false;
  const timer = setInterval(() => {
    if (isBeating) return;
    isBeating = true;
    void beat().finally(() => (isBeating = false));
  }, request.beatMs ?? defaultBeatMs);
  timer.unref();
  return {
    async tell(found) {
      lease = { ...lease, found };
      await beat();
    },
    async release() {
      clearInterval(timer);
      await writing;
      if (!isLost) await store.remove(path);
    },
  };
}

/** Leases of other ranks of the same build are no hindrance; a build without ranks is. */
async function checkOthers(
  store: Store,
  own: { readonly name: string; readonly path: string },
  request: LeaseRequest,
): Promise<void> {
  for (const { path } of await store.list(folder)) {
    // Who follows a dead holder was there before who found the place free: the latter gives way.
    if (path === own.path || path === `${own.name}.json`) continue;
    const lease = await readLease(store, path);
    const isRival = path.startsWith(`${own.name}-after-`);
    const isFellow = !isRival && request.ranks !== undefined && lease?.build === request.build;
    if (!lease || isFellow) continue;
    if (await isAlive(store, path, lease, request.beatMs ?? defaultBeatMs)) throw busy(store, lease);
    await store.remove(path);
  }
}

async function isAlive(store: Store, path: string, lease: LeaseFile, beatMs: number): Promise<boolean> {
  if (lease.host === hostname()) return startedAt(lease.pid) === lease.started;
  for (let beat = 0; beat < beatsToDeath; beat++) {
    await wait(beatMs);
    const later = await readLease(store, path);
    if (later === undefined) return false;
    if (later.beat !== lease.beat || later.holder !== lease.holder) return true;
  }
  return false;
}

export interface RankState {
  /** True when its process lives: its tasks are left to it. */
  readonly isAlive: boolean;
  readonly found?: string;
}

export async function rankState(store: Store, rank: number, ranks: number): Promise<RankState> {
  const name = `${folder}${rankName(rank, ranks)}`;
  for (const { path } of await store.list(name)) {
    if (path !== `${name}.json` && !path.startsWith(`${name}-after-`)) continue;
    const lease = await readLease(store, path);
    if (lease && (await isAlive(store, path, lease, defaultBeatMs)))
      return { isAlive: true, found: lease.found };
  }
  return { isAlive: false };
}

function thisProcess() {
  return { host: hostname(), pid: process.pid, started: startedAt(process.pid) ?? '' };
}

/** When a process of this machine started, in the kernel's own words; undefined when there is none. */
function startedAt(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return process.platform === 'linux' ? undefined : livesElsewhere(pid);
  }
}

function livesElsewhere(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch {
    return undefined;
  }
}

function busy(store: Store, lease: LeaseFile): DataError {
  return new DataError(
    'corpus-busy',
    `${store.location} is being built by process ${lease.pid} on ${lease.host}`,
    'wait for it to end, or stop it: its work so far is kept',
  );
}
