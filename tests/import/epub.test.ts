import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { epubImporter, zipImporter } from '@gristmill/import';
import { createImportFolder, reasonOf, textOf } from './import-folder.ts';
import { writeZip, type ZipEntry } from './zip-writer.ts';

const mimetype: ZipEntry = { name: 'mimetype', bytes: 'application/epub+zip', deflate: false };
const container: ZipEntry = {
  name: 'META-INF/container.xml',
  bytes:
    '<container><rootfiles><rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
};

function packageOf(manifest: string, spine: string): ZipEntry {
  const metadata =
    '<dc:title>  A\n Book </dc:title><dc:creator>Ann</dc:creator><dc:creator>Bob</dc:creator><dc:language>en</dc:language><dc:date>1898-02</dc:date><dc:rights>CC0</dc:rights>';
  return {
    name: 'OPS/book.opf',
    bytes: `<?xml version="1.0"?><package xmlns:dc="x"><metadata>${metadata}</metadata><manifest>${manifest}</manifest><spine>${spine}</spine></package>`,
  };
}

const page = (name: string): ZipEntry => ({
  name: `OPS/${name}`,
  bytes: `<html><body>${name}</body></html>`,
});
const book = [
  mimetype,
  container,
  packageOf(
    '<item id="b" href="text/b%20b.xhtml" media-type="application/xhtml+xml"/><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/><item id="i" href="i.jpg" media-type="image/jpeg" fallback="a"/><item id="j" href="j.jpg" media-type="image/jpeg"/>',
    '<itemref idref="b"/><itemref idref="a" linear="no"/><itemref idref="i"/><itemref idref="j"/><itemref idref="none"/>',
  ),
  page('a.xhtml'),
  page('text/b b.xhtml'),
  page('j.jpg'),
];

