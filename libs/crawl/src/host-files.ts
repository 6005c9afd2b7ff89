// The files by which a host speaks: robots.txt, tdmrep.json and ai.txt, asked for before its first page, and the licences
// (RSL) that robots.txt, a header or a page names. What was read is kept in the crawl's database for a day; every reading
// is archived, so that the archive says when each was read and what it said then. A file that cannot be had for a server's
// or a network's trouble is asked for again with back-off, and anew by the next run.

import { robotsByteLimit, type HostFile } from '@gristmill/consent';
import { sha256 } from '@gristmill/core';
import {
  decodeBody,
  headerOf,
  isFailure,
  parseRetryAfter,
  systemClock,
  type Clock,
  type Failure,
  type Fetcher,
  type FetchResult,
} from '@gristmill/http';
import { decodeText } from '@gristmill/text';
import { sha1Digest, type Exchange } from '@gristmill/warc';
import { LRUCache } from 'lru-cache';
import type { FetchLogEntry } from './fetch-log.ts';
import { readingEntry, readingExchange } from './host-file-record.ts';
import type { HostFileRow, HostFileTable } from './host-file-table.ts';

export type HostFileKind = 'robots' | 'tdmrep' | 'ai.txt' | 'rsl';

export interface HostFiles {
  /** What is known of a file, asked for where it was not lately. */
  read(url: string, kind: HostFileKind): Promise<HostFileRow>;
  /** What a host says in files of its own, robots.txt aside. */
  of(url: string): Promise<{ readonly tdmrep?: HostFile; readonly aiTxt?: HostFile }>;
  /** The licence at an address; without text when it could not be had. */
  licence(url: string): Promise<HostFile>;
}

export interface HostFilesOptions {
  readonly fetcher: Fetcher;
  readonly table: HostFileTable;
  readonly record: (entry: FetchLogEntry, exchange: Exchange | undefined) => void;
  readonly clock?: Clock;
  /** Readings before this moment (milliseconds since 1970) do not count: what was read is read again. */
  readonly since?: number;
  /** The first pause before robots.txt of a server in trouble is asked for again; each is twice the one before. */
  readonly retryBaseMs?: number;
}

const keptMs = 24 * 3600 * 1000;
/** Bytes of files in memory; the others lie in the database. */
const inMemory = 16 << 20;
const mostBytes = { robots: robotsByteLimit, tdmrep: 1 << 20, 'ai.txt': 1 << 20, rsl: 1 << 20 } as const;
/** RFC 9309 §2.3.1.2 asks for at least five. */
const maxRedirects = { robots: 10, tdmrep: 5, 'ai.txt': 5, rsl: 5 } as const;
/** The longest pause after which a file is asked for again. */
export const longestRetryMs = 300_000;

