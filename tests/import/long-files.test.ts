import { describe, expect, test } from 'vitest';
import { jsonDocumentsImporter } from '@gristmill/import';
import { createImportFolder, reasonOf, textOf } from './import-folder.ts';

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
