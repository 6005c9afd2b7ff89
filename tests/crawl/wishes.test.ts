// A site's word about training, from its answers to the build: heard in every place, obeyed when it comes later.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { explainDocument, runRecipe } from '@gristmill/corpus';
import { crawl, readCrawledItems, readPlan, readRoute } from '@gristmill/crawl';
import { openDiskStore } from '@gristmill/storage';
import { openFile, readWarc } from '@gristmill/warc';
import { collect } from '../http/collect.ts';
import { startServer, type LocalServer } from '../http/local-server.ts';
import { readLog, writeOldLog } from './read-log.ts';

const source = { name: 'site', kind: 'web' } as const;
let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'gristmill-wishes-'))));
afterEach(() => rm(folder, { recursive: true }));

interface Answer {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly type?: string;
}

/** Pages with an ETag, so that an unchanged one is answered by 304. */
function site(table: () => Readonly<Record<string, Answer>>) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const answer = table()[request.url ?? '/'];
    if (!answer) return void response.writeHead(404).end();
    const { body = page(request.url!), headers = {}, type = 'text/html' } = answer;
    const etag = `"${Buffer.from(body).length}"`;
    const sent = { 'content-type': type, etag, ...headers };
    if (request.headers['if-none-match'] === etag) response.writeHead(304, sent).end();
    else response.writeHead(200, sent).end(body);
  };
}

const links = (paths: readonly string[]) => paths.map((path) => `<a href="${path}">x</a>`).join(' ');
const page = (name: string, head = '', tail = '') =>
  `<html><head><title>${name}</title>${head}</head><body><article><h1>${name}</h1><p>${`The page about ${name} has its own words, and commas, so that it is kept. `.repeat(6)}</p>${tail}</article></body></html>`;

async function run(server: LocalServer, refresh = false): Promise<void> {
  const plan = readPlan({ seeds: ['http://site.example/'] });
  const where = { hostMap: [`site.example=127.0.0.1:${server.port}`], allowPrivate: true, retryBaseMs: 1 };
  await crawl({ plan, route: readRoute(where, plan.seeds), folder, refresh });
}

/** Path → what refuses, of the pages of which anything refuses. */
async function refusals(): Promise<Record<string, string>> {
  const items = await collect(readCrawledItems({ folder, source }));
  return Object.fromEntries(
    items
      .map(({ source: { url }, consent }) => [new URL(url!).pathname, consent?.refusals.join(' ') ?? ''])
      .filter(([, words]) => words !== ''),
  );
}

const robots = (...lines: string[]): Answer => ({ body: lines.join('\n'), type: 'text/plain' });

test('every protocol is heard, where it is said', async () => {
  const paths = ['/header', '/meta', '/usage', '/signal', '/tdm-header', '/tdm-file', '/ai', '/rsl', '/free'];
  const table: Record<string, Answer> = {
    '/': { body: page('index', '', links(paths)) },
    '/robots.txt': robots(
      ...['License: /license.xml', 'User-agent: CCBot', 'Disallow: /free'],
      ...['User-agent: *', 'Content-Usage: /usage train-ai=n', 'Disallow: /never'],
    ),
    '/.well-known/tdmrep.json': {
      body: JSON.stringify([{ location: '/tdm-file', 'tdm-reservation': 1 }]),
      type: 'application/json',
    },
    '/ai.txt': { body: 'User-Agent: *\nDisallow: /ai\n', type: 'text/plain' },
    '/license.xml': {
      body: '<rsl xmlns="https://rslstandard.org/rsl"><content url="/rsl"><license><prohibits type="usage">ai-train</prohibits></license></content></rsl>',
      type: 'application/rsl+xml',
    },
    '/header': { headers: { 'x-robots-tag': 'max-image-preview:large, noindex' } },
    '/meta': { body: page('meta', '<meta name="robots" content="noai, noarchive">') },
    '/usage': {},
    '/signal': { headers: { 'content-signal': 'ai-train=no' } },
    '/tdm-header': { headers: { 'tdm-reservation': '1' } },
    '/tdm-file': {},
    '/ai': {},
    '/rsl': {},
    '/free': {},
  };
  await using server = await startServer(site(() => table));
  await run(server);
  expect(await refusals()).toEqual({
    '/header': 'noindex',
    '/meta': 'noai noarchive',
    '/usage': 'aipref',
    '/signal': 'content-signal',
    '/tdm-header': 'tdmrep',
    '/tdm-file': 'tdmrep',
    '/ai': 'ai.txt',
    '/rsl': 'rsl',
    '/free': 'robots-agents',
  });
  // The evidence lies in the archive.
  await using file = await openFile(join(folder, 'crawl-00000.warc.gz'));
  const urls = (await collect(readWarc(file))).map(({ record }) => record.url);
  for (const path of ['/robots.txt', '/.well-known/tdmrep.json', '/ai.txt', '/license.xml'])
    expect(urls).toContain(`http://site.example${path}`);
});

