import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
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

const dead = (holder: string) => ({
  holder,
  host: hostname(),
  pid: 4_000_000,
  started: '1',
  build: 'b',
  beat: 3,
});
const foreign = (beat: number) => ({ ...dead('far'), host: 'another-machine', beat });
const path = 'lease/build.json';

it('of many that take a dead lease over at once exactly one gets it, whatever chain of deaths there was', async () => {
  for (let round = 0; round < 10; round++) {
    const store = await makeStore();
    await store.replace(path, JSON.stringify(dead('x')));
    if (round % 2 === 1) await store.replace('lease/build-after-x.json', JSON.stringify(dead('y')));
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

it('a lease of another machine is alive while its heart beats, and dead when it does not', async () => {
  const store = await makeStore();
  await store.replace(path, JSON.stringify(foreign(1)));
  let beat = 1;
  const heart = setInterval(() => void store.replace(path, JSON.stringify(foreign(++beat))), 15);
  await expect(takeLease(store, { build: 'b', beatMs: 20 })).rejects.toMatchObject({
    code: 'corpus-busy',
    message: expect.stringContaining('another-machine') as string,
  });
  clearInterval(heart);
  await wait(40);
  await (await takeLease(store, { build: 'b', beatMs: 20 })).release();
});

it('a lease that cannot be read belongs to nobody', async () => {
  const store = await makeStore();
  await store.replace(path, '{"holder":"x","ho');
  await (await takeLease(store, { build: 'b', beatMs: 5 })).release();
  expect(await store.list('lease/')).toEqual([]);
});

it('who lost the lease while it slept is told, and leaves the new one alone', async () => {
  const store = await makeStore();
  let isLost = false;
  const lease = await takeLease(store, { build: 'b', beatMs: 10, onLost: () => (isLost = true) });
  // A beat that had read its own file before may still write it once.
  while (!isLost) {
    await store.replace(path, JSON.stringify(foreign(1)));
    await wait(30);
  }
  await lease.release();
  expect(await readJson(store, path)).toMatchObject({ holder: 'far' });
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
