// Guards the stage's version: the same fixture gives the same rows, or the version must be raised.
import { describe, expect, test } from 'vitest';
import { hashJson, type Json, type Row } from '@gristmill/core';
import { extractStage } from '@gristmill/extract';
import { fixturePages } from './fixture-pages.ts';

const rows: readonly Row[] = fixturePages.map(({ name, text, ...rest }) => ({
  id: name,
  bytes: new TextEncoder().encode(text),
  mediaType: 'text/html',
  ...rest,
}));

describe('the extract stage', () => {
  test('gives the recorded rows (a change here needs a higher version)', async () => {
    const transform = await extractStage.create({}, new Map());
    const output: Row[] = [];
    for (const row of rows) output.push(await transform(row));
    expect({ version: extractStage.version, digest: hashJson(output as unknown as Json) })
      .toMatchInlineSnapshot(`
        {
          "digest": "f2932c04a5e6f263c4ed9fe2f23dab69f5522c867d488af63bbd80d5f94e4020",
          "version": 5,
        }
      `);
  });

  test('writes only the columns that it declares, and keeps the id', async () => {
    const transform = await extractStage.create({}, new Map());
    const declared = new Set(['id', 'verdict', ...extractStage.columns.map(({ name }) => name)]);
    for (const row of rows) {
      const output = await transform(row);
      expect(output.id).toBe(row.id);
      for (const name of Object.keys(output)) expect(declared).toContain(name);
    }
  });

  test('prefers what was known before the page was read', async () => {
    const transform = await extractStage.create({}, new Map());
    const output = await transform({ ...rows[0], title: 'Known title', author: 'Known author' });
    expect(output).toMatchObject({ title: 'Known title', author: 'Known author' });
  });

  test('refuses unknown options and wrong values', () => {
    expect(() => extractStage.create({ fromat: 'text' } as never, new Map())).toThrow(/no option fromat/);
    expect(() => extractStage.create({ format: 'pdf' } as never, new Map())).toThrow(/format/);
    expect(() => extractStage.create({ maxBytes: 0 }, new Map())).toThrow(/maxBytes/);
  });
});
