import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pages, startServer, type Handler } from '../http/local-server.ts';
import { readLog } from './read-log.ts';
import { gristmill, program } from './run-command.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'gristmill-commands-'))));
afterAll(() => rm(folder, { recursive: true }));

describe('the commands of acquiring', () => {
  const tree: Handler = (request, response) => {
    const number = Number((request.url ?? '/').slice(1) || 1);
    const links = [2 * number, 2 * number + 1]
      .filter((child) => child <= 60)
      .map((child) => `<a href="/${child}">`);
    response.writeHead(200, { 'content-type': 'text/html' }).end(links.join(''));
  };
  const logged = async (to: string): Promise<number> =>
    (await readLog(to)).filter(({ kind }) => kind === undefined).length;

  test('names what a line lacks', async () => {
    const input = join(folder, 'lacking.jsonl');
    await writeFile(input, '{"id":"a","robots":""}\n');
    const { code, stderr } = await gristmill('robots', input);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/"a" lacks.*\n {2}hint: .*\n {2}code: missing-field/),
    ]);
  });

  test.skipIf(!existsSync('../shared/data/warc-small'))(
    'reads all sample archives (they lie beside the project)',
    async () => {
      const { code, lines } = await gristmill('warc', '../shared/data/warc-small');
      // Some of them are damaged on purpose.
      expect([code, lines.length]).toEqual([1, 72]);
      expect(JSON.stringify(lines).includes('"error"')).toBe(true);
    },
  );

  test('stopped by a signal it says so with code 75; killed or stopped, the next run finishes', async () => {
    const to = join(folder, 'stopped');
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const running: { child?: ReturnType<typeof spawn> } = {};
      await using server = await startServer((request, response) => {
        if (server.requests.length === 12) running.child?.kill(signal);
        tree(request, response);
      });
      // The name keeps the documents' ids while the port changes.
      const map = `site.example=127.0.0.1:${server.port}`;
      const args = ['crawl', 'http://site.example/', '--out', to, '--host-map', map, '--allow-private'];
      const child = (running.child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' }));
      const [code, killedBy] = (await once(child, 'exit')) as [number | null, string | null];
      expect(signal === 'SIGINT' ? code : killedBy).toBe(signal === 'SIGINT' ? 75 : 'SIGKILL');
      if (signal === 'SIGKILL') {
        expect(await gristmill(...args)).toMatchObject({
          code: 0,
          stderr: expect.stringContaining('60 documents') as unknown,
        });
      }
    }
    expect(await logged(to)).toBe(60);
  });

  test('refuses loopback without leave and other machines without a name', async () => {
    await using server = await startServer(pages({ '/': 'x' }));
    const refused = await gristmill('crawl', server.origin, '--out', join(folder, 'refused'));
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--allow-private')]);
    expect(server.requests).toEqual([]);
    const unnamed = await gristmill('crawl', 'http://site.example/', '--out', join(folder, 'unnamed'));
    expect([unnamed.code, unnamed.stderr]).toEqual([2, expect.stringContaining('code: who-is-asking')]);
  });
});

test('patterns, traps and strays by flags; crawl-status names each cut; extract tries selectors', async () => {
  const to = await mkdtemp(join(tmpdir(), 'gristmill-flags-'));
  await using server = await startServer((request, response) => {
    if (request.url === '/away')
      return void response.writeHead(302, { location: 'http://elsewhere.test/' }).end();
    const links = ['/list?a=1&b=2', '/list?b=2&a=1', '/a;jsessionid=1a', '/private/x', '/style.css'];
    pages({
      '/': links.map((href) => `<a href="${href}">x</a>`).join(''),
      '/list': 'a list',
      '/a': 'a page',
      '/private/x': 'left out',
    })(request, response);
  });
  const { origin } = server;
  const flags = [
    '--out',
    join(to, 'crawl'),
    '--allow',
    'loopback',
    '--scope',
    'pattern',
    '--include',
    `${origin}/`,
  ];
  const run = await gristmill('crawl', `${origin}/`, `${origin}/away`, ...flags, '--exclude', '*/private/');
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toContain('/away leads to http://elsewhere.test/, which is out of the scope');
  expect(run.stderr).toContain('3 documents');
  const { lines } = await gristmill('crawl-status', join(to, 'crawl'), '--json');
  expect((lines[0] as { cuts: object[] }).cuts).toEqual([
    expect.objectContaining({
      rule: 'permuted-parameters',
      url: `${origin}/list?b=2&a=1`,
      via: `${origin}/`,
    }),
    expect.objectContaining({ rule: 'session-id', url: `${origin}/a;jsessionid=1a`, via: `${origin}/` }),
  ]);
  const wrong = await gristmill('crawl', `${origin}/`, '--out', to, '--scope', 'pattern');
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('patterns to include')]);

  const page = join(to, 'page.html');
  await writeFile(page, '<div class=x><p>Kept.<p class=y>Dropped.</div><p>Left.');
  const tried = await gristmill('extract', page, '--keep', '.x', '--drop', '.y');
  expect(tried.lines).toMatchObject([{ text: 'Kept.', selectors: 'applied' }]);
  expect((await gristmill('extract', page, '--keep', 'p[')).stderr).toContain('no CSS selector');
  await rm(to, { recursive: true });
});
