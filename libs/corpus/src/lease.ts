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
}

export interface Lease {
  release(): Promise<void>;
}

export interface LeaseRequest {
  readonly build: string;
  readonly rank?: number;
  readonly ranks?: number;
  readonly beatMs?: number;
}

const folder = 'lease/';

/** DataError `corpus-busy` when another build is alive. A dead one's lease is taken over. */
export async function takeLease(store: Store, request: LeaseRequest): Promise<Lease> {
  const path = `${folder}${request.ranks === undefined ? 'build' : `rank-${request.rank}-of-${request.ranks}`}.json`;
  const beatMs = request.beatMs ?? 2000;
  const own: LeaseFile = { holder: randomUUID(), ...thisProcess(), build: request.build, beat: 0 };
  if (!(await store.create(path, JSON.stringify(own)))) await takeOver(store, path, own, beatMs);
  try {
    await checkOthers(store, path, request, beatMs);
  } catch (error) {
    await store.remove(path);
    throw error;
  }
  return keepBeating(store, path, own, beatMs);
}

function keepBeating(store: Store, path: string, own: LeaseFile, beatMs: number): Lease {
  let beat = 0;
  let writing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    writing = store.replace(path, JSON.stringify({ ...own, beat: ++beat })).catch(() => {});
  }, beatMs);
  timer.unref();
  return {
    async release() {
      clearInterval(timer);
      await writing;
      await store.remove(path);
    },
  };
}

async function takeOver(store: Store, path: string, own: LeaseFile, beatMs: number): Promise<void> {
  const standing = await readJson<LeaseFile>(store, path).catch(() => undefined);
  if (standing && (await isAlive(store, path, standing, beatMs))) throw busy(store, standing);
  await store.replace(path, JSON.stringify(own));
  // Of two that take over at once the later one stands: the other sees that and leaves.
  await wait(50);
  const now = await readJson<LeaseFile>(store, path);
  if (now && now.holder !== own.holder) throw busy(store, now);
}

/** Leases of other ranks of the same build are no hindrance; a build without ranks is. */
async function checkOthers(store: Store, path: string, request: LeaseRequest, beatMs: number): Promise<void> {
  for (const { path: other } of await store.list(folder)) {
    if (other === path) continue;
    const lease = await readJson<LeaseFile>(store, other).catch(() => undefined);
    if (!lease || (request.ranks !== undefined && lease.build === request.build)) continue;
    if (await isAlive(store, other, lease, beatMs)) throw busy(store, lease);
    await store.remove(other);
  }
}

async function isAlive(store: Store, path: string, lease: LeaseFile, beatMs: number): Promise<boolean> {
  if (lease.host === hostname()) return startedAt(lease.pid) === lease.started;
  await wait(beatMs * 4);
  const later = await readJson<LeaseFile>(store, path).catch(() => undefined);
  return later !== undefined && (later.beat !== lease.beat || later.holder !== lease.holder);
}

/** True when the rank's process lives: its tasks are left to it. */
export async function isRankAlive(
  store: Store,
  rank: number,
  ranks: number,
  beatMs = 2000,
): Promise<boolean> {
  const path = `${folder}rank-${rank}-of-${ranks}.json`;
  const lease = await readJson<LeaseFile>(store, path).catch(() => undefined);
  return lease !== undefined && isAlive(store, path, lease, beatMs);
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
