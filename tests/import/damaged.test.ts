// Books and articles that are damaged, each with what becomes of it (fixtures/damaged/verdicts.json: checked by a person): its
// documents by the beginning of their text, or their verdicts.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { extractDocument } from '@gristmill/extract';
import { openItems } from '@gristmill/import';

const folder = new URL('fixtures/damaged/', import.meta.url);
const verdicts = JSON.parse(readFileSync(new URL('verdicts.json', folder), 'utf8')) as Record<
  string,
  string[]
>;

/** A line a document: its item, and its verdict or its text. */
async function read(name: string): Promise<string[]> {
  const lines: string[] = [];
  const source = { name: 'damaged', kind: 'book' } as const;
  for await (const item of openItems(readFileSync(new URL(name, folder)), { source, path: name })) {
    const { bytes, mediaType, charset, metadata, verdict, source: place } = item;
    const path = place.item ?? name;
    const result = verdict
      ? { verdict }
      : await extractDocument({ bytes, mediaType, charset, path, whole: metadata?.order !== undefined });
    const told =
      'verdict' in result ? `[${result.verdict.stage}: ${result.verdict.reason}]` : result.text.slice(0, 60);
    lines.push(`${place.item ?? ''} ${told}`.trim().replace(/\s+/g, ' '));
  }
  return lines;
}

test('every damaged file has its verdict', async () => {
  const names = readdirSync(folder).filter((name) => name !== 'verdicts.json');
  const found = Object.fromEntries(
    await Promise.all(names.sort().map(async (name) => [name, await read(name)] as const)),
  );
  expect(found).toEqual(verdicts);
});
