// The programs on a corpus that lies on S3, named as s3://bucket/prefix, through faults; a crawl included.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pages, startServer, type LocalServer } from '../http/local-server.ts';
import { seededFaults, startFaultyProxy, type FaultyProxy } from '../storage/faulty-proxy.ts';
import { startMemoryS3, type MemoryS3 } from '../storage/memory-s3.ts';
import { recipeOf, TestCorpus } from './corpora.ts';

const program = new URL('../../apps/cli/bin/gristmill.mjs', import.meta.url).pathname;
const place = 's3://bucket/corpora/test';
let server: MemoryS3;
let proxy: FaultyProxy;
let site: LocalServer;
let corpus: TestCorpus;
beforeAll(async () => {
  server = await startMemoryS3();
  proxy = await startFaultyProxy(server.endpoint, seededFaults(5, 0.1));
  site = await startServer(
    pages({
      '/': '<p>the first page of a site</p><a href="/a">x</a>',
      '/a': '<p>the second page of a site</p>',
    }),
  );
  const { sources, ...recipe } = recipeOf();
  const crawl = {
    name: 'site',
    kind: 'web' as const,
    crawl: {
      module: '@gristmill/crawl',
      export: 'webCrawler',
      options: { seeds: ['http://site.example/'] },
    },
    where: { hostMap: [`site.example=127.0.0.1:${site.port}`], allowPrivate: true },
  };
  corpus = await TestCorpus.make(10, { ...recipe, contact: 'nobody', sources: [...sources, crawl] });
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await proxy.close();
  await server.close();
  await corpus[Symbol.asyncDispose]();
});

async function gristmill(...args: string[]): Promise<{ code: number | null; out: string; errors: string }> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: corpus.folder,
    env: {
      ...process.env,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'testsecret',
      AWS_ENDPOINT_URL: proxy.endpoint,
      GRISTMILL_SPOOL: join(corpus.folder, 'spool'),
    },
  });
  const [out, errors]: [string[], string[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out: out.join(''), errors: errors.join('') };
}

it('run, status, explain, diff, export, card, fsck, forget and gc work on s3://', async () => {
  const run = () => gristmill('run', corpus.recipe, '--corpus', place, '--workers', '1', '--json');
  const build = async () => {
    const { code, out, errors } = await run();
    expect(code, errors).toBe(0);
    return JSON.parse(out) as { build: string; computedRows: number };
  };
  const first = await build();
  // A machine that has no spool reads the crawl from the store.
  await rm(join(corpus.folder, 'spool'), { recursive: true });
  expect(await build()).toMatchObject({ build: first.build, computedRows: 0 });
  await corpus.write('notes/new.txt', 'a note that came later');
  const second = await build();
  const done = async (...args: string[]) => {
    const { code, out, errors } = await gristmill(...args);
    expect(code, `${args[0]}: ${errors}`).toBe(0);
    return out;
  };
  expect(await done('status', place)).toContain(second.build);
  expect(await done('explain', place, 'http://site.example/a')).toContain('second page');
  expect(await done('diff', place, first.build, second.build)).toContain('1');
  await done('export', place, '--format', 'jsonl', '--out', 'out');
  expect(await readFile(join(corpus.folder, 'out/documents.jsonl'), 'utf8')).toContain('came later');
  expect(await done('card', place)).toContain('notes');
  await done('fsck', place);
  await done('forget', place, 'http://site.example/a', '--workers', '0');
  expect((await gristmill('explain', place, 'http://site.example/a')).errors).toContain('no-such-document');
  await done('gc', place, '--keep', '1');
  await done('fsck', place);
  expect(proxy.faults.size).toBe(4);
});
