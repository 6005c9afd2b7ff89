// What a crawl archives of one answer, and what it knows of the record that holds a page already.

import { join } from 'node:path';
import { DataError } from '@gristmill/core';
import type { Failure, Response } from '@gristmill/http';
import { decodeBody, headerOf } from '@gristmill/http';
import {
  fieldOf,
  openFile,
  parseHttp,
  payloadOf,
  readRecordAt,
  sha1Digest,
  sourceOf,
  type ByteSource,
  type Exchange,
  type WarcRecord,
} from '@gristmill/warc';
import type { FetchLogEntry } from './fetch-log.ts';

/** A revision whose record can be read back. */
export interface Archived {
  readonly date: string;
  /** Of the body with its encoding undone. */
  readonly digest?: string;
  /** `sha1:…` of the body as it was transmitted. */
  readonly payloadDigest?: string;
}

/** How a crawl came to an address. */
export interface Reached {
  readonly depth: number;
  /** Address of the page that leads here. */
  readonly via?: string;
}

/** @param entry address and moment of the answer */
export function exchangeOf(
  { url, date }: Pick<FetchLogEntry, 'url' | 'date'>,
  answer: Response,
  { depth, via }: Reached,
): Exchange {
  const { sent, elapsedMs, status, statusText, headers, body } = answer;
  return {
    ...{ url, date, response: { status, statusText, headers, body } },
    ...(sent && { request: Buffer.from(sent.head, 'latin1'), ipAddress: sent.address }),
    metadata: { via, hopsFromSeed: depth, fetchTimeMs: elapsedMs },
  };
}

/** As a revisit, where the answer brings what is archived (304, or the same payload); else as it is. */
export function asRevisit(exchange: Exchange, known: Archived | undefined): Exchange {
  const { url, response } = exchange;
  if (known?.payloadDigest === undefined) return exchange;
  const { date, payloadDigest } = known;
  const refersTo = { url, date, payloadDigest };
  if (response.status === 304) return { ...exchange, revisit: { profile: 'server-not-modified', refersTo } };
  return sha1Digest(response.body) === payloadDigest
    ? { ...exchange, revisit: { profile: 'identical-payload-digest', refersTo } }
    : exchange;
}

const truncations: Partial<Record<Failure['failure'], Exchange['truncated']>> = {
  'too-slow': 'time',
  'body-too-large': 'length',
  'cut-short': 'disconnect',
  timeout: 'disconnect',
};

/** Why an archived answer ends early. */
export const truncationOf = ({ failure }: Failure): Exchange['truncated'] =>
  truncations[failure] ?? 'unspecified';

/** Undefined when the record of a revision cannot be read back: then nothing is known of the page. */
export async function findArchived(folder: string, revision: FetchLogEntry): Promise<Archived | undefined> {
  try {
    await using file = await openFile(join(folder, revision.warc!.file));
    const { record } = await readArchived(file, revision);
    const { date, digest } = revision;
    return { date, digest, payloadDigest: fieldOf(record.fields, 'warc-payload-digest') };
  } catch {
    return undefined;
  }
}

export function lostRecord(file: string, cause?: unknown): DataError {
  return new DataError(
    'crawl-record-missing',
    `${file} does not hold a record that the fetch log names`,
    'restore the file from a copy, or run again with --refresh to fetch it anew',
    { cause },
  );
}

const mostBytes = 256 * 1024 * 1024;

/** @throws DataError `crawl-record-missing` where it is not what was written */
export async function readArchived(
  file: ByteSource,
  { warc }: FetchLogEntry,
): Promise<{ readonly record: WarcRecord; readonly body: Uint8Array }> {
  const member = await file.read(warc!.offset, warc!.length);
  const record = await readRecordAt(sourceOf(member), 0);
  const message = record && parseHttp(record);
  if (!message || record.error) throw lostRecord(warc!.file);
  const decoded = decodeBody(payloadOf(message), headerOf(message.headers, 'content-encoding'), mostBytes);
  if ('error' in decoded) throw lostRecord(warc!.file);
  return { record, body: decoded.bytes };
}
