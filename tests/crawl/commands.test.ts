import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeRecord } from '@gristmill/warc';
import { pages, startServer } from '../http/local-server.ts';
import { gristmill } from './run-command.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'gristmill-commands-'))));
afterAll(() => rm(folder, { recursive: true }));

describe('gristmill robots', () => {
  test('gives a line for each line, in order, unknown fields kept', async () => {
    const robots = 'User-agent: *\nDisallow: /p\nAllow: /p/open';
    const input = join(folder, 'robots.jsonl');
    const lines = ['/p', '/p/open', '/q'].map((path, id) => ({
      id,
      robots,
      agent: 'x',
      url: `https://a.example${path}`,
      mark: 'kept',
    }));
    await writeFile(input, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const result = await gristmill('robots', input);
    expect(result).toEqual({
      code: 0,
      stderr: '',
      lines: [
        { id: 0, mark: 'kept', allowed: false, line: 2 },
        { id: 1, mark: 'kept', allowed: true, line: 3 },
        { id: 2, mark: 'kept', allowed: true },
      ],
    });
  });
});

describe('gristmill consent-of', () => {
  const run = async (...lines: object[]) => {
    const input = join(folder, 'consent.jsonl');
    await writeFile(input, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return gristmill('consent-of', input);
  };

  test('says what each text said, and what comes of it', async () => {
    const url = 'https://a.example/p';
    const { code, lines } = await run(
      { id: 1, url, mark: 'kept' },
      { id: 2, url, html: '<meta name="robots" content="noai">', headers: [['Content-Usage', 'train-ai=y']] },
      { id: 3, url, html: '<meta name=googlebot content=noindex>', purpose: 'search' },
    );
    expect(code).toBe(0);
    expect(lines).toEqual([
      { id: 1, mark: 'kept', result: 'unknown', statements: [] },
      {
        id: 2,
        result: 'deny',
        statements: [
          { protocol: 'aipref', verdict: 'allow', where: 'header content-usage', raw: 'train-ai=y' },
          { protocol: 'meta-robots', verdict: 'deny', where: 'meta robots', raw: 'noai' },
        ],
      },
      { id: 3, result: 'unknown', statements: [] },
    ]);
  });

  test('refuses what it cannot read in a sentence', async () => {
    const missing = await run({ id: 1, url: 'no address' });
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('code: wrong-field') });
    const wrong = await run({ id: 1, url: 'https://a.example/', headers: { server: 'x' } });
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('headers') });
  });
});

describe('gristmill warc', () => {
  test('lists the records of a folder, damage included', async () => {
    const block = Buffer.from('HTTP/1.1 404 Not Found\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>');
    const record = encodeRecord({
      type: 'response',
      url: 'http://a.example/',
      date: '2026-01-01T00:00:00Z',
      block,
      payload: Buffer.from('<p>'),
    });
    await writeFile(join(folder, 'a.warc.gz'), record);
    await writeFile(join(folder, 'b.warc'), 'no archive');
    expect(await gristmill('warc', folder)).toEqual({
      code: 1,
      stderr: '1 record is damaged: see `error`\n',
      lines: [
        {
          file: 'a.warc.gz',
          offset: 0,
          type: 'response',
          url: 'http://a.example/',
          status: 404,
          mime: 'text/html',
          length: block.length,
          digestOk: true,
        },
        { file: 'b.warc', offset: 0, type: 'unknown', length: 0, error: 'no-record' },
      ],
    });
  });
});

describe('gristmill crawl', () => {
  test('fills a folder with archives, and stops where it is told', async () => {
    await using server = await startServer(
      pages({ '/': '<a href="/a"><a href="/b">', '/a': 'a', '/b': 'b' }),
    );
    const to = join(folder, 'crawl');
    const map = `site.example=127.0.0.1:${server.port}`;
    const args = ['crawl', 'http://site.example/', '--out', to, '--host-map', map, '--allow-private'];
    const first = await gristmill(...args, '--max-pages', '2');
    expect([first.code, first.lines, first.stderr]).toEqual([0, [], expect.stringContaining('2 documents')]);
    expect((await gristmill(...args)).stderr).toContain('this run: 1 fetched');
  });
});
