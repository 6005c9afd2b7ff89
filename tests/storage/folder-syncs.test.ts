import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDiskStore } from '@gristmill/storage';
import { createFolderSyncs } from '../../libs/storage/src/folder-syncs.ts';

describe('names that are noted', () => {
  it('are settled once for all who wait, and for none before it is done', async () => {
    const log: string[] = [];
    const done = Promise.withResolvers<void>();
    const names = createFolderSyncs('/r', async (folder) => {
      log.push(folder);
      if (folder === '/r/a') await done.promise;
    });
    names.note('/r/a');
    const settled: number[] = [];
    const both = [0, 1].map((index) => names.settle().then(() => settled.push(index)));
    await new Promise((resolve) => setImmediate(resolve));
    expect([log, settled]).toEqual([['/r/a'], []]);
    done.resolve();
    await Promise.all(both);
    expect(log).toEqual(['/r/a', '/r', '/']);
  });

  it('that come while the folder is settled are settled after it', async () => {
    const log: string[] = [];
    const names = createFolderSyncs('/r', async (folder) => {
      log.push(folder);
      if (log.length === 1) names.note('/r');
    });
    names.note('/r');
    await names.settle();
    expect(log.filter((folder) => folder === '/r')).toHaveLength(2);
  });

  it('stay noted when it fails, and who relies on them is told', async () => {
    let fails = true;
    const log: string[] = [];
    const names = createFolderSyncs('/r', async (folder) => {
      if (fails) throw new Error('EIO');
      log.push(folder);
    });
    names.note('/r/a');
    await expect(names.settle()).rejects.toThrow('EIO');
    fails = false;
    await names.settle();
    expect(log).toContain('/r/a');
  });
});

describe('a folder store', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'gristmill-syncs-'))));
  afterAll(() => rm(folder, { recursive: true }));

  it('settles the names of new folders and parts before it makes the marker', async () => {
    const root = join(folder, 'deep', 'corpus');
    const settled: string[] = [];
    let existed: boolean | undefined;
    const store = openDiskStore({ root }, async (path) => {
      settled.push(path);
      existed ??= (await store.stat('extract/part.commit')) !== undefined;
    });
    const writer = await store.writer('extract/part.parquet');
    await writer.write(Buffer.from('rows'));
    await writer.commit();
    expect(settled).toEqual([]);
    await store.create('extract/part.commit', 'marker');
    const needed = [join(root, 'extract'), root, join(folder, 'deep'), folder];
    const before = settled.slice(0, settled.lastIndexOf(join(root, 'extract')));
    expect(new Set(before)).toEqual(new Set(needed));
    expect(existed).toBe(false);
  });

  it('makes no marker when a folder cannot be brought to the disk', async () => {
    const broken = () => Promise.reject(Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' }));
    const store = openDiskStore({ root: join(folder, 'broken') }, broken);
    const writer = await store.writer('part');
    await writer.write(Buffer.from('rows'));
    await writer.commit();
    await expect(store.create('part.commit', 'marker')).rejects.toMatchObject({ code: 'disk-error' });
    expect((await store.list('')).map(({ path }) => path)).toEqual(['part']);
  });
});
