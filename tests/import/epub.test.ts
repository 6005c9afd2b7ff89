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
      ['OPS/a.xhtml', '<html><body>a.xhtml</body></html>', undefined],
      ['OPS/j.jpg', '', 'media-type'],
    ]);
    expect(items[0].metadata).toEqual({
      title: 'A Book',
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
    expect(results.map(([name]) => name)).toEqual([]);
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
