import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { webCrawler } from '@gristmill/crawl';
import { writeTar } from '../import/tar-writer.ts';
import { collect } from '../http/collect.ts';

// Pipelines are programs, not a library: they are loaded by path, and this is what the test needs of them.
interface Site extends AsyncDisposable {
  readonly port: number;
  readonly hostMap: readonly string[];
}
interface InputPackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly take: readonly { readonly from: RegExp; readonly to: string }[];
}
interface DemoModules {
  readonly siteSeeds: string[];
  startSite(folder: string, port?: number): Promise<Site>;
  prepareInput(options: {
    folder: string;
    cache: string;
    packages: readonly InputPackage[];
    log: (line: string) => void;
  }): Promise<void>;
}
const load = async (name: string): Promise<DemoModules> =>
  (await import(new URL(`../../pipelines/demo/${name}.ts`, import.meta.url).href)) as DemoModules;
const { siteSeeds, startSite } = await load('site');
const { prepareInput } = await load('input');

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'gristmill-demo-'))));
afterEach(() => rm(folder, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(join(folder, path, '..'), { recursive: true });
  await writeFile(join(folder, path), text);
}

test('a crawl of the two manuals finds every page by itself, past redirects, failures and robots.txt', async () => {
  for (const name of ['npm', 'npm-adduser', 'npm-install', 'npm-audit', 'npm-alone']) {
    await write(`site/commands/${name}.html`, `<title>${name}</title><a href="npm-install">x</a>`);
  }
  await write('nodejs-manual/fs.html', '<a href="https://nodejs.org/api/os.html#a">os</a>');
  await write('nodejs-manual/os.html', '<a href="https://nodejs.org/api/fs.html">fs</a>');
  await using site = await startSite(folder);
  const source = { name: 'manuals', kind: 'web' } as const;
  const request = { source, options: { seeds: siteSeeds }, folder: join(folder, 'raw') };
  await webCrawler.refresh({
    ...request,
    where: { hostMap: [...site.hostMap], allowPrivate: true, retryBaseMs: 1 },
    signal: new AbortController().signal,
    progress: () => {},
  });
  const items = await collect(webCrawler.items(request));
  const found = items.map(({ source: { url }, verdict }) => `${url}${verdict ? ` [${verdict.reason}]` : ''}`);
  expect(found.sort()).toEqual([
    'http://nodejs-manual.example/api/fs.html',
    'http://nodejs-manual.example/api/os.html',
    'http://npm-manual.example/commands/npm-adduser.html',
    'http://npm-manual.example/commands/npm-alone.html',
    'http://npm-manual.example/commands/npm-audit.html',
    'http://npm-manual.example/commands/npm-install.html',
    'http://npm-manual.example/commands/npm.html',
    'http://npm-manual.example/drafts/next.html [robots]',
  ]);
});

test('a port in use is a sentence', async () => {
  await using site = await startSite(folder);
  await expect(startSite(folder, site.port)).rejects.toMatchObject({ code: 'port-in-use' });
});

test('packages are unpacked once; what the user changes or deletes stays so', async () => {
  const archive = writeTar([
    ['package/docs/a.txt', 'a'],
    ['package/docs/b.txt', 'b'],
    ['package/code.js', 'x'],
  ]);
  const cache = join(folder, 'cache');
  await write('cache/books-1.0.0.tgz', '');
  await writeFile(join(cache, 'books-1.0.0.tgz'), archive);
  const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
  const books: InputPackage = {
    name: 'books',
    version: '1.0.0',
    integrity,
    take: [{ from: /^docs\/(.+)$/, to: 'books/$1' }],
  };
  const input = join(folder, 'input');
  const log: string[] = [];
  const prepare = () =>
    prepareInput({ folder: input, cache, packages: [books], log: (line) => log.push(line) });
  await prepare();
  expect(log).toEqual(['books@1.0.0: 2 files']);
  await writeFile(join(input, 'books/a.txt'), 'changed');
  await unlink(join(input, 'books/b.txt'));
  await prepare();
  expect(await readFile(join(input, 'books/a.txt'), 'utf8')).toBe('changed');
  await expect(readFile(join(input, 'books/b.txt'))).rejects.toThrow('ENOENT');
});