export function createHostFiles(options: HostFilesOptions): HostFiles {
  const { fetcher, table, record, clock = systemClock, since = 0, retryBaseMs = 1_000 } = options;
  const started = clock.now();
  const kept = new LRUCache<string, HostFileRow>({
    maxSize: inMemory,
    sizeCalculation: ({ body }) => 500 + (body?.length ?? 0),
  });
  const asking = new Map<string, Promise<HostFileRow>>();

  function isFresh(row: HostFileRow): boolean {
    if (row.failure !== undefined) return row.checkedAt >= started && clock.now() < row.retryAt;
    return row.checkedAt >= since && clock.now() - row.checkedAt < keptMs;
  }

  async function ask(url: string, kind: HostFileKind, held: HostFileRow | undefined): Promise<HostFileRow> {
    const result = await fetcher.fetch(url, {
      ...(held?.recordedAt && { validators: { etag: held.etag, lastModified: held.lastModified } }),
      ...{ maxRedirects: maxRedirects[kind], maxBytes: mostBytes[kind], cutAtLimit: kind === 'robots' },
    });
    // Of a crawl that is being stopped, or a host that is left alone, nothing was asked.
    const unasked = isFailure(result.answer) && ['stopped', 'later'].includes(result.answer.failure);
    if (unasked) {
      result.release();
      const { failure } = result.answer as Failure;
      const retryAt = fetcher.politeness.readyAt(new URL(url).host);
      return held ?? { url, kind, checkedAt: 0, failure, tries: 0, retryAt };
    }
    const row = rowOf(result, { url, kind }, held);
    record(readingEntry(result, row, held), readingExchange(result, row, held));
    result.release();
    table.put(row);
    kept.set(url, row);
    return row;
  }

  function rowOf(
    { answer, sentAtMs }: FetchResult,
    about: Pick<HostFileRow, 'url' | 'kind'>,
    held: HostFileRow | undefined,
  ): HostFileRow {
    const { kind } = about;
    const now = clock.now();
    const base = { ...about, checkedAt: now, tries: 0, retryAt: 0 };
    const failed = (failure: string, retryAfterMs = 0): HostFileRow => {
      const tries = held && held.checkedAt >= started ? held.tries + 1 : 1;
      // Pages wait for robots.txt alone: the others have time.
      const pause = kind === 'robots' ? retryBaseMs * 2 ** (tries + 2) : longestRetryMs;
      const retryAt = now + Math.max(Math.min(pause, longestRetryMs), retryAfterMs);
      return { ...held, ...base, failure, tries, retryAt };
    };
    if (isFailure(answer)) return failed(answer.failure);
    const { status, headers, body } = answer;
    if (status === 304 && held?.recordedAt) {
      const { failure: _, ...confirmed } = held;
      return { ...confirmed, ...base, fetchedAt: now };
    }
    if (status === 429 || status >= 500) {
      return failed(String(status), parseRetryAfter(headerOf(headers, 'retry-after'), now));
    }
    const answered = { ...base, fetchedAt: now, status };
    if (status < 200 || status >= 300) return answered;
    const decoded = decodeBody(body, headerOf(headers, 'content-encoding'), 128 * mostBytes[kind]);
    if ('error' in decoded) return failed(decoded.error);
    const payload = sha1Digest(body);
    const isSame = held?.payload === payload && held.recordedAt !== undefined;
    return {
      ...answered,
      digest: sha256(decoded.bytes),
      body: Buffer.from(decoded.bytes.subarray(0, mostBytes[kind])),
      etag: headerOf(headers, 'etag'),
      lastModified: headerOf(headers, 'last-modified'),
      payload,
      recordedAt: isSame ? held.recordedAt : new Date(sentAtMs).toISOString(),
    };
  }

  async function read(url: string, kind: HostFileKind): Promise<HostFileRow> {
    const held = kept.get(url) ?? table.get(url);
    if (held && isFresh(held)) {
      kept.set(url, held);
      return held;
    }
    // Whoever notices first asks; the others wait for the same answer.
    const answer = asking.get(url) ?? ask(url, kind, held).finally(() => asking.delete(url));
    asking.set(url, answer);
    return answer;
  }

  return {
    read,
    async of(url) {
      const { origin } = new URL(url);
      const [tdmrep, aiTxt] = await Promise.all([
        read(`${origin}/.well-known/tdmrep.json`, 'tdmrep'),
        read(`${origin}/ai.txt`, 'ai.txt'),
      ]);
      return {
        ...(tdmrep.body && { tdmrep: toHostFile(tdmrep) }),
        ...(aiTxt.body && { aiTxt: toHostFile(aiTxt) }),
      };
    },
    licence: async (url) => toHostFile(await read(url, 'rsl')),
  };
}

const hostFiles = new WeakMap<HostFileRow, HostFile>();

export function toHostFile(row: HostFileRow): HostFile {
  const file = hostFiles.get(row) ?? makeHostFile(row);
  hostFiles.set(row, file);
  return file;
}

function makeHostFile({ url, kind, body, fetchedAt, checkedAt }: HostFileRow): HostFile {
  const text = (bytes: Uint8Array) =>
    kind === 'robots' ? new TextDecoder().decode(bytes) : decodeText(bytes, {}).text;
  return {
    url,
    fetchedAt: new Date(fetchedAt ?? checkedAt).toISOString(),
    ...(body && { text: text(body) }),
  };
}