describe('a book', () => {
  test('gives its spine in reading order, named by paths, with facts of the package', async () => {
    await using folder = await createImportFolder();
    const items = await folder.items(epubImporter, 'x/book.epub', writeZip(book));
    expect(items.map((item) => [item.source.item, textOf(item), reasonOf(item)])).toEqual([
      ['OPS/text/b b.xhtml', '<html><body>text/b b.xhtml</body></html>', undefined],
      ['OPS/j.jpg', '', 'media-type'],
      ['OPS/a.xhtml', '<html><body>a.xhtml</body></html>', undefined],
    ]);
    expect(items.map(({ metadata }) => metadata?.role)).toEqual([undefined, undefined, 'aside']);
    expect(items[0].metadata).toEqual({
      title: 'A Book',
      partOf: 'A Book',
      author: 'Ann; Bob',
      language: 'en',
      date: '1898-02',
      licence: 'CC0',
      order: 0,
    });
    expect(new Set(items.map(({ group }) => group)).size).toBe(1);
  });

  test.each<[string, ZipEntry[] | Buffer]>([
    ['no-mimetype', [page('a.xhtml')]],
    ['no-mimetype', [{ ...mimetype, bytes: 'application/zip' }]],
    ['no-container', [mimetype]],
    ['no-package', [mimetype, container]],
    ['no-package', [mimetype, container, { name: 'OPS/book.opf', bytes: '<not-a-package' }]],
    ['empty', [mimetype, container, packageOf('', '')]],
    ['damaged', Buffer.from('PK no zip')],
    ['damaged', Buffer.alloc(0)],
    ['damaged', writeZip(book).subarray(0, 500)],
  ])('that cannot be opened is one verdict: %s', async (reason, entries) => {
    await using folder = await createImportFolder();
    const bytes = Buffer.isBuffer(entries) ? entries : writeZip(entries);
    expect((await folder.items(epubImporter, 'book.epub', bytes)).map(reasonOf)).toEqual([reason]);
  });

  test('keeps its other chapters when one is missing, encrypted, damaged or a bomb', async () => {
    await using folder = await createImportFolder();
    const names = ['missing', 'listed', 'locked', 'bomb', 'liar', 'sound'];
    const manifest = names
      .map((name) => `<item id="${name}" href="${name}" media-type="application/xhtml+xml"/>`)
      .join('');
    const spine = names.map((name) => `<itemref idref="${name}"/>`).join('');
    const encryption =
      '<encryption><EncryptedData><CipherData><CipherReference URI="OPS/listed"/></CipherData></EncryptedData></encryption>';
    const bytes = writeZip([
      ...[mimetype, container, packageOf(manifest, spine)],
      { name: 'META-INF/encryption.xml', bytes: encryption },
      ...[page('listed'), page('sound'), { ...page('locked'), encrypted: true }],
      { name: 'OPS/bomb', bytes: Buffer.alloc(80 * 2 ** 20) },
      { name: 'OPS/liar', bytes: Buffer.alloc(2 ** 20), claimedLength: 10 },
    ]);
    expect(bytes.length).toBeLessThan(200_000);
    const items = await folder.items(epubImporter, 'book.epub', bytes);
    expect(items.map(reasonOf)).toEqual([
      'missing',
      'encrypted',
      'encrypted',
      'too-large',
      'damaged',
      undefined,
    ]);
  });

  test.each(['nav', 'ncx'])(
    'calls its chapters as its contents do (%s), which are no chapter',
    async (kind) => {
      await using folder = await createImportFolder();
      const entries: [href: string, label: string, inner?: string][] = [
        ['one.xhtml', ' The\n Mill '],
        ['two.xhtml#top', 'The Dam', '<ol><li><a href="two.xhtml#b">Its sluice</a></li></ol>'],
        ['many.xhtml#a', 'First'],
        ['many.xhtml#b', 'Second'],
      ];
      const nav = `<html xmlns:epub="x"><body><nav epub:type="landmarks"><ol><li><a href="one.xhtml">Start</a></li></ol></nav><nav epub:type="toc"><ol>${entries
        .map(([href, label, inner = '']) => `<li><a href="${href}">${label}</a>${inner}</li>`)
        .join('')}</ol></nav></body></html>`;
      const ncx = `<ncx><navMap>${entries
        .map(
          ([href, label]) =>
            `<navPoint><navLabel><text>${label}</text></navLabel><content src="${href}"/></navPoint>`,
        )
        .join('')}</navMap></ncx>`;
      const names = ['one', 'two', 'many', 'none'];
      const items = names.map(
        (name) => `<item id="${name}" href="${name}.xhtml" media-type="application/xhtml+xml"/>`,
      );
      const contents =
        kind === 'nav'
          ? '<item id="toc" href="toc.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
          : '<item id="toc" href="toc.ncx" media-type="application/x-dtbncx+xml"/>';
      const bytes = writeZip([
        ...[mimetype, container],
        packageOf(
          `${contents}${items.join('')}`,
          `${kind === 'nav' ? '<itemref idref="toc"/>' : ''}${names.map((name) => `<itemref idref="${name}"/>`).join('')}`,
        ),
        ...names.map((name) => page(`${name}.xhtml`)),
        { name: `OPS/toc.${kind === 'nav' ? 'xhtml' : 'ncx'}`, bytes: kind === 'nav' ? nav : ncx },
      ]);
      const read = await folder.items(epubImporter, 'book.epub', bytes);
      expect(read.map(({ metadata }) => [metadata?.title, metadata?.partOf, metadata?.order])).toEqual([
        ['The Mill', 'A Book', 0],
        ['The Dam', 'A Book', 1],
        ['A Book', 'A Book', 2],
        ['A Book', 'A Book', 3],
      ]);
    },
  );

  test.each([
    ['<dc:date>2011-05-04T10:00:00Z</dc:date>', '2011-05-04'],
    ['<dc:date>0101-01-01T00:00:00+00:00</dc:date>', undefined],
    [
      '<dc:date opf:event="conversion">2020-01-01</dc:date><dc:date opf:event="publication">1898</dc:date>',
      '1898',
    ],
    ['<dc:date opf:event="modification">2020-01-01</dc:date>', undefined],
    ['<dc:date>2020</dc:date><dc:date opf:event="original-publication">1851-11</dc:date>', '1851-11'],
    ['<dc:date>2012-13-45</dc:date>', '2012'],
    ['<dc:date>May 3, 2012</dc:date>', '2012-05-03'],
    ['<meta property="dcterms:modified">2018-01-01T00:00:00Z</meta>', undefined],
  ])('has the date of its publication: %s', async (written, date) => {
    await using folder = await createImportFolder();
    const facts =
      '<dc:title id="s">Sub</dc:title><dc:title id="t">Main</dc:title><meta refines="#t" property="title-type">main</meta><dc:creator id="i">Ill</dc:creator><meta refines="#i" property="role">ill</meta><dc:creator opf:role="aut">Ann</dc:creator>';
    const opf = `<package><metadata>${facts}${written}</metadata><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>`;
    const bytes = writeZip([mimetype, container, { name: 'OPS/book.opf', bytes: opf }, page('a.xhtml')]);
    const [{ metadata }] = await folder.items(epubImporter, 'book.epub', bytes);
    expect([metadata?.title, metadata?.author, metadata?.date]).toEqual(['Main', 'Ann', date]);
  });

  test('no bytes stop the reader: 150 books with seeded damage', async () => {
    await using folder = await createImportFolder();
    const random = createRandom(13);
    const sound = writeZip(book);
    for (let round = 0; round < 150; round++) {
      const bytes = Buffer.from(sound);
      for (let hit = 0; hit < 1 + random() * 8; hit++)
        bytes[Math.floor(random() * bytes.length)] = random() * 256;
      const items = await folder.items(epubImporter, 'book.epub', bytes);
      expect(items.length).toBeGreaterThan(0);
    }
  });
});

