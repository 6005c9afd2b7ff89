// Guards the stage's version: the same fixture gives the same rows, or the version must be raised.
import { describe, expect, test } from 'vitest';
import { hashJson, type Json, type Row } from '@gristmill/core';
import { extractStage } from '@gristmill/extract';
import { fixturePages } from './fixture-pages.ts';

const statements = `<html><head><title>The Orchard » Pears in heavy clay</title><script type="application/ld+json">
{"@graph":[{"@type":"Article","author":{"@id":"#a"}},{"@type":"Person","@id":"#a","name":"Anna Bell"},{"@type":"Person","name":"Ben Okri"}]}
</script></head><body><h1><a href="/">The Orchard</a></h1><h2>Pears in heavy clay</h2><p class="date">3. lokakuuta 2019</p>
<p>Pears will grow in clay where the water can drain away, and where no wind comes over the hill in spring.</p></body></html>`;
const rows: readonly Row[] = [...fixturePages, { name: 'statements', text: statements }].map(
  ({ name, text, ...rest }) => ({
    id: name,
    bytes: new TextEncoder().encode(text),
    mediaType: 'text/html',
    ...rest,
  }),
);

describe('the extract stage', () => {
  test('gives the recorded rows (a change here needs a higher version)', async () => {
    const transform = await extractStage.create({}, new Map());
    const output: Row[] = [];
    for (const row of rows) output.push(await transform(row));
    expect({ version: extractStage.version, digest: hashJson(output as unknown as Json) })
      .toMatchInlineSnapshot(`
        {
          "digest": "4a7a9b3f63276c54fd94574ee0e28048873e7aa35c2ab9f84d22fef2d569173b",
          "version": 12,
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
