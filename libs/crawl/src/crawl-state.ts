// A crawl's folder while it is open for writing: the database and the WARC files, in step. Entries are written in groups:
// first the group's records are on the disk (fsync), then one transaction calls its URLs done and is on the disk when it
// returns. So a stop at any moment, of the process or of the power, loses at most what the last group held, and that is
// asked for again.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Politeness } from '@gristmill/http';
import type { EncodedExchanges, Exchange } from '@gristmill/warc';
import { readAdopted, writeAdopted } from './adopted.ts';
import { checkCrawlFormat, writeCrawlFormat } from './crawl-format.ts';
import { closeDatabase, createDatabase, databaseFile, named, urlState } from './database.ts';
import type { FetchLogEntry } from './fetch-log.ts';
import { createFrontier, type Frontier } from './frontier.ts';
import { createHostFileTable, type HostFileTable } from './host-file-table.ts';
import { createTrapTable, type TrapTable } from './discover/trap-table.ts';
import { createHostTroubleTable, type HostTroubleTable } from './host-troubles.ts';
import { createLogTable } from './log-table.ts';
import { migrateOldFolder } from './old-folder.ts';
import { askAgain, forgetLostRecords, type RefreshKind } from './resume.ts';
import { createTotals, createUrlTable, type NewUrl } from './url-table.ts';
import { archiveEnd, openWarcFolder } from './warc-folder.ts';

export interface CrawlState extends AsyncDisposable {
  readonly frontier: Frontier;
  readonly hostFiles: HostFileTable;
  readonly troubles: HostTroubleTable;
  readonly traps: TrapTable;
  /** Addresses that seeds led to. */
  readonly adopted: readonly string[];
  adopt(url: string): void;
  isKnown(url: string): boolean;
  /** The revision of a URL that is there. */
  revisionOf(url: string): FetchLogEntry | undefined;
  /** Address of a row of URLs. */
  urlOf(id: number): string | undefined;
  /** URLs found so far. */
  readonly known: number;
  /** Documents fetched so far, earlier runs included. */
  readonly pages: number;
  readonly bytes: number;
  discover(urls: readonly NewUrl[]): void;
  /**
   * Records what became of a URL, with what is archived of it and the URLs it leads to. It is written with its group, and
   * a group that could not be written is thrown by the next call and by `flush`.
   */
  finish(entry: FetchLogEntry, exchange?: Exchange, more?: Finished): void;
  /** Everything that was finished is on the disk. */
  flush(): Promise<void>;
}

export interface Finished {
  readonly found?: readonly NewUrl[];
  /** The row that the frontier gave. */
  readonly taken?: number;
  /** Called when it is on the disk, or cannot be. */
  readonly written?: () => void;
}

export interface OpenOptions {
  readonly folder: string;
  readonly info: { readonly date: string; readonly fields: readonly (readonly [string, string])[] };
  /** Ask again for documents that are there. */
  readonly refresh?: RefreshKind;
  readonly mostPerHost?: number;
  readonly politeness?: Pick<Politeness, 'readyAt' | 'delayMs'>;
  /** Makes the archive's bytes, here unless told. */
  readonly encode?: (exchanges: readonly Exchange[]) => EncodedExchanges | Promise<EncodedExchanges>;
}

/** A group is written when it is so old or has so many entries. */
const groupMs = 100;
const groupEntries = 500;
const noPoliteness = { readyAt: () => 0, delayMs: () => 0 };

