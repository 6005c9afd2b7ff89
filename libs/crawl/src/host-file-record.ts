// A reading of a host's file as an entry of the log and as a record of the archive: the whole answer the first time, a
// revisit (WARC 1.1 §6.7) where it is what was archived before. Of an answer that is no file only the head is kept.

import { isFailure, type FetchResult, type Response } from '@gristmill/http';
import { formatResponse, type NewRecord } from '@gristmill/warc';
import { responseRecord } from './answer.ts';
import type { FetchLogEntry } from './fetch-log.ts';
import type { HostFileRow } from './host-file-table.ts';

const profile = 'http://netpreserve.org/warc/1.1/revisit/';

/** @param held what was known before */
export function readingEntry(
  { answer, sentAtMs }: FetchResult,
  { url, kind, digest, failure, status, body }: HostFileRow,
  held: HostFileRow | undefined,
): FetchLogEntry {
  const base = { url, date: new Date(sentAtMs).toISOString(), kind, depth: 0 };
  const told = { ...base, ...(answer.status !== undefined && { status: answer.status }) };
  if (isFailure(answer)) return { ...told, outcome: 'failed', reason: answer.failure };
  if (failure !== undefined) {
    return answer.status < 300
      ? { ...told, outcome: 'refused', reason: failure }
      : { ...told, outcome: 'failed' };
  }
  if (status === 404 || status === 410) return { ...told, outcome: 'gone' };
  if (!body) return { ...told, outcome: 'failed' };
  const isSame = digest === held?.digest;
  return { ...told, outcome: isSame ? 'unchanged' : 'fetched', digest, bytes: body.length };
}

export function readingRecords(
  { answer, sentAtMs }: FetchResult,
  row: HostFileRow,
  held: HostFileRow | undefined,
): NewRecord[] {
  if (isFailure(answer)) return [];
  const about = { url: answer.url, date: new Date(sentAtMs).toISOString() };
  if (answer.status === 304)
    return held?.recordedAt ? [revisit('server-not-modified', answer, about, held.recordedAt)] : [];
  const isFile = answer.status >= 200 && answer.status < 300;
  if (!isFile) return [headRecord(answer, about)];
  return row.recordedAt === held?.recordedAt && held?.recordedAt !== undefined && row.failure === undefined
    ? [revisit('identical-payload-digest', answer, about, held.recordedAt)]
    : [responseRecord(about, answer)];
}

type About = Pick<FetchLogEntry, 'url' | 'date'>;

function revisit(
  why: 'server-not-modified' | 'identical-payload-digest',
  answer: Response,
  { url, date }: About,
  recordedAt: string,
): NewRecord {
  return {
    ...{ type: 'revisit', url, date, block: headOf(answer) },
    ...(why === 'identical-payload-digest' && { payload: answer.body }),
    fields: [
      ['WARC-Profile', `${profile}${why}`],
      ['WARC-Refers-To-Target-URI', url],
      ['WARC-Refers-To-Date', recordedAt],
    ],
  };
}

function headRecord(answer: Response, { url, date }: About): NewRecord {
  const isCut = answer.body.length > 0;
  return {
    ...{ type: 'response', url, date, block: headOf(answer), payload: new Uint8Array(0) },
    ...(isCut && { fields: [['WARC-Truncated', 'length']] as const }),
  };
}

function headOf({ status, statusText, headers }: Response): Uint8Array {
  return formatResponse(status, statusText, headers, new Uint8Array(0));
}