const data = '../shared/data/epub-tests/epub-tests-small.tar.gz';

test.skipIf(!existsSync(data))(
  "W3C's 93 publications follow their spine (they lie beside the project)",
  async () => {
    await using folder = await createImportFolder();
    execFileSync('tar', ['xzf', data, '-C', folder.folder]);
    const root = join(folder.folder, 'tests');
    const results: [string, string][] = [];
    for (const name of readdirSync(root).sort()) {
      const files = readdirSync(join(root, name), { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      );
      const entries = files.map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return { name: path.slice(join(root, name).length + 1), bytes: readFileSync(path) };
      });
      const items = await folder.items(epubImporter, `${name}.epub`, writeZip(entries));
      const opf = entries.find((entry) => entry.name.endsWith('.opf'));
      const spine = [
        ...new Set(
          String(opf?.bytes)
            .replace(/<!--.*?-->/gs, '')
            .match(/<itemref[^>]*idref="[^"]+"/g),
        ),
      ].length;
      const reasons = items.flatMap((item) => reasonOf(item) ?? []);
      if (reasons.length > 0 || items.length !== spine)
        results.push([name, `${items.length} of ${spine} ${reasons.join()}`]);
    }
    // Their spine holds the table of contents, which is no document.
    expect(results.map(([name]) => name)).toEqual([
      'nav-activation',
      'nav-spine_in-spine',
      'nav-spine_in-spine-hidden-toc-css',
      'nav-spine_in-spine-hidden-toc-html',
    ]);
  },
);

test('a zip gives its files, with a verdict for those that cannot be read', async () => {
  await using folder = await createImportFolder();
  const bytes = writeZip([
    page('a.html'),
    { ...page('b.html'), encrypted: true },
    { name: 'OPS/c', bytes: '' },
    { name: 'dir/', bytes: '' },
  ]);
  const items = await folder.items(zipImporter, 'files.zip', bytes);
  expect(items.map((item) => [item.source.item, item.mediaType, reasonOf(item)])).toEqual([
    ['OPS/a.html', 'text/html', undefined],
    ['OPS/b.html', 'text/html', 'encrypted'],
    ['OPS/c', 'application/octet-stream', 'empty'],
  ]);
});
