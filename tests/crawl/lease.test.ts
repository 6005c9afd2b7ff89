// Two crawls at once into one folder, each a process of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pages, startServer } from '../http/local-server.ts';
import { gristmill } from './run-command.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'gristmill-two-crawls-'))));
afterAll(() => rm(folder, { recursive: true }));

test('the second is refused with code 2 and told which process is there; the first loses nothing', async () => {
  const asked = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const site = pages({ '/': '<a href="/a"><a href="/b">', '/a': 'a', '/b': 'b' });
  await using server = await startServer((request, response) => {
    if (request.url === '/a') asked.resolve();
    if (request.url === '/a') void goOn.promise.then(() => site(request, response));
    else site(request, response);
  });
  const to = join(folder, 'crawl');
  const map = `site.example=127.0.0.1:${server.port}`;
  const args = ['crawl', 'http://site.example/', '--out', to, '--host-map', map, '--allow-private'];
  const first = gristmill(...args);
  await asked.promise;
  const second = await gristmill(...args);
  expect(second).toMatchObject({ code: 2, lines: [] });
  expect(second.stderr).toMatch(
    /^.*crawl is being crawled by process \d+ on .*\n {2}hint: .*\n {2}code: crawl-busy\n$/,
  );
  goOn.resolve();
  expect(await first).toMatchObject({ code: 0, stderr: expect.stringContaining('3 documents') as string });
  const records = (await gristmill('warc', to)).lines as { type: string; url?: string; digestOk?: boolean }[];
  const answers = records.filter(({ type }) => type === 'response');
  // Each page once, beside what was asked of the host first.
  const paths = ['/', '/.well-known/tdmrep.json', '/a', '/ai.txt', '/b', '/robots.txt'];
  expect(answers.map(({ url, digestOk }) => [url, digestOk]).sort()).toEqual(
    paths.map((path) => [`http://site.example${path}`, true]),
  );
  expect((await gristmill(...args)).stderr).toContain('nothing to do');
});
