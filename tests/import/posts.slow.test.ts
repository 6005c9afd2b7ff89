// Threads of many posts, through scratch files.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRandom, type JsonObject, type RawItem } from '@gristmill/core';
import { postsImporter } from '@gristmill/import';
import { createImportFolder, textOf } from './import-folder.ts';

beforeAll(() => void (process.env['GRISTMILL_AUTHOR_KEY'] = 'a key that is long enough'));
afterAll(() => void delete process.env['GRISTMILL_AUTHOR_KEY']);

async function read(name: string, bytes: string, options: JsonObject): Promise<RawItem[]> {
  await using folder = await createImportFolder('post');
  return await folder.items(postsImporter, name, bytes, options);
}

test('threads are in order, whatever the order of the file, also through scratch files', async () => {
  const random = createRandom(4);
  const posts = Array.from({ length: 3000 }, (_, id) => ({
    id: `p${id}`,
    thread: `t${id % 700}`,
    parent: id < 700 ? undefined : `p${(id % 700) + 700 * Math.floor(random() * Math.floor(id / 700))}`,
    date: new Date(1.7e12 + id * 1000).toISOString(),
    text: `[p${id}] ${'x'.repeat(id === 0 ? 10 : 12_000)}`,
  }));
  const fields = {
    textField: 'text',
    idField: 'id',
    parentField: 'parent',
    threadField: 'thread',
    dateField: 'date',
  };
  const lines = (own: typeof posts): string => own.map((post) => `${JSON.stringify(post)}\n`).join('');
  const items = await read('p.jsonl', lines(posts), fields);
  expect(items.length).toBe(700);
  for (const item of items) {
    const ids = [...textOf(item).matchAll(/\[(p\d+)\]/g)].map(([, id]) => id);
    expect(ids[0]).toBe(item.source.item!.replace('t', 'p'));
    for (const id of ids.slice(1)) {
      const { parent } = posts[Number(id.slice(1))];
      expect(ids.indexOf(parent!)).toBeLessThan(ids.indexOf(id));
    }
  }
  const shuffled = await read('p.jsonl', lines([...posts].reverse()), fields);
  const byName = (own: readonly RawItem[]) => new Map(own.map((item) => [item.source.item, textOf(item)]));
  expect(byName(shuffled)).toEqual(byName(items));
});
