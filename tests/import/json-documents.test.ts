import { describe, expect, test } from 'vitest';
import { filesImporter, jsonDocumentsImporter } from '@gristmill/import';
import { createImportFolder, reasonOf, textOf } from './import-folder.ts';

describe('documents in JSON', () => {
  test('are the members of an array, fields by name or pointer', async () => {
    await using folder = await createImportFolder('post');
    const posts = [
      { text: 'one', by: { name: 'Ann' }, key: 'a', thread: 7, 'a/b': 'slashed' },
      { text: 'two', title: 'T', key: 'a', thread: 7 },
      { text: '', key: 'c' },
    ];
    const options = {
      textField: 'text',
      idField: 'key',
      authorField: '/by/name',
      titleField: ['/title', '/a~1b'],
      groupField: 'thread',
      licence: 'CC0',
    };
    for (const [path, text, extra] of [
      ['p.json', JSON.stringify(posts), {}],
      ['p.json', JSON.stringify({ data: { list: posts } }), { items: '/data/list' }],
      ['p.jsonl', posts.map((post) => JSON.stringify(post)).join('\n'), {}],
    ] as const) {
      const items = await folder.items(jsonDocumentsImporter, path, text, { ...options, ...extra });
      expect(items.map((item) => [item.source.item, textOf(item), item.metadata, reasonOf(item)])).toEqual([
        ['a', 'one', { author: 'Ann', title: 'slashed', licence: 'CC0' }, undefined],
        ['a-2', 'two', { title: 'T', licence: 'CC0' }, undefined],
        ['c', '', { licence: 'CC0' }, 'empty'],
      ]);
      expect(items[0].group).toBeDefined();
      expect(items[1].group).toBe(items[0].group);
    }
  });

  test('keep the address at which they were found, and an id that does not depend on it', async () => {
    await using folder = await createImportFolder('web');
    const lines = '{"t":"a","u":"HTTP://A.example:80/x#y"}\n{"t":"b","u":"http://a.example/x"}\n{"t":"c"}\n';
    const [with1, with2, without] = await folder.items(jsonDocumentsImporter, 'p.jsonl', lines, {
      textField: 't',
      urlField: 'u',
    });
    expect([with1, with2, without].map(({ source }) => source.url)).toEqual([
      'http://a.example/x',
      'http://a.example/x',
      undefined,
    ]);
    const plain = await folder.items(jsonDocumentsImporter, 'p.jsonl', lines, { textField: 't' });
    expect(plain.map(({ id }) => id)).toEqual([with1.id, with2.id, without.id]);
  });

  test('are lines, of which a bad one spoils only itself', async () => {
    await using folder = await createImportFolder('post');
    const items = await folder.items(jsonDocumentsImporter, 'p.jsonl', '{"t":"a"}\n{"t":\n\n{"t":"b"}\n', {
      textField: 't',
    });
    expect(items.map((item) => [item.source.item, reasonOf(item)])).toEqual([
      ['0', undefined],
      ['1', 'bad-json'],
      ['2', undefined],
    ]);
  });

  test('are rows of a table', async () => {
    await using folder = await createImportFolder('post');
    const csv = '\uFEFFid,body\r\n1,"with ""quotes"", and\r\na line"\r\n2,short\r\n';
    const items = await folder.items(jsonDocumentsImporter, 'p.csv', csv, {
      textField: 'body',
      idField: 'id',
    });
    expect(items.map((item) => [item.source.item, textOf(item)])).toEqual([
      ['1', 'with "quotes", and\r\na line'],
      ['2', 'short'],
    ]);
    const tabs = await folder.items(jsonDocumentsImporter, 'p.tsv', 'body\tx\none\t1\n', {
      textField: 'body',
    });
    expect(tabs.map(textOf)).toEqual(['one']);
  });

  test('are the file itself, an article of headings and paragraphs', async () => {
    await using folder = await createImportFolder('article');
    const country = {
      Introduction: { Background: { text: 'Long ago.' } },
      Geography: { Area: { total: { text: '5 sq km' }, land: { text: 4 } }, Note: { text: null }, Empty: {} },
      Government: { 'Country name': { 'conventional short form': { text: 'Nowhere' } } },
    };
    const options = {
      whole: true,
      sections: true,
      titleField: '/Government/Country name/conventional short form/text',
    };
    const [item] = await folder.items(jsonDocumentsImporter, 'xx.json', JSON.stringify(country), options);
    expect(item.metadata).toEqual({ title: 'Nowhere' });
    expect(item.source).toEqual({ name: 'source', kind: 'article', path: 'xx.json' });
    expect(textOf(item)).toBe(
      [
        'Introduction',
        'Background: Long ago.',
        'Geography',
        'Area: total: 5 sq km; land: 4',
        'Government',
        'Country name: conventional short form: Nowhere\n',
      ].join('\n\n'),
    );
  });

  test('that cannot be read are a verdict, and wrong options a sentence', async () => {
    await using folder = await createImportFolder('post');
    for (const [text, reason] of [
      ['', 'empty'],
      ['{', 'bad-json'],
      ['3', 'bad-json'],
      ['[]', 'bad-json'],
      [`${'['.repeat(50_000)}${']'.repeat(50_000)}`, 'empty'],
    ]) {
      expect(
        (await folder.items(jsonDocumentsImporter, 'p.json', text, { textField: 'text' })).map(reasonOf),
      ).toEqual([reason]);
    }
    expect(() => jsonDocumentsImporter.check?.({ textFeld: 'x' })).toThrow('no option textFeld');
    expect(() => jsonDocumentsImporter.check?.({ whole: 'yes' })).toThrow('"yes" is no value for whole');
  });
});

test('a file is an item as it is, its media type told by its name', async () => {
  await using folder = await createImportFolder('web');
  const [page] = await folder.items(filesImporter, 'a/b.HTML', '<p>', { siteName: 'S' });
  expect([page.mediaType, textOf(page), page.source.path, page.metadata]).toEqual([
    'text/html',
    '<p>',
    'a/b.HTML',
    { siteName: 'S' },
  ]);
  expect((await folder.items(filesImporter, 'c.txt', '')).map(reasonOf)).toEqual(['empty']);
  const [unknown] = await folder.items(filesImporter, 'd.xyz', Buffer.from([0, 1]));
  expect([unknown.mediaType, unknown.bytes.length]).toEqual(['application/octet-stream', 2]);
});
