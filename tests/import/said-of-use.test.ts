// What imported files say of their own use, from their metadata to the build that leaves them out.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { expect, test } from 'vitest';
import { createRandom, type RawItem } from '@gristmill/core';
import { dataCard, explainDocument, runRecipe, whatIf } from '@gristmill/corpus';
import { epubImporter, filesImporter, folderImporter, openItems, warcImporter } from '@gristmill/import';
import { openDiskStore } from '@gristmill/storage';
import { encodeRecord, formatResponse } from '@gristmill/warc';
import { collect } from '../http/collect.ts';
import { createImportFolder } from './import-folder.ts';
import { writePdf, xmpPacket, type PdfParts } from './pdf-writer.ts';
import { writeZip } from './zip-writer.ts';

const sentence = (name: string) => `The ${name} has words of its own, and commas, so that it is kept. `;
const html = (head: string, body = sentence('page').repeat(5)) =>
  `<!doctype html><html><head><title>x</title>${head}</head><body><article><h1>x</h1><p>${body}</p></article></body></html>`;
const refusals = (items: readonly RawItem[]) => items.map(({ consent }) => consent?.refusals.join(' '));

function epub(meta: string, packageAttributes = '', chapters = ['a', 'b']): Buffer {
  const items = chapters.map(
    (id) => `<item id="${id}" href="${id}.xhtml" media-type="application/xhtml+xml"/>`,
  );
  const spine = chapters.map((id) => `<itemref idref="${id}"/>`).join('');
  const opf = `<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" ${packageAttributes}><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Book</dc:title>${meta}</metadata><manifest>${items.join('')}</manifest><spine>${spine}</spine></package>`;
  return writeZip([
    { name: 'mimetype', bytes: 'application/epub+zip', deflate: false },
    {
      name: 'META-INF/container.xml',
      bytes:
        '<container><rootfiles><rootfile full-path="OPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
    },
    { name: 'OPS/content.opf', bytes: opf },
    ...chapters.map((id) => ({
      name: `OPS/${id}.xhtml`,
      bytes: `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>${id}</title></head><body><p>${sentence(`chapter ${id} of ${meta.length}`).repeat(5)}</p></body></html>`,
    })),
  ]);
}

const epub2 =
  '<meta name="tdm:reservation" content="1"/><meta name="tdm:policy" content="https://p.example/p"/>';
const epub3 = 'version="3.0" prefix="tdm: http://www.w3.org/ns/tdmrep#"';

test.each([
  ['EPUB 2', epub(epub2, 'version="2.0"'), 'tdmrep'],
  ['EPUB 3', epub('<meta property="tdm:reservation">1</meta>', epub3), 'tdmrep'],
  [
    'EPUB 3 with a prefix of its own',
    epub('<meta property="m:reservation">1</meta>', 'prefix="m: http://www.w3.org/ns/tdmrep/"'),
    'tdmrep',
  ],
  ['a prefix of something else', epub('<meta property="m:reservation">1</meta>', epub3), undefined],
  ['a book that reserves nothing', epub('<meta property="tdm:reservation">0</meta>', epub3), ''],
  ['of a part of it', epub('<meta refines="#a" property="tdm:reservation">1</meta>', epub3), undefined],
  ['a book without a word', epub(''), undefined],
])('%s: every chapter has the word of its book', async (_, bytes, word) => {
  await using folder = await createImportFolder();
  const items = await folder.items(epubImporter, 'book.epub', bytes);
  expect(refusals(items)).toEqual([word, word]);
});

test('a book’s word is kept with place, text and policy', async () => {
  await using folder = await createImportFolder();
  const [item] = await folder.items(epubImporter, 'book.epub', epub(epub2));
  expect(item.consent!.statements).toMatchObject([
    {
      protocol: 'tdmrep',
      where: 'OPS/content.opf',
      raw: '1',
      verdict: 'deny',
      policyUrl: 'https://p.example/p',
    },
  ]);
});

const tdm = 'xmlns:tdm="http://www.w3.org/ns/tdmrep/"';
const plus = 'xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"';
const reserved = xmpPacket(tdm, '<tdm:reservation>1</tdm:reservation>');
const free = xmpPacket(tdm, '<tdm:reservation>0</tdm:reservation>');
const pdfs: [name: string, parts: Omit<PdfParts, 'text'>, word: string | undefined][] = [
  ['an element', { xmp: reserved }, 'tdmrep'],
  ['an attribute', { xmp: xmpPacket(`${tdm} tdm:reservation="1"`) }, 'tdmrep'],
  ['another prefix', { xmp: reserved.replaceAll('tdm:', 't:').replace('xmlns:tdm', 'xmlns:t') }, 'tdmrep'],
  ['another namespace', { xmp: reserved.replace('tdmrep', 'other') }, undefined],
  ['a deflated packet', { xmp: reserved, deflate: true }, 'tdmrep'],
  ['no reservation', { xmp: free }, ''],
  ['a packet of a picture beside', { xmp: free, other: reserved }, ''],
  ['packets of which none is named', { xmp: free, other: reserved, hidden: true }, 'tdmrep'],
  [
    'PLUS',
    {
      xmp: xmpPacket(`${plus} plus:DataMining="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING"`),
    },
    'iptc',
  ],
  [
    'PLUS as a resource',
    {
      xmp: xmpPacket(
        plus,
        '<plus:DataMining rdf:resource="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED"/>',
      ),
    },
    'iptc',
  ],
  ['nothing', {}, undefined],
];