export async function openCrawl(options: OpenOptions): Promise<CrawlState> {
  const { folder, info, refresh, mostPerHost = 1, politeness = noPoliteness, encode } = options;
  await mkdir(folder, { recursive: true });
  await checkCrawlFormat(folder);
  await migrateOldFolder(folder);
  await writeCrawlFormat(folder);
  const path = join(folder, databaseFile);
  const db = createDatabase(path);
  const totals = createTotals(db);
  const urls = createUrlTable(db, totals);
  const log = createLogTable(db, urls, totals);
  const hostFiles = createHostFileTable(db);
  const troubles = createHostTroubleTable(db);
  const traps = createTrapTable(db);
  let isOpen = false;
  const begin = (): void => {
    if (!isOpen) db.exec('BEGIN');
    isOpen = true;
  };
  const commit = (): void => {
    if (!isOpen) return;
    urls.flush();
    totals.flush();
    traps.flush();
    db.exec('COMMIT');
    isOpen = false;
  };

  const prepare = async () => {
    begin();
    await forgetLostRecords(folder, db, { urls, totals });
    urls.flush();
    askAgain(db, { refresh, now: Date.parse(info.date) });
    commit();
    return openWarcFolder(folder, (file) => archiveEnd(db, file), info, encode);
  };
  const warc = await prepare().catch((error: unknown) => {
    db.close();
    throw error;
  });
  const frontier = createFrontier({
    ...{ urls, mostPerHost },
    readyAt: (host) => politeness.readyAt(host),
    delayMs: (host) => politeness.delayMs(host),
  });

  let pending: Pending[] = [];
  /** Documents and bytes that the database does not count yet. */
  let [newPages, newBytes] = [0, 0];
  let timer: NodeJS.Timeout | undefined;
  let failure: unknown;
  let isFlushing = false;
  // One writer at a time: groups must not mix.
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(work);
    queue = turn.catch(() => {});
    return turn;
  };

  async function writeGroup(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const group = pending;
    pending = [];
    try {
      // Behind what could not be written nothing lies where it should.
      if (failure !== undefined) return;
      const exchanges = group.flatMap(({ exchange }) => exchange ?? []);
      const positions = exchanges.length > 0 ? await warc.append(exchanges) : [];
      if (exchanges.length > 0) await warc.sync();
      named(path, () => {
        begin();
        for (const { entry, exchange } of group)
          log.insert({ ...entry, ...(exchange && { warc: positions.shift() }) });
        commit();
      });
    } finally {
      for (const { written } of group) written?.();
    }
    for (const { entry, taken, isNew } of group) {
      if (taken !== undefined) frontier.settle(taken);
      if (isNew) newPages--;
      if (isDocument(entry)) newBytes -= entry.bytes ?? 0;
    }
  }

  const flush = (): Promise<void> => inTurn(writeGroup);
  /** While one group is written the next one grows. */
  const flushLater = (): void => {
    if (pending.length < groupEntries) timer ??= setTimeout(() => void flush().catch(keepFailure), groupMs);
    else if (!isFlushing) {
      isFlushing = true;
      void flush()
        .catch(keepFailure)
        .finally(() => {
          isFlushing = false;
          if (pending.length > 0) flushLater();
        });
    }
  };
  const keepFailure = (error: unknown): void => void (failure ??= error);

  /** Into the open transaction. */
  function write<T>(work: () => T): T {
    const result = named(path, () => {
      begin();
      return work();
    });
    flushLater();
    return result;
  }

  function discover(list: readonly NewUrl[]): void {
    if (list.length === 0) return;
    write(() => {
      frontier.add(list);
      for (const { url, changedAt } of list) if (changedAt !== undefined) askIfChanged(url, changedAt);
    });
  }

  /** A document that was had before its sitemap says that it changed is asked for again. */
  function askIfChanged(url: string, changedAt: number): void {
    const known = urls.find(url);
    if (known?.state !== urlState.done || known.revision === null) return;
    if (changedAt <= Date.parse(log.lastLook(known.id))) return;
    urls.setState(known, urlState.waiting, known.revision);
    frontier.again({ id: known.host, host: new URL(url).host });
  }

  return {
    frontier,
    hostFiles: {
      get: (url) => named(path, () => hostFiles.get(url)),
      put: (row) => write(() => hostFiles.put(row)),
    },
    troubles: {
      get: (host) => named(path, () => troubles.get(host)),
      put: (host, held) => write(() => troubles.put(host, held)),
    },
    traps: {
      ...traps,
      cutOf: (...link) => write(() => traps.cutOf(...link)),
      note: (...page) => write(() => traps.note(...page)),
      log: (cut) => write(() => traps.log(cut)),
    },
    adopted: readAdopted(db),
    adopt: (url) => write(() => writeAdopted(db, url)),
    isKnown: (url) => urls.find(url) !== undefined,
    urlOf: (id) => urls.urlOf(id),
    revisionOf(url) {
      const revision = urls.find(url)?.revision;
      return revision ? log.entry(revision) : undefined;
    },
    get known() {
      return totals.of('known');
    },
    get pages() {
      return totals.of('pages') + newPages;
    },
    get bytes() {
      return totals.of('bytes') + newBytes;
    },
    discover,
    finish(entry, exchange, { found = [], taken, written } = {}) {
      if (failure !== undefined) {
        written?.();
        throw failure as Error;
      }
      discover(found);
      const isNew = isDocument(entry) && !urls.find(entry.url)?.revision;
      if (isNew) newPages++;
      if (isDocument(entry)) newBytes += entry.bytes ?? 0;
      pending.push({ entry, exchange, taken, isNew, written });
      flushLater();
    },
    async flush() {
      await flush();
      if (failure !== undefined) throw failure as Error;
    },
    async [Symbol.asyncDispose]() {
      try {
        await flush();
      } finally {
        clearTimeout(timer);
        await warc[Symbol.asyncDispose]();
        if (isOpen) db.exec('ROLLBACK');
        closeDatabase(db);
      }
    },
  };
}

interface Pending extends Pick<Finished, 'taken' | 'written'> {
  readonly entry: FetchLogEntry;
  readonly exchange?: Exchange;
  readonly isNew: boolean;
}

const isDocument = ({ outcome, kind }: FetchLogEntry): boolean => outcome === 'fetched' && kind === undefined;
