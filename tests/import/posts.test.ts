// Posts as threads: samples written after the sites' documentation, with what a person expects of each; damage; names.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject, RawItem } from '@gristmill/core';
import { extractDocument } from '@gristmill/extract';
import { postsImporter } from '@gristmill/import';
import { createImportFolder, reasonOf, textOf } from './import-folder.ts';
import { writeTar } from './tar-writer.ts';
import { writeZip } from './zip-writer.ts';

const key = 'a key that is long enough';
beforeEach(() => void (process.env['GRISTMILL_AUTHOR_KEY'] = key));
afterEach(() => void delete process.env['GRISTMILL_AUTHOR_KEY']);

async function read(name: string, bytes: Uint8Array | string, options: JsonObject = {}): Promise<RawItem[]> {
  await using folder = await createImportFolder('post');
  return await folder.items(postsImporter, name, bytes, options);
}

/** Pseudonyms by the order in which they come: A, B … */
function told(items: readonly RawItem[]): string {
  const seen: string[] = [];
  return items
    .map((item) => `${item.source.item ?? 'file'}: ${reasonOf(item) ?? textOf(item)}`)
    .join('\n')
    .replace(/user-[0-9a-f]{12}/g, (name) => {
      if (!seen.includes(name)) seen.push(name);
      return `user-${String.fromCharCode(65 + seen.indexOf(name))}`;
    });
}

const gold = (name: string): { source: string; expected: string } => {
  const [source, expected] = readFileSync(new URL(`gold/${name}.txt`, import.meta.url), 'utf8').split(
    '\n-----\n',
  );
  return { source: `${source}\n`, expected: expected.trim() };
};

describe('what a person checked', () => {
  test.each(['reddit.jsonl', 'mastodon-outbox.json', 'mastodon-statuses.json', 'posts.xml', 'mapped.csv'])(
    '%s',
    async (name) => {
      const { source, expected } = gold(name);
      const mapping = {
        textField: 'words',
        idField: 'nr',
        parentField: 'answers',
        authorField: 'who',
        dateField: 'when',
        deletedField: 'gone',
      };
      const items = await read(name, source, name === 'mapped.csv' ? mapping : {});
      expect(told(items)).toBe(expected);
    },
  );

  test('threads in HTML keep all their posts when they are read', async () => {
    const items = await read('posts.xml', gold('posts.xml').source);
    const result = await extractDocument({ ...items[0], whole: true });
    expect('text' in result && result.text.replace(/user-[0-9a-f]{12}/g, 'user')).toBe(
      'How is flour ground?\n\nuser:\n\nI have a mill.\n\nuser:\n\nWith stones, @user.\n\nuser:\n\nOr with rollers & steel.',
    );
  });
});

describe('authors', () => {
  const { source } = gold('reddit.jsonl');

  test('have one name for all their posts, another under another key, none where names are dropped', async () => {
    const names = async (): Promise<string[]> =>
      (await read('r.jsonl', source))
        .map(textOf)
        .join()
        .match(/user-\w{12}/g)!;
    const first = await names();
    expect(await names()).toEqual(first);
    const { outside: one } = { outside: postsImporter.identity!({}) };
    process.env['GRISTMILL_AUTHOR_KEY'] = `${key} and another`;
    const second = await names();
    expect(second.some((name) => first.includes(name))).toBe(false);
    expect(postsImporter.identity!({})).not.toEqual(one);
    delete process.env['GRISTMILL_AUTHOR_KEY'];
    const dropped = await read('r.jsonl', source, { authors: 'drop' });
    expect(JSON.stringify(dropped.map((item) => [textOf(item), item.metadata, item.source]))).not.toMatch(
      /user-|miller|baker/i,
    );
    expect(postsImporter.identity!({ authors: 'drop' })).toEqual({});
  });

  test('are nowhere in clear', async () => {
    for (const name of ['mastodon-outbox.json', 'mastodon-statuses.json', 'reddit.jsonl', 'posts.xml']) {
      const items = await read(name, gold(name).source);
      const all = items.map((item) => [textOf(item), item.metadata, item.source, item.group]);
      expect(JSON.stringify(all)).not.toMatch(/@?(?:ann|bob|miller_1|baker_2)\b/i);
    }
  });

  test.each([undefined, 'short'])('without a key (%s) are refused', (value) => {
    if (value === undefined) delete process.env['GRISTMILL_AUTHOR_KEY'];
    else process.env['GRISTMILL_AUTHOR_KEY'] = value;
    expect(() => postsImporter.check!({})).toThrow(expect.objectContaining({ code: 'no-author-key' }));
  });
});

describe('archives', () => {
  const outbox = gold('mastodon-outbox.json').source;

  test('an export gives the posts of its outbox, whatever else is in it', async () => {
    const entries = {
      'actor.json': '{}',
      'likes.json': '{"orderedItems":[]}',
      'outbox.json': outbox,
      'avatar.png': 'x',
    };
    const tar = gzipSync(writeTar(Object.entries(entries)));
    const zip = writeZip(Object.entries(entries).map(([name, bytes]) => ({ name, bytes })));
    const plain = (await read('outbox.json', outbox)).map(textOf);
    for (const bytes of [tar, zip]) expect((await read('export', bytes)).map(textOf)).toEqual(plain);
  });
});

describe('damaged files', () => {
  const line = '{"id":"a","link_id":"t3_x","body":"good","author":"ann","created_utc":1700000000}\n';
  test.each<[string, string, string, string[]]>([
    [
      'a line that is no JSON',
      'r.jsonl',
      `${line}{"id":\n${line.replace('"a"', '"b"')}`,
      ['t3_x', 'bad-json'],
    ],
    ['a record that is no post', 'r.jsonl', `${line}{"kind":"vote"}\n`, ['t3_x', 'no-post']],
    ['numbers', 'r.jsonl', `1\n2\n${line}`, ['t3_x', 'no-post', 'no-post']],
    [
      'a row that is cut',
      'posts.xml',
      '<posts>\n<row Id="1" PostTypeId="1" Body="a" />\n<row Id="2" PostTypeId="1" Bo\n</posts>',
      ['1', 'damaged'],
    ],
    [
      'rows without their end',
      'posts.xml',
      '<posts>\n<row Id="1" PostTypeId="1" Body="a" />\n',
      ['1', 'truncated'],
    ],
    [
      'an outbox that is cut',
      'outbox.json',
      gold('mastodon-outbox.json').source.slice(0, 1500),
      ['m.example/1', 'bad-json'],
    ],
    ['nothing', 'r.jsonl', '', ['empty']],
    [
      'an archive without posts',
      'a.zip',
      Buffer.from(writeZip([{ name: 'x.png', bytes: 'x' }])).toString('latin1'),
      ['no-posts'],
    ],
    [
      'ids that go round',
      'r.jsonl',
      '{"id":"a","link_id":"t3_x","parent_id":"t1_b","body":"a"}\n{"id":"b","link_id":"t3_x","parent_id":"t1_a","body":"b"}\n',
      ['t3_x'],
    ],
  ])('%s', async (_, name, source, expected) => {
    const items = await read(name, Buffer.from(source, name.endsWith('.zip') ? 'latin1' : 'utf8'));
    expect(items.map((item) => reasonOf(item) ?? item.source.item)).toEqual(expected);
  });
});
