// A crawl that is killed ten times: what is lost, what is there twice, what is asked for again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@gristmill/core';
import { openFile, readWarc } from '@gristmill/warc';
import { startServer } from '../http/local-server.ts';
import { gristmill, program } from './run-command.ts';

export interface KilledCrawl {
  /** Addresses of pages in the archive, in the order of records. */
  readonly archived: readonly string[];
  /** Requests for pages, over all runs. */
  readonly asked: number;
  readonly kills: number;
  /** Of the last run. */
  readonly code: number;
  readonly damaged: number;
}

/** Kills `gristmill crawl` `kills` times with SIGKILL at seeded requests of a tree of `pages` pages, then lets it end. */
export async function killCrawl(pages: number, kills: number): Promise<KilledCrawl> {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-killed-'));
  const random = createRandom(17);
  const moments = Array.from({ length: kills }, () => Math.floor((pages / kills) * (0.2 + 0.7 * random())));
  let child: ReturnType<typeof spawn> | undefined;
  let untilKill = Infinity;
  let asked = 0;
  await using server = await startServer((request, response) => {
    const number = Number((request.url ?? '/').slice(1) || 1);
    if (Number.isNaN(number)) return void response.writeHead(404).end();
    asked++;
    if (--untilKill === 0) child?.kill('SIGKILL');
    const links = [2 * number, 2 * number + 1].filter((target) => target <= pages);
    const body = links.map((target) => `<a href="/${target}">x</a>`).join('');
    response.writeHead(200, { 'content-type': 'text/html' }).end(`page ${number} ${body}`);
  });
  const map = `site.example=127.0.0.1:${server.port}`;
  const args = ['crawl', 'http://site.example/', '--out', folder, '--host-map', map, '--allow-private'];
  try {
    let killed = 0;
    for (const moment of moments) {
      untilKill = moment;
      child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      if (signal === 'SIGKILL') killed++;
    }
    untilKill = Infinity;
    const { code } = await gristmill(...args);
    const archived: string[] = [];
    let damaged = 0;
    for (const name of (await readdir(folder)).filter((file) => file.endsWith('.warc.gz'))) {
      await using file = await openFile(join(folder, name));
      for await (const { record } of readWarc(file)) {
        if (record.error) damaged++;
        const isPage = record.type === 'response' && /\/\d*$/.test(record.url ?? '');
        if (isPage) archived.push(record.url!);
      }
    }
    return { archived, asked, kills: killed, code, damaged };
  } finally {
    await rm(folder, { recursive: true });
  }
}
