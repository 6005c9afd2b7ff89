// A crawl's folder while it is open: fetch log, frontier and WARC files, read back from whatever an earlier run left.
// Writing order makes a stop at any moment harmless: the record first, then the links it leads to, then the line in
// the fetch log, which alone says that the URL is done.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { NewRecord } from '@gristmill/warc';
import { writeCrawlFormat } from './crawl-format.ts';
import { currentRevisions, readFetchLog, type FetchLogEntry } from './fetch-log.ts';
import { createFrontier, type Frontier, type FrontierEntry } from './frontier.ts';
import { openJournal, readJournal, rewriteJournal } from './journal.ts';
import { openWarcFolder, withoutLostRecords } from './warc-folder.ts';

export const fetchLogFile = 'fetch-log.jsonl';
const frontierFile = 'frontier.jsonl';

export interface CrawlState extends AsyncDisposable {
  readonly frontier: Frontier;
  /** Revisions that are there, by URL. */
  readonly revisions: ReadonlyMap<string, FetchLogEntry>;
  /** Documents fetched so far, earlier runs included. */
  readonly pages: number;
  readonly bytes: number;
  discover(entries: readonly FrontierEntry[]): Promise<void>;
  /** Records what became of a URL and the URLs it leads to. */
  finish(entry: FetchLogEntry, records: readonly NewRecord[], found: readonly FrontierEntry[]): Promise<void>;
}

export interface OpenOptions {
  readonly folder: string;
  readonly info: { readonly date: string; readonly fields: readonly (readonly [string, string])[] };
  /** Ask again for every document that is there. */
  readonly refresh: boolean;
}

export async function openCrawl({ folder, info, refresh }: OpenOptions): Promise<CrawlState> {
  await mkdir(folder, { recursive: true });
  await writeCrawlFormat(folder);
  const logPath = join(folder, fetchLogFile);
  const stored = await readFetchLog(logPath);
  const found = await readJournal<FrontierEntry>(join(folder, frontierFile));
  const entries = (await withoutLostRecords(folder, stored.values)).filter(
    // After a power failure the log may have reached the disk without the links: then the page counts as not done.
    ({ frontier: lines = 0 }) => lines <= found.values.length,
  );
  const lost = entries.length < stored.values.length;
  const log = await openJournal(logPath, lost ? await rewriteJournal(logPath, entries) : stored.bytes);
  const journal = await openJournal(join(folder, frontierFile), found.bytes);
  const warc = await openWarcFolder(folder, entries, info);

  const current = currentRevisions(entries);
  const revisions = new Map(current.flatMap(({ url, revision }) => (revision ? [[url, revision]] : [])));
  // What failed when it was last asked for is asked for again.
  const outcomes = new Map(entries.map(({ url, outcome }) => [url, outcome]));
  const dealtWith = new Set([...outcomes].flatMap(([url, outcome]) => (outcome === 'failed' ? [] : [url])));
  const frontier = createFrontier();
  const known = new Map(found.values.map((entry) => [entry.url, entry]));
  const waits = ({ url }: FrontierEntry): boolean => !dealtWith.has(url) || (refresh && revisions.has(url));
  frontier.add([...known.values()].filter(waits));
  frontier.markKnown([...known.keys(), ...dealtWith]);

  let frontierLines = found.values.length;
  const queueUp = async (list: readonly FrontierEntry[]): Promise<void> => {
    const fresh = frontier.add(list);
    frontierLines += fresh.length;
    await journal.append(fresh);
  };
  let pages = revisions.size;
  let bytes = entries.reduce((sum, entry) => sum + (entry.bytes ?? 0), 0);
  // One writer at a time: answers arrive in any order, their lines must not mix.
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(work);
    queue = turn.catch(() => {});
    return turn;
  };

  return {
    frontier,
    revisions,
    get pages() {
      return pages;
    },
    get bytes() {
      return bytes;
    },
    discover: (list) => inTurn(() => queueUp(list)),
    finish: (entry, records, list) =>
      inTurn(async () => {
        const position = records.length ? await warc.append(records) : undefined;
        await queueUp(list);
        await log.append([{ ...entry, ...(position && { warc: position }), frontier: frontierLines }]);
        if (entry.outcome === 'fetched' && entry.kind === undefined) {
          if (!revisions.has(entry.url)) pages++;
          bytes += entry.bytes ?? 0;
        }
      }),
    async [Symbol.asyncDispose]() {
      await queue;
      await warc[Symbol.asyncDispose]();
      await journal.sync();
      await log.sync();
      await journal[Symbol.asyncDispose]();
      await log[Symbol.asyncDispose]();
    },
  };
}
