// Files of an archive that lies elsewhere, read by ranges: below an HTTP address, on S3, or in a folder. What cannot be
// reached is an error, never a verdict: an item that is missing today would be there tomorrow.

import { setTimeout as wait } from 'node:timers/promises';
import { DataError } from '@gristmill/core';
import { openStoreAt } from '@gristmill/storage';
import type { OpenContent } from './content.ts';

export interface RemoteFiles extends AsyncDisposable {
  /** @throws DataError `archive-missing`, `archive-unreachable` */
  open(path: string): Promise<OpenContent>;
  /** A stretch of a file whose length nobody needs to know. */
  read(path: string, offset: number, length: number): Promise<Uint8Array>;
}

/** @param base `https://…`, `s3://bucket/prefix` or a folder */
export async function openRemoteFiles(base: string): Promise<RemoteFiles> {
  if (/^https?:\/\//i.test(base)) {
    const urlOf = (path: string): string => new URL(path, withSlash(base)).href;
    return {
      open: (path) => openUrl(urlOf(path)),
      read: (path, offset, length) => readUrl(urlOf(path), offset, length),
      [Symbol.asyncDispose]: nothing,
    };
  }
  const store = await openStoreAt(base);
  return {
    async open(path) {
      const found = await store.stat(path);
      if (!found) throw missing(`${base}/${path}`);
      const { size } = found;
      return {
        size,
        read: (offset, length) => {
          const there = Math.max(0, Math.min(length, size - offset));
          return there === 0 ? Promise.resolve(new Uint8Array()) : store.read(path, offset, there);
        },
        [Symbol.asyncDispose]: nothing,
      };
    },
    read: (path, offset, length) => store.read(path, offset, length),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

const nothing = (): Promise<void> => Promise.resolve();
const withSlash = (base: string): string => (base.endsWith('/') ? base : `${base}/`);

function missing(place: string): DataError {
  return new DataError('archive-missing', `${place} is not there`, 'correct the list, or the option `base`');
}

async function openUrl(url: string): Promise<OpenContent> {
  const { range } = await getRange(url, 0, 1);
  const size = Number(/\/(\d+)$/.exec(range)?.[1]);
  if (!Number.isSafeInteger(size)) throw unreachable(url, 'the server gives no ranges of it');
  return {
    size,
    async read(offset, length) {
      const there = Math.max(0, Math.min(length, size - offset));
      return there === 0 ? new Uint8Array() : readUrl(url, offset, there);
    },
    [Symbol.asyncDispose]: nothing,
  };
}

async function readUrl(url: string, offset: number, length: number): Promise<Uint8Array> {
  const { bytes } = await getRange(url, offset, length);
  if (bytes.length !== length) throw unreachable(url, `${bytes.length} of ${length} bytes came`);
  return bytes;
}

function unreachable(url: string, detail: string, cause?: unknown): DataError {
  const hint = 'check the network and the option `base`, then run again: it carries on';
  return new DataError('archive-unreachable', `${url} cannot be read: ${detail}`, hint, { cause });
}

const attempts = 6;
const firstPauseMs = 200;

interface Range {
  readonly bytes: Uint8Array;
  /** Content-Range as written. */
  readonly range: string;
}

/** Tried again with growing pauses where a server is busy (Common Crawl's says 503 when asked too often). */
async function getRange(url: string, offset: number, length: number): Promise<Range> {
  const headers = { range: `bytes=${offset}-${offset + length - 1}`, 'user-agent': 'gristmill' };
  for (let attempt = 1; ; attempt++) {
    let detail: string;
    let cause: unknown;
    try {
      const answer = await fetch(url, { headers, signal: AbortSignal.timeout(120_000) });
      if (answer.status === 206) {
        const bytes = new Uint8Array(await answer.arrayBuffer());
        return { bytes, range: answer.headers.get('content-range') ?? '' };
      }
      await answer.body?.cancel();
      if (answer.status === 404 || answer.status === 410) throw missing(url);
      detail = answer.status === 200 ? 'the server gives no ranges of it' : `status ${answer.status}`;
      const mayPass = answer.status === 429 || answer.status >= 500;
      if (!mayPass) throw unreachable(url, detail);
    } catch (error) {
      if (error instanceof DataError) throw error;
      detail = (error as Error).message;
      cause = error;
    }
    if (attempt === attempts) throw unreachable(url, detail, cause);
    await wait(firstPauseMs * 2 ** (attempt - 1));
  }
}
