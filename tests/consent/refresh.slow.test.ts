// A later no, said in a host's own files: read again, applied to pages that were fetched or imported before, and shown as
// it was at any time.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  checkCorpus,
  consentReport,
  explainDocument,
  makeFunnel,
  readManifest,
  runRecipe,
} from '@gristmill/corpus';
import { openDiskStore } from '@gristmill/storage';
import { encodeRecord, formatResponse, openFile, readWarc } from '@gristmill/warc';
import { refreshHosts } from '../../apps/cli/src/refresh-hosts.ts';
import { gristmill } from '../crawl/run-command.ts';
import { collect } from '../http/collect.ts';
import { startServer } from '../http/local-server.ts';

const words = (name: string) => `The text of ${name} has words of its own, and commas, so that it is kept. `;
const page = (name: string) =>
  `<html><head><title>${name}</title></head><body><article><h1>${name}</h1><p>${words(name).repeat(6)}</p></article></body></html>`;

const hosts = ['site.example', 'papers.example', 'archive.example'];

test('what hosts say later is read in four requests, applied exactly, and known by date', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-refresh-'));
  /** Host and path → text, or a status. */
  const answers: Record<string, string | number> = {};
  const handler = (request: IncomingMessage, response: ServerResponse) => {
    const host = String(request.headers.host).split(':')[0];
    const answer = answers[`${host}${request.url}`] ?? 404;
    if (typeof answer === 'number') return void response.writeHead(answer).end();
    const type = request.url!.endsWith('.json') ? 'application/json' : 'text/html';
    response
      .writeHead(200, { 'content-type': request.url === '/robots.txt' ? 'text/plain' : type })
      .end(answer);
  };
  await using server = await startServer(handler);
  try {
    answers['site.example/'] = `${page('index')}<a href="/a">a</a> <a href="/b">b</a>`;
    for (const name of ['a', 'b']) answers[`site.example/${name}`] = page(`page ${name}`);
    await mkdir(join(folder, 'papers'));
    const papers = [1, 2, 3].map((n) => ({
      ...{ id: n, url: `http://papers.example/p${n}`, text: words(`paper ${n}`).repeat(6) },
    }));
    await writeFile(join(folder, 'papers', 'all.jsonl'), papers.map((one) => JSON.stringify(one)).join('\n'));
    await mkdir(join(folder, 'archive'));
    const records = ['w1', 'w2'].map((name) => {
      const body = Buffer.from(page(`record ${name}`));
      return encodeRecord({
        ...{ type: 'response', url: `http://archive.example/${name}`, date: '2026-01-01T00:00:00Z' },
        block: formatResponse(200, 'OK', [['Content-Type', 'text/html']], body),
        payload: body,
      });
    });
    await writeFile(join(folder, 'archive', 'a.warc.gz'), Buffer.concat(records));
    const importer = (name: string, of: string, options = {}) => ({
      ...{ name, kind: 'web', where: { root: name } },
      import: { module: '@gristmill/import', export: of, options },
    });
    const site = {
      ...{ name: 'site', kind: 'web' },
      crawl: {
        ...{ module: '@gristmill/crawl', export: 'webCrawler' },
        options: { seeds: ['http://site.example/'] },
      },
      where: { hostMap: [`site.example=127.0.0.1:${server.port}`], allowPrivate: true, retryBaseMs: 1 },
    };
    const recipe = join(folder, 'recipe.json');
    const of = (stage: string, module: string, name: string, options = {}) => ({
      ...{ stage, module: `@gristmill/${module}`, export: name, options },
    });
    await writeFile(
      recipe,
      JSON.stringify({
        ...{ name: 'refresh', partitions: 2 },
        sources: [
          site,
          importer('papers', 'jsonDocumentsImporter', {
            textField: '/text',
            urlField: '/url',
            idField: '/id',
          }),
          importer('archive', 'warcImporter'),
        ],
        steps: [
          of('extract', 'extract', 'extractStage'),
          of('clean', 'clean', 'cleanStage'),
          of('dedup', 'dedup', 'dedupStage'),
          of('select', 'select', 'selectStage', {
            ...{ split: { validation: 0 }, duplicates: { threshold: null } },
          }),
        ],
      }),
    );
    const root = join(folder, 'corpus');
    const store = openDiskStore({ root, sync: false });
    await runRecipe({ recipe, store, workers: 0 });
    const where = {
      hostMap: hosts.slice(1).map((name) => `${name}=127.0.0.1:${server.port}`),
      allowPrivate: true,
    };
    const { signal } = new AbortController();
    const refresh = () => refreshHosts(store, { where, workers: 0, signal });
    const lost = async () => {
      const { protocols, domains } = await consentReport(store);
      const obeyed = Object.entries(protocols).map(([word, { documents }]) => `${word} ${documents}`);
      const places = Object.entries(domains).filter(([, { documents }]) => documents > 0);
      return [
        obeyed.sort(),
        places.map(([domain, { documents, of: all }]) => `${domain} ${documents}/${all}`),
      ];
    };
    expect(await lost()).toEqual([[], []]);

    // Later all three say no, each in its own way.
    const before = new Date().toISOString();
    server.requests.length = 0;
    answers['site.example/robots.txt'] = 'User-agent: *\nDisallow: /a';
    answers['papers.example/.well-known/tdmrep.json'] = '[{"location": "/p2", "tdm-reservation": 1}]';
    answers['archive.example/robots.txt'] = 'User-agent: *\nContent-Usage: /w1 train-ai=n\nLicense: /l.xml';
    answers['archive.example/l.xml'] =
      '<rsl xmlns="https://rslstandard.org/rsl"><content url="/w2"><license><permits type="usage">search</permits></license></content></rsl>';
    const first = await refresh();
    const between = new Date().toISOString();
    expect(server.requests.length).toBeLessThanOrEqual(4 * hosts.length);
    expect(first).toMatchObject({ origins: 3, failed: [] });
    expect(
      Object.entries(first.lost.by.reason).map(([reason, { documents }]) => [reason, documents]),
    ).toEqual(
      expect.arrayContaining([
        ['select: consent-robots', 1],
        ['select: consent-tdmrep', 1],
        ['select: consent-aipref', 1],
        ['select: consent-rsl', 1],
      ]),
    );
    expect(first.lost.documents).toBe(4);
    expect(await lost()).toEqual([
      ['aipref 1', 'robots 1', 'rsl 1', 'tdmrep 1'],
      ['archive.example 2/2', 'papers.example 1/3', 'site.example 1/3'],
    ]);
    // Only rows about which something else is said came anew, and no text was read again.
    const rows = 8;
    expect([first.computedRows, first.computedRows + first.reusedRows]).toEqual([4, 3 * rows]);
    const { consent } = await explainDocument(store, 'http://papers.example/p2');
    expect(consent).toMatchObject({
      result: 'deny',
      statements: [{ protocol: 'tdmrep', verdict: 'deny', later: true, rule: 1 }],
    });
    expect((await checkCorpus(store)).damages).toEqual([]);
    // The evidence lies in the archive.
    await using archive = await openFile(join(root, 'raw', '_hosts', 'crawl-00000.warc.gz'));
    const kept = (await collect(readWarc(archive))).map(({ record }) => record.url);
    for (const path of [
      'site.example/robots.txt',
      'papers.example/.well-known/tdmrep.json',
      'archive.example/l.xml',
    ])
      expect(kept).toContain(`http://${path}`);

    // From the same records another corpus makes the same build.
    const other = openDiskStore({ root: join(folder, 'other'), sync: false });
    await cp(join(root, 'raw'), join(folder, 'other', 'raw'), { recursive: true });
    const anew = await runRecipe({ recipe, store: other, workers: 0 });
    expect(anew.manifest!.build).toBe(first.to);

    // Nothing new: nothing is computed. A server in trouble takes nothing back.
    answers['papers.example/.well-known/tdmrep.json'] = 503;
    const second = await refresh();
    expect(second).toMatchObject({ computedRows: 0, reusedRows: 3 * rows });
    expect(second.failed).toMatchObject([{ kind: 'tdmrep', reason: '503' }]);
    expect(second.lost.documents + second.gained.documents).toBe(0);

    // What is taken back counts as well; a file that is another one costs the rows about which it says something.
    delete answers['papers.example/.well-known/tdmrep.json'];
    answers['site.example/robots.txt'] += '\nUser-agent: GPTBot\nDisallow: /b';
    const third = await refresh();
    expect(third).toMatchObject({ computedRows: 3, gained: { documents: 1 }, lost: { documents: 0 } });
    const again = await runRecipe({ recipe, store, workers: 0 });
    expect(makeFunnel(again).reduce((sum, { computedRows }) => sum + computedRows, 0)).toBe(0);
    expect(again.manifest!.build).toBe((await readManifest(store))!.build);

    // As it was: before the no, after it, and now; by the program that people use.
    const asOf = async (...flags: string[]) => {
      const { lines, code, stderr } = await gristmill('consent', root, '--json', ...flags);
      expect([code, stderr]).toEqual([0, '']);
      const { protocols, lost: all } = lines[0] as unknown as Awaited<ReturnType<typeof consentReport>>;
      return [all.documents, Object.keys(protocols).sort().join(' ')];
    };
    expect(await asOf('--as-of', before)).toEqual([0, '']);
    expect(await asOf('--as-of', between)).toEqual([4, 'aipref robots rsl tdmrep']);
    expect(await asOf()).toEqual([3, 'aipref robots robots-agents rsl']);
    expect(await asOf('--agents', 'ai-robots-txt-2026-08-22')).toEqual([
      4,
      'aipref robots robots-agents rsl',
    ]);
    await expect(consentReport(store, { agents: 'robots' })).rejects.toThrow(/no list of agents/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
