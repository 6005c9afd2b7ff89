// Holders in real processes. What a holder does is tested with corpora and crawls.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDiskStore, takeFolderLease, takeLease, type Store } from '@gristmill/storage';
import { busy } from './busy.ts';

const program = new URL('lease-child.ts', import.meta.url).pathname;
const ownNamespace = ['unshare', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc'];
const request = { work: 'held', busy };
/** A holder beats far oftener than a watcher looks, so that a slow machine decides nothing. */
const [holderMs, watcherMs] = [20, 400];

let folder: string;
let store: Store;
let children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gristmill-lease-'));
  store = openDiskStore({ root: folder, sync: false });
});
afterEach(async () => {
  for (const child of children) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  children = [];
  await rm(folder, { recursive: true });
});

async function start(
  wrap: readonly string[],
  beatMs: number,
): Promise<{ child: ChildProcess; said: string }> {
  const [command, ...args] = [...wrap, process.execPath, program, folder, String(beatMs)];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [said] = (await once(createInterface(child.stdout!), 'line')) as [string];
  return { child, said };
}

it('who is killed leaves nobody waiting', async () => {
  const { child, said } = await start([], holderMs);
  expect(said).toBe('held');
  await expect(takeLease(store, request)).rejects.toMatchObject({
    code: 'busy',
    message: expect.stringContaining(`is held by process ${child.pid} on`) as string,
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await takeLease(store, request)).release();
});

it('a folder that is no store has a lease, and nothing is left in it', async () => {
  const held = { ...request, work: 'being crawled' };
  for (let round = 0; round < 20; round++) {
    const taken = await Promise.allSettled([0, 1, 2].map(() => takeFolderLease(folder, held)));
    const [lease, ...more] = taken.filter((one) => one.status === 'fulfilled');
    expect(more).toEqual([]);
    const refused = taken.find((one) => one.status === 'rejected')!;
    expect(String(refused.reason)).toContain(`${folder} is being crawled by process ${process.pid} on`);
    await lease.value.release();
    expect(await readdir(folder)).toEqual([]);
  }
});

describe.skipIf(!mayUnshare())('in another PID namespace under the same host name', () => {
  it('nobody takes a living lease over', async () => {
    const lease = await takeLease(store, { ...request, beatMs: holderMs });
    expect((await start(ownNamespace, watcherMs)).said).toBe('busy');
    await lease.release();
    expect((await start(ownNamespace, holderMs)).said).toBe('held');
    await expect(takeLease(store, { ...request, beatMs: watcherMs })).rejects.toMatchObject({ code: 'busy' });
  });

  it('a dead lease is taken over when its heart stands still', async () => {
    const { child, said } = await start(ownNamespace, holderMs);
    expect(said).toBe('held');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await (await takeLease(store, { ...request, beatMs: 30 })).release();
    expect(await store.list('lease/')).toEqual([]);
  });
});

function mayUnshare(): boolean {
  try {
    const [command, ...args] = [...ownNamespace, 'true'];
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    console.log('skipped: `unshare --pid` is not allowed here');
    return false;
  }
}