test.each(pdfs)('a PDF with %s', async (_, parts, word) => {
  const bytes = writePdf({ text: sentence('PDF'), ...parts });
  await using folder = await createImportFolder();
  expect(refusals(await folder.items(filesImporter, 'a.pdf', bytes))).toEqual([word]);
  if (parts.xmp === undefined || parts.hidden) return;
  // Another reader finds the same packet.
  const task = getDocument({ data: new Uint8Array(bytes), verbosity: 0 });
  const { metadata } = await (await task.promise).getMetadata();
  expect(String((metadata as { getRaw(): string }).getRaw())).toContain('rdf:Description');
  await task.destroy();
});

test.each([
  ['<meta name="robots" content="noai, noimageai">', 'noai'],
  ['<META CONTENT="noindex" NAME="ROBOTS">', 'noindex'],
  ['<meta name="tdm-reservation" content="1">', 'tdmrep'],
  ['<meta name="gristmill" content="noai">', 'noai'],
  ['<meta name="googlebot" content="noai">', undefined],
  ['<meta name="robots" content="index, follow">', ''],
  ['<link rel="license" type="application/rsl+xml" href="https://l.example/l.xml">', 'rsl'],
  ['<meta name="description" content="robots">', undefined],
  ['', undefined],
])('a page with %s', async (head, word) => {
  await using folder = await createImportFolder();
  expect(refusals(await folder.items(filesImporter, 'page.html', html(head)))).toEqual([word]);
  const wide = Buffer.from(`\uFEFF${html(head)}`, 'utf16le');
  expect(refusals(await folder.items(filesImporter, 'wide', wide))).toEqual([word]);
});

test('Markdown about such an element has none', async () => {
  await using folder = await createImportFolder();
  const text = '# How to say no\n\nWrite `<meta name="robots" content="noai">` into the head of the page.';
  expect(refusals(await folder.items(filesImporter, 'a.md', text))).toEqual([undefined]);
});

function warc(entries: readonly { url: string; headers?: [string, string][]; body?: string }[]): Buffer {
  const type: [string, string] = ['Content-Type', 'text/html'];
  return Buffer.concat(
    entries.map(({ url, headers = [], body = html('', sentence(url).repeat(5)) }) =>
      encodeRecord({
        ...{ type: 'response', url, date: '2026-01-02T03:04:05Z' },
        block: formatResponse(200, 'OK', [type, ...headers], Buffer.from(body)),
        payload: Buffer.from(body),
      }),
    ),
  );
}

test('archived answers have the word of their headers and of their pages', async () => {
  await using folder = await createImportFolder();
  const bytes = warc([
    { url: 'https://a.example/robots', headers: [['X-Robots-Tag', 'otherbot: noindex, gristmill: noai']] },
    { url: 'https://a.example/usage', headers: [['content-usage', 'train-ai=n']] },
    { url: 'https://a.example/signal', headers: [['Content-Signal', 'ai-train=no']] },
    { url: 'https://a.example/tdm', headers: [['TDM-Reservation', '1']] },
    { url: 'https://a.example/past', headers: [['X-Robots-Tag', 'unavailable_after: 2026-01-01']] },
    { url: 'https://a.example/not-yet', headers: [['X-Robots-Tag', 'unavailable_after: 2026-01-03']] },
    { url: 'https://a.example/meta', body: html('<meta name="robots" content="noai">') },
    { url: 'https://a.example/free' },
  ]);
  const items = await folder.items(warcImporter, 'a.warc.gz', bytes);
  expect(refusals(items)).toEqual([
    ...['noai', 'aipref', 'content-signal', 'tdmrep', 'noindex', '', 'noai'],
    undefined,
  ]);
  expect(items[0].consent!.statements).toMatchObject([
    { where: 'header x-robots-tag', fetchedAt: '2026-01-02T03:04:05Z' },
  ]);
});

