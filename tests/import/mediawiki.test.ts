// Dumps of MediaWiki: pages and what extract makes of them beside texts that a person checked, options, damage, stretches.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { RawItem } from '@gristmill/core';
import { extractDocument } from '@gristmill/extract';
import { folderImporter, mediawikiImporter } from '@gristmill/import';
import { createImportFolder, reasonOf, textOf } from './import-folder.ts';
import { dumpHead, dumpPage, writeDump, type DumpPage } from './mediawiki-dump.ts';

interface GoldPage {
  readonly title: string;
  readonly source: string;
  readonly text: string;
  readonly markdown?: string;
}

const gold: GoldPage[] = readFileSync(new URL('gold/mediawiki-pages.txt', import.meta.url), 'utf8')
  .split(/^##### /m)
  .slice(1)
  .map((page) => {
    const [head, text, markdown] = page.split(/^----- (?:text|markdown)\n/m);
    const [title, ...source] = head.split('\n');
    return { title, source: source.join('\n'), text, markdown };
  });

async function importDump(bytes: Uint8Array | string, options = {}): Promise<RawItem[]> {
  await using folder = await createImportFolder('article');
  return await folder.items(mediawikiImporter, 'dump.xml', bytes, options);
}

const told = (items: readonly RawItem[]): string[] =>
  items.map((item) => `${item.source.item ?? 'file'}: ${reasonOf(item) ?? textOf(item)}`);

describe('the pages of a dump', () => {
  test('are those that were written', async () => {
    expect(gold.length).toBeGreaterThanOrEqual(30);
    const items = await importDump(writeDump(gold.map(({ title, source }) => ({ title, text: source }))));
    expect(items.map(({ source, bytes }) => [source.item, Buffer.from(bytes).toString()])).toEqual(
      gold.map(({ title, source }) => [title, source]),
    );
    expect(items[0]).toMatchObject({
      mediaType: 'text/x-wiki',
      source: { url: 'https://mill.example/wiki/Grist_mill' },
      metadata: { title: 'Grist mill', siteName: 'Millwiki', language: 'en', date: '2024-05-06T07:08:09Z' },
    });
  });

  test.each(gold)('$title becomes the text that a person checked', async ({ source, text, markdown }) => {
    const read = async (format: 'text' | 'markdown') => {
      const item = { bytes: new TextEncoder().encode(source), mediaType: 'text/x-wiki' };
      return extractDocument(item, { format });
    };
    expect(await read('text')).toMatchObject({ kind: 'wikitext', text: text.trimEnd() });
    if (markdown !== undefined) expect(await read('markdown')).toMatchObject({ text: markdown.trimEnd() });
  });
});

describe('options', () => {
  const pages: DumpPage[] = [
    { title: 'A', text: 'a' },
    { title: 'Talk:A', text: 'talk', namespace: 1 },
    { title: 'B', text: '#REDIRECT [[A]]', redirect: 'A' },
    { title: 'C', text: '#WEITERLEITUNG [[A]]' },
    { title: 'D', text: '{}', model: 'json' },
    { title: 'E' },
    { title: 'F', text: ' ' },
  ];

  test('leave out talk and redirects unless told otherwise', async () => {
    expect(told(await importDump(writeDump(pages)))).toEqual([
      'A: a',
      'D: unsupported',
      'E: deleted',
      'F: empty',
    ]);
    const more = await importDump(writeDump(pages), {
      namespaces: ['0', '1'],
      redirects: true,
      licence: 'CC-BY-SA-4.0',
    });
    expect(told(more).slice(0, 4)).toEqual([
      'A: a',
      'Talk:A: talk',
      'B: #REDIRECT [[A]]',
      'C: #WEITERLEITUNG [[A]]',
    ]);
    expect(more[0].metadata?.licence).toBe('CC-BY-SA-4.0');
  });

  test('the last revision counts, and a folder knows a dump by what it holds', async () => {
    const two = dumpPage({ title: 'A', text: 'new' }).replace(
      '<revision>',
      '<revision><timestamp>2001-01-01T00:00:00Z</timestamp><text>old</text></revision><revision>',
    );
    const dump = `${dumpHead}${two}</mediawiki>`;
    expect(told(await importDump(dump))).toEqual(['A: new']);
    await using folder = await createImportFolder('article');
    expect(told(await folder.items(folderImporter, 'x.bin', dump))).toEqual(['A: new']);
  });
});

describe('damaged dumps', () => {
  const [a, b, c] = ['A', 'B', 'C'].map((title, id) => dumpPage({ title, text: title.toLowerCase() }, id));
  const end = '</mediawiki>\n';

  test.each<[string, string, string[]]>([
    ['cut inside a page', `${dumpHead}${a}${b.slice(0, 150)}`, ['A: a', 'file: truncated']],
    ['cut between pages', `${dumpHead}${a}${b}`, ['A: a', 'B: b', 'file: truncated']],
    [
      'a page without its end',
      `${dumpHead}${a}${b.replace('</page>', '')}${c}${end}`,
      ['A: a', 'page: damaged', 'C: c'],
    ],
    [
      'a page without a title',
      `${dumpHead}${a.replace(/<title>.*<\/title>/, '')}${b}${end}`,
      ['page: bad-page', 'B: b'],
    ],
    [
      'a page without a revision',
      `${dumpHead}${a.replace(/<revision>[^]*<\/revision>/, '')}${b}${end}`,
      ['page: bad-page', 'B: b'],
    ],
    ['two pages of one title', `${dumpHead}${a}${a}${end}`, ['A: a', 'A-2: a']],
    ['no pages', `${dumpHead}${end}`, ['file: empty']],
    ['only the beginning', dumpHead, ['file: truncated']],
    ['another XML', '<?xml version="1.0"?><rss></rss>', ['file: no-dump']],
    ['nothing', '', ['file: empty']],
  ])('%s', async (_, dump, expected) => {
    expect(told(await importDump(dump))).toEqual(expected);
  });

  test('bytes that are no UTF-8 cost their page', async () => {
    const bad = Buffer.from(`${dumpHead}${a}${b}${end}`.replace('>b<', '>\xff\xfe\xfd\xfc<'), 'latin1');
    expect(told(await importDump(bad))).toEqual(['A: a', 'B: bad-charset']);
  });
});