test('a no that comes later counts: in robots.txt, in a header of a 304, in a file of the host, in a new body', async () => {
  const paths = ['/forbidden', '/header', '/tdm', '/body', '/taken-back'];
  let later = false;
  const table = (): Record<string, Answer> => ({
    '/': { body: page('index', '', links(paths)) },
    '/robots.txt': later
      ? robots('User-agent: *', 'Disallow: /forbidden')
      : robots('User-agent: *', 'Allow: /'),
    ...(later && {
      '/.well-known/tdmrep.json': {
        body: '[{"location":"/tdm","tdm-reservation":1}]',
        type: 'application/json',
      },
    }),
    '/forbidden': {},
    '/header': later ? { headers: { 'x-robots-tag': 'noai' } } : {},
    '/tdm': {},
    '/body': later ? { body: page('body', '<meta name="robots" content="noindex">') } : {},
    '/taken-back': later
      ? { body: page('taken back') }
      : { body: page('taken-back', '<meta name="robots" content="noai">') },
  });
  await using server = await startServer(site(table));
  await run(server);
  expect(await refusals()).toEqual({ '/taken-back': 'noai' });
  later = true;
  await run(server, true);
  expect(await refusals()).toEqual({
    '/forbidden': 'robots',
    '/header': 'noai',
    '/tdm': 'tdmrep',
    '/body': 'noindex',
  });
});

test('what a page said stays said while it is confirmed without a body', async () => {
  const table: Record<string, Answer> = {
    '/': { body: page('index', '<meta name="robots" content="noai">') },
  };
  await using server = await startServer(site(() => table));
  await run(server);
  await run(server, true);
  expect(await refusals()).toEqual({ '/': 'noai' });
});

test('select decides: the next build obeys a later no, and a recipe may be stricter', async () => {
  let later = false;
  let builds = 0;
  const table = (): Record<string, Answer> => ({
    '/': { body: page('index', '', links(['/a', '/b'])) },
    '/a': later ? { headers: { 'tdm-reservation': '1' } } : {},
    '/b': { headers: { 'x-robots-tag': 'noarchive' } },
  });
  await using server = await startServer(site(table));
  const recipe = (consent?: object) =>
    `export default ${JSON.stringify({
      name: 'wishes',
      partitions: 2,
      sources: [
        {
          ...source,
          crawl: {
            module: '@gristmill/crawl',
            export: 'webCrawler',
            options: { seeds: ['http://site.example/'] },
          },
          where: { hostMap: [`site.example=127.0.0.1:${server.port}`], allowPrivate: true },
        },
      ],
      steps: [
        { stage: 'extract', module: '@gristmill/extract', export: 'extractStage' },
        { stage: 'clean', module: '@gristmill/clean', export: 'cleanStage' },
        { stage: 'dedup', module: '@gristmill/dedup', export: 'dedupStage' },
        {
          stage: 'select',
          module: '@gristmill/select',
          export: 'selectStage',
          options: { split: { validation: 0 }, duplicates: { threshold: null }, ...(consent && { consent }) },
        },
      ],
    })};`;
  const store = openDiskStore({ root: join(folder, 'corpus'), sync: false });
  const build = async (options: { refresh?: boolean; consent?: object } = {}) => {
    // A module is loaded once a process, so each recipe has a file of its own.
    const file = join(folder, `wishes-${builds++}.ts`);
    await writeFile(file, recipe(options.consent));
    await runRecipe({ recipe: file, store, workers: 0, refresh: options.refresh });
    const reasons: Record<string, string> = {};
    for (const path of ['/', '/a', '/b']) {
      const { outcome } = await explainDocument(store, `http://site.example${path}`);
      reasons[path] = outcome.kept ? 'kept' : outcome.reason!;
    }
    return reasons;
  };
  expect(await build()).toEqual({ '/': 'kept', '/a': 'kept', '/b': 'kept' });
  later = true;
  expect(await build({ refresh: true })).toEqual({ '/': 'kept', '/a': 'consent-tdmrep', '/b': 'kept' });
  expect(await build({ consent: { obey: ['noarchive'], unknown: 'allow' } })).toEqual({
    '/': 'kept',
    '/a': 'kept',
    '/b': 'consent-noarchive',
  });
  expect(await build({ consent: { unknown: 'deny' } })).toEqual({
    '/': 'consent-unknown',
    '/a': 'consent-tdmrep',
    '/b': 'consent-unknown',
  });
});

test('a log of the time before statements is read', async () => {
  await using server = await startServer(
    site(() => ({ '/': { body: page('index', '', links(['/a'])) }, '/a': {} })),
  );
  await run(server);
  const old = (await readLog(folder)).map(({ statements: _, ...entry }) => ({
    ...entry,
    ...(entry.url.endsWith('/a') && { tdmReserved: true }),
  }));
  await rm(join(folder, 'crawl.sqlite'));
  await writeOldLog(folder, old);
  expect(await refusals()).toEqual({ '/a': 'tdmrep' });
});