test('a corpus of such files leaves out what refuses, and a recipe may read more strictly or hold an agreement', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-said-'));
  try {
    await mkdir(join(folder, 'in'));
    const files: Record<string, Buffer | string> = {
      'reserved.epub': epub(epub2),
      'free.epub': epub(''),
      'reserved.pdf': writePdf({ text: sentence('reserved paper').repeat(4), xmp: reserved }),
      'free.pdf': writePdf({ text: sentence('free paper').repeat(4) }),
      'noai.html': html('<meta name="robots" content="noai">', sentence('page that refuses').repeat(5)),
      'noarchive.html': html('<meta name="robots" content="noarchive">', sentence('cautious page').repeat(5)),
      'free.html': html('', sentence('free page').repeat(5)),
      'crawl.warc.gz': warc([
        { url: 'https://www.a.example/no', headers: [['Content-Usage', 'train-ai=n']] },
        { url: 'https://a.example/free' },
      ]),
    };
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, 'in', name), bytes);
    const recipe = (consent?: object) => ({
      name: 'said',
      partitions: 2,
      sources: [
        {
          ...{ name: 'files', kind: 'book', where: { root: 'in' } },
          import: { module: '@gristmill/import', export: 'folderImporter' },
        },
      ],
      steps: [
        { stage: 'extract', module: '@gristmill/extract', export: 'extractStage' },
        { stage: 'clean', module: '@gristmill/clean', export: 'cleanStage' },
        { stage: 'dedup', module: '@gristmill/dedup', export: 'dedupStage' },
        {
          ...{ stage: 'select', module: '@gristmill/select', export: 'selectStage' },
          options: { split: { validation: 0 }, duplicates: { threshold: null }, ...(consent && { consent }) },
        },
      ],
    });
    const store = openDiskStore({ root: join(folder, 'corpus'), sync: false });
    const build = async (consent?: object) => {
      const file = join(folder, `recipe-${createRandom(consent ? 2 : 1)()}.json`);
      await writeFile(file, JSON.stringify(recipe(consent)));
      return runRecipe({ recipe: file, store, workers: 0 });
    };
    const fate = async (name: string) => {
      const { outcome, consent } = await explainDocument(store, name);
      return [outcome.kept ? 'kept' : outcome.reason, consent?.result, consent?.override?.reference];
    };
    await build();
    const dropped = {
      'files/reserved.epub/OPS/a.xhtml': 'consent-tdmrep',
      'files/reserved.epub/OPS/b.xhtml': 'consent-tdmrep',
      'files/reserved.pdf': 'consent-tdmrep',
      'files/noai.html': 'consent-noai',
      'https://www.a.example/no': 'consent-aipref',
    };
    for (const [name, reason] of Object.entries(dropped))
      expect(await fate(name)).toEqual([reason, 'deny', undefined]);
    for (const name of ['files/free.epub/OPS/a.xhtml', 'files/free.pdf', 'files/free.html'])
      expect(await fate(name)).toEqual(['kept', undefined, undefined]);
    expect(await fate('files/noarchive.html')).toEqual(['kept', 'unknown', undefined]);
    const card = await dataCard(store);
    expect(card).toContain('- purpose: train\n');
    expect(card).toContain('- readings: noindex on, noarchive off, lists of AI agents off');
    expect(card).toContain('| tdmrep | 3 | 0 |');

    // What stricter or other readings would cost, without changing anything.
    const price = async (set: Record<string, never | string | boolean>) => {
      const { lost, gained } = await whatIf(store, { set, workers: 0 });
      return [Object.keys(lost.by.reason), lost.documents, gained.documents];
    };
    expect(await price({ 'select.consent.noarchive': true })).toEqual([['select: consent-noarchive'], 1, 0]);
    expect(await price({ 'select.consent.purpose': 'research' })).toEqual([[], 0, 3]);
    expect(await price({ 'select.consent.unknown': 'deny' })).toEqual([['select: consent-unknown'], 6, 0]);
    expect(await price({ 'select.consent.aipref.oldLabels': true })).toEqual([[], 0, 0]);

    await build({
      noarchive: true,
      override: [{ domain: 'a.example', kind: 'contract', reference: '2026-17' }],
    });
    expect(await fate('https://www.a.example/no')).toEqual(['kept', 'allow', '2026-17']);
    expect(await fate('files/noarchive.html')).toEqual(['consent-noarchive', 'deny', undefined]);
    expect(await dataCard(store)).toContain('- contract 2026-17: counts more for domain a.example');
    const { tables } = await explainDocument(store, 'https://www.a.example/no');
    expect(tables['select/eligible']).toMatchObject([{ override: 'contract 2026-17' }]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('no metadata, however damaged, makes it throw', async () => {
  const random = createRandom(5);
  const seeds = [
    epub(epub2),
    writePdf({ text: 'x', xmp: reserved, deflate: true }),
    Buffer.from(html('<meta name=robots content=noai>')),
  ];
  for (let round = 0; round < 150; round++) {
    const bytes = Buffer.from(seeds[round % seeds.length]);
    for (let i = 0; i < 1 + random() * 8; i++) bytes[Math.floor(random() * bytes.length)] = random() * 256;
    const cut = random() < 0.3 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
    const items = await collect(openItems(cut, { source: { name: 'x', kind: 'book' }, path: 'x' }));
    expect(items.length).toBeGreaterThan(0);
  }
});

test('an archive of such files is opened by the folder as well', async () => {
  await using folder = await createImportFolder();
  const bytes = writeZip([{ name: 'a.html', bytes: html('<meta name="robots" content="noai">') }]);
  expect(refusals(await folder.items(folderImporter, 'a.zip', bytes))).toEqual(['noai']);
});
