import { describe, expect, test } from 'vitest';
import type { Json } from '@gristmill/core';
import { jsonDocumentsImporter, readJsonArray } from '@gristmill/import';
import { createImportFolder, reasonOf, textOf } from './import-folder.ts';

async function* cut(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield await Promise.resolve(text.slice(at, at + size));
}

async function readAll(text: string, pointer: string, size = 7): Promise<[Json[], string]> {
  const members: Json[] = [];
  const reading = readJsonArray(cut(text, size), pointer);
  for (;;) {
    const next = await reading.next();
    if (next.done) return [members, next.value];
    members.push(next.value);
  }
}

describe('an array that is read member by member', () => {
  const members = [{ text: 'a "quoted" 𝕏', list: [1, [2]] }, 'b', 3, null, { text: '\u2028\\' }];

  test('gives its members, wherever it lies', async () => {
    expect(await readAll(JSON.stringify(members, undefined, 2), '')).toEqual([members, 'whole']);
    const deep = { before: [1], data: { 'a/b': members }, after: { x: [2] } };
    expect(await readAll(JSON.stringify(deep), '/data/a~1b')).toEqual([members, 'whole']);
  });

  test('gives what lies before a damaged place, and tells it from what is no array', async () => {
    const text = JSON.stringify(members);
    expect(await readAll(text.slice(0, -10), '')).toEqual([members.slice(0, 4), 'damaged']);
    expect(await readAll(text.replace(',"b"', ',b'), '')).toEqual([members.slice(0, 1), 'damaged']);
    expect(await readAll('{"text":"one"}', '')).toEqual([[], 'no-array']);
  });
});

describe('files that are streamed', () => {
  test('keep characters that lie across two reads, in the charset of their beginning', async () => {
    await using folder = await createImportFolder('post');
    const texts = Array.from({ length: 900 }, (_, i) => `${'äöü€𝕏 '.repeat(60 + (i % 7))}${i}`);
    const lines = texts.map((text) => JSON.stringify({ text })).join('\n');
    for (const bytes of [Buffer.from(lines), Buffer.from(`\uFEFF${lines}`, 'utf16le')]) {
      const items = await folder.items(jsonDocumentsImporter, 'p.jsonl', bytes, { textField: 'text' });
      expect(items.map(textOf)).toEqual(texts);
      expect(items.at(-1)!.source.item).toBe('899');
    }
  });

  test('keep the rows before a quote that is never closed', async () => {
    await using folder = await createImportFolder('post');
    const items = await folder.items(jsonDocumentsImporter, 'p.csv', 'body\none\ntwo\n"three\n', {
      textField: 'body',
    });
    expect(items.map((item) => reasonOf(item) ?? textOf(item))).toEqual(['one', 'two', 'bad-json']);
  });
});
