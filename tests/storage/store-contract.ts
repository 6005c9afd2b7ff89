// What every store owes the engine: the same tests run on a folder and on S3.
import { describe, expect, it } from 'vitest';
import { readJson, type Store } from '@gristmill/storage';
import { sha256 } from '@gristmill/core';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (value: string) => new TextEncoder().encode(value);

/** `make` opens an empty store. */
export function describeStore(name: string, make: () => Promise<Store>): void {
  describe(name, () => {
    it('creates a file once: the first wins', async () => {
      const store = await make();
      expect(await store.create('a/b.txt', 'first')).toBe(true);
      expect(await store.create('a/b.txt', 'second')).toBe(false);
      expect(text(await store.read('a/b.txt'))).toBe('first');
    });

    it('lets exactly one of many concurrent creators win', async () => {
      const store = await make();
      const wins = await Promise.all(Array.from({ length: 8 }, (_, i) => store.create('race', `${i}`)));
      expect(wins.filter(Boolean)).toHaveLength(1);
      expect(text(await store.read('race'))).toBe(`${wins.indexOf(true)}`);
    });

    it('replaces a file whole', async () => {
      const store = await make();
      await store.replace('m.json', '{"a":1}');
      await store.replace('m.json', '{"a":2}');
      expect(await readJson(store, 'm.json')).toEqual({ a: 2 });
      expect(await readJson(store, 'none.json')).toBeUndefined();
    });

    it('shows a streamed file only after its commit, with its length and digest', async () => {
      const store = await make();
      const writer = await store.writer('deep/er/part');
      const chunk = bytes('0123456789'.repeat(1000));
      await writer.write(chunk);
      await writer.write(chunk);
      expect(await store.stat('deep/er/part')).toBeUndefined();
      expect(await writer.commit()).toEqual({
        bytes: 20_000,
        sha256: sha256('0123456789'.repeat(2000)),
        created: true,
      });
      expect(await store.stat('deep/er/part')).toEqual({ path: 'deep/er/part', size: 20_000 });
    });

    it('keeps a streamed file that is there already, and replaces one that was torn', async () => {
      const store = await make();
      const put = async (value: string) => {
        const writer = await store.writer('part');
        await writer.write(bytes(value));
        return (await writer.commit()).created;
      };
      expect(await put('whole')).toBe(true);
      expect(await put('whole')).toBe(false);
      await store.replace('part', 'who');
      expect(await put('whole')).toBe(true);
      expect(text(await store.read('part'))).toBe('whole');
    });

    it.each([10, 9 << 20])(
      'of two writers at once of other bytes (%i) one wins, and the other is asked',
      async (size) => {
        const store = await make();
        const asked: string[] = [];
        const commits = ['a', 'b'].map(async (letter) => {
          const writer = await store.writer('part');
          await writer.write(bytes(letter.repeat(size)));
          const refuse = async (own: string) => {
            asked.push(own);
            throw new Error(`${letter} gives way`);
          };
          return writer.commit(refuse).finally(() => writer.abort().catch(() => {}));
        });
        const ends = await Promise.allSettled(commits);
        const [lost] = ends.flatMap((end, at) => (end.status === 'rejected' ? [at] : []));
        expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        expect(asked).toEqual([sha256('ab'[lost].repeat(size))]);
        expect(sha256(await store.read('part'))).toBe(sha256('ab'[1 - lost].repeat(size)));
        expect(await store.removeTemporaries()).toBe(0);
      },
    );

    it('leaves nothing of an aborted file', async () => {
      const store = await make();
      const writer = await store.writer('part');
      await writer.write(bytes('half'));
      await writer.abort();
      expect(await store.list('')).toEqual([]);
    });

    it('reads ranges, and says when a file ends before its range', async () => {
      const store = await make();
      await store.create('r', '0123456789');
      expect(text(await store.read('r', 2, 3))).toBe('234');
      expect(text(await store.read('r', 7))).toBe('789');
      await expect(store.read('r', 8, 5)).rejects.toMatchObject({ code: 'file-short' });
      await expect(store.read('none')).rejects.toMatchObject({ code: 'file-missing' });
    });

    it.each(['', '.', '..', '../x', 'a/../../x', 'a//b', 'a/', '/etc/x', 'a/./b', '..\\x', 'C:/x', 'a\0b'])(
      'refuses the path %j, which leads elsewhere',
      async (path) => {
        const store = await make();
        const calls: (() => Promise<unknown>)[] = [
          () => store.read(path),
          () => store.stat(path),
          () => store.create(path, 'x'),
          () => store.replace(path, 'x'),
          () => store.writer(path),
          () => store.remove(path),
        ];
        for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'unsafe-path' });
        expect(await store.list('')).toEqual([]);
      },
    );

    it('lists no folder but its own', async () => {
      const store = await make();
      await expect(store.list('../')).rejects.toMatchObject({ code: 'unsafe-path' });
    });

    it('lists by prefix, sorted, with sizes', async () => {
      const store = await make();
      for (const path of ['b/2', 'b/10', 'a', 'bc']) await store.create(path, path);
      expect(await store.list('b')).toEqual([
        { path: 'b/10', size: 4 },
        { path: 'b/2', size: 3 },
        { path: 'bc', size: 2 },
      ]);
      expect((await store.list('b/')).map(({ path }) => path)).toEqual(['b/10', 'b/2']);
      expect(await store.list('zzz/')).toEqual([]);
    });

    it('removes, also what is gone already', async () => {
      const store = await make();
      await store.create('x', '1');
      await store.remove('x');
      await store.remove('x');
      expect(await store.stat('x')).toBeUndefined();
    });
  });
}
