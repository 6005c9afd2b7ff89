// One phase of crawl-state.bench.ts, in a process of its own: node crawl-state-job.ts fill|open FOLDER URLS HOSTS ENGINE [FROM].
// ENGINE is `sqlite`, or the folder of an installed lmdb; FROM goes on filling what lies there.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { closeDatabase, createDatabase, databaseFile } from '../../libs/crawl/src/database.ts';
import { createFrontier } from '../../libs/crawl/src/frontier.ts';
import { createTotals, createUrlTable } from '../../libs/crawl/src/url-table.ts';

const [, , phase, folder, urlCount, hostCount, engine, from = '0'] = process.argv;
const urls = Number(urlCount);
const hosts = Number(hostCount);
/** Links of one page: mostly of its own host. */
const together = 20;
const asked = Math.min(50_000, urls / 2);
/** URLs of a transaction: a crawl writes ten a second. */
const group = 2_000;

const hostOf = (i: number) => (Math.floor(i / together) * 7919) % hosts;
const urlOf = (i: number) => `http://host-${hostOf(i)}.example/path/to/some/page-${i}.html`;
const depthOf = (i: number) => i % 5;

const started = performance.now();
const result = engine === 'sqlite' ? sqlite() : await lmdb(engine);
const { maxRSS } = process.resourceUsage();
const seconds = (performance.now() - started) / 1000;
process.stdout.write(JSON.stringify({ seconds, ...result, peakMb: Math.round(maxRSS / 1000) }));

/** Microseconds for each of `asked`: on the wall, and of the processor. */
function timer(): () => object {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { nextUs: ((performance.now() - wall) * 1000) / asked, nextCpuUs: (user + system) / asked };
  };
}

function sqlite(): object {
  const db = createDatabase(join(folder, databaseFile));
  const totals = createTotals(db);
  const table = createUrlTable(db, totals);
  try {
    if (phase === 'fill') {
      for (let i = Number(from); i < urls;) {
        db.exec('BEGIN');
        for (const end = Math.min(urls, i + group); i < end; i++)
          table.add({ url: urlOf(i), depth: depthOf(i) });
        table.flush();
        totals.flush();
        db.exec('COMMIT');
      }
      return {};
    }
    const frontier = createFrontier({ urls: table, mostPerHost: 1, readyAt: () => 0, delayMs: () => 0 });
    const opened = (performance.now() - started) / 1000;
    const next = timer();
    for (let i = 0; i < asked; i++) frontier.done(frontier.next(i)!);
    return { seconds: opened, ...next() };
  } finally {
    closeDatabase(db);
  }
}

interface Lmdb {
  open(options: object): {
    get(key: unknown): unknown;
    put(key: unknown, value: unknown): Promise<boolean>;
    getRange(range: object): Iterable<{ key: unknown; value: unknown }>;
    close(): Promise<void>;
    flushed: Promise<unknown>;
  };
}

/** The same two orders: known by host and URL, waiting by host, depth and age. */
async function lmdb(installed: string): Promise<object> {
  const { open } = createRequire(join(installed, 'x.js'))('lmdb') as Lmdb;
  const known = open({ path: join(folder, 'lmdb', 'known'), keyEncoding: 'ordered-binary' });
  const waiting = open({ path: join(folder, 'lmdb', 'waiting'), keyEncoding: 'ordered-binary' });
  if (phase === 'fill') {
    for (let i = Number(from); i < urls; i++) {
      const host = hostOf(i);
      const url = urlOf(i);
      if (known.get([host, url]) !== undefined) continue;
      void known.put([host, url], i);
      const put = waiting.put([host, depthOf(i), i], url);
      if (i % group === 0) await put;
    }
    await known.flushed;
    await waiting.flushed;
    await Promise.all([known.close(), waiting.close()]);
    return { seconds: (performance.now() - started) / 1000 };
  }
  const seconds = (performance.now() - started) / 1000;
  const next = timer();
  for (let i = 0; i < asked; i++) {
    const host = (i * 31) % hosts;
    for (const entry of waiting.getRange({ start: [host], limit: 1 })) void entry.value;
  }
  const told = next();
  await Promise.all([known.close(), waiting.close()]);
  return { seconds, ...told };
}
