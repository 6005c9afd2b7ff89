import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { collectGarbage } from '@gristmill/corpus';
import { openDiskStore, readJson, type Store } from '@gristmill/storage';
import { rankState, takeLease, type Lease } from '../../libs/corpus/src/lease.ts';

const folders: string[] = [];
async function makeStore(): Promise<Store> {
  const root = await mkdtemp(join(tmpdir(), 'gristmill-lease-'));
  folders.push(root);
  return openDiskStore({ root, sync: false });
}
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

const name = 'build';
const dead = (holder: string) => ({ holder, name, host: hostname(), pid: 4_000_000, started: '1' });
const pathOf = (holder: string) => `lease/build.${holder}.json`;
const claim = (store: Store, holder: string, change: object = {}) =>
  store.replace(pathOf(holder), JSON.stringify({ ...dead(holder), ...change }));
/** Holds the place, and beats. */
const beat = (store: Store, holder: string, number: number) =>
  store.replace(`lease/build.${holder}.beat`, JSON.stringify({ beat: number, isHeld: true }));

it('of many that take a dead lease over at once exactly one gets it, whatever chain of deaths there was', async () => {
  for (let round = 0; round < 10; round++) {
    const store = await makeStore();
    await claim(store, 'x');
    await beat(store, 'x', 3);
    if (round % 2 === 1) await claim(store, 'y');
    const taken = await Promise.allSettled(
      Array.from({ length: 6 }, () => takeLease(store, { build: 'b', beatMs: 20 })),
    );
    const won = taken.filter((one): one is PromiseFulfilledResult<Lease> => one.status === 'fulfilled');
    expect(won).toHaveLength(1);
    await expect(takeLease(store, { build: 'b' })).rejects.toMatchObject({ code: 'corpus-busy' });
    await won[0].value.release();
    await (await takeLease(store, { build: 'b' })).release();
    expect(await store.list('lease/')).toEqual([]);
  }
});

/** The heart of `far` beats whenever somebody looks whether it is still there. */
function whereFarBeats(store: Store): Store {
  let beats = 1;
  const stat = async (path: string) => {
    await beat(store, 'far', ++beats);
    return store.stat(path);
  };
  return { ...store, stat };
}

it('a lease of another machine is alive while its heart beats, and dead when it does not', async () => {
  const store = await makeStore();
  await claim(store, 'far', { host: 'another-machine' });
  await expect(takeLease(whereFarBeats(store), { build: 'b', beatMs: 5 })).rejects.toMatchObject({
    code: 'corpus-busy',
    message: expect.stringContaining('another-machine') as string,
  });
  await (await takeLease(store, { build: 'b', beatMs: 5 })).release();
});

it('nobody goes by a process number of another PID namespace or another start of the kernel', async () => {
  const own = await ownClaim();
  for (const change of [{ namespace: 'pid:[1]' }, { boot: 'another' }]) {
    const store = await makeStore();
    await claim(store, 'far', { ...own, ...change, holder: 'far', pid: 4_000_000 });
    await expect(takeLease(whereFarBeats(store), { build: 'b', beatMs: 5 })).rejects.toMatchObject({
      code: 'corpus-busy',
    });
  }
});

async function ownClaim(): Promise<object> {
  const store = await makeStore();
  const lease = await takeLease(store, { build: 'b' });
  const [path] = (await store.list('lease/')).filter(({ path }) => path.endsWith('.json'));
  const own = (await readJson<object>(store, path.path))!;
  await lease.release();
  return own;
}

it('a lease that cannot be read belongs to nobody', async () => {
  const store = await makeStore();
  await store.replace(pathOf('x'), '{"holder":"x","ho');
  await (await takeLease(store, { build: 'b', beatMs: 5 })).release();
  expect(await store.list('lease/')).toEqual([]);
});

it('who lost the lease while it slept is told, and leaves the new one alone', async () => {
  const store = await makeStore();
  const lost = Promise.withResolvers<void>();
  const lease = await takeLease(store, { build: 'b', beatMs: 10, onLost: lost.resolve });
  for (const { path } of await store.list('lease/')) if (path.endsWith('.json')) await store.remove(path);
  await claim(store, 'far', { host: 'another-machine' });
  await lost.promise;
  await lease.release();
  expect((await store.list('lease/')).map(({ path }) => path)).toEqual([pathOf('far')]);
});

it('ranks of one build share it, and tell each other what they found; gc waits for none of them', async () => {
  const store = await makeStore();
  const ranks = await Promise.all([0, 1].map((rank) => takeLease(store, { build: 'b', rank, ranks: 2 })));
  await ranks[0].tell('sources');
  expect(await rankState(store, 0, 2)).toEqual({ isAlive: true, found: 'sources' });
  await expect(collectGarbage(store)).rejects.toMatchObject({ code: 'corpus-busy' });
  await expect(takeLease(store, { build: 'other', rank: 0, ranks: 3 })).rejects.toMatchObject({
    code: 'corpus-busy',
  });
  for (const rank of ranks) await rank.release();
  expect(await rankState(store, 0, 2)).toEqual({ isAlive: false });
});
