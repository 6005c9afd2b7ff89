// A reading of a host's file as an entry of the log and as it is archived: the whole answer the first time, a
// revisit (WARC 1.1 §6.7) where it is what was archived before. Of an answer that is no file only the head is kept.

import { isFailure, type FetchResult } from '@gristmill/http';
import type { Exchange } from '@gristmill/warc';
import { exchangeOf } from './archived.ts';
import type { FetchLogEntry } from './fetch-log.ts';
import type { HostFileRow } from './host-file-table.ts';

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

export function readingExchange(
  { answer, sentAtMs }: FetchResult,
  row: HostFileRow,
  held: HostFileRow | undefined,
): Exchange | undefined {
  if (isFailure(answer)) return undefined;
  const about = { url: answer.url, date: new Date(sentAtMs).toISOString() };
  const whole = exchangeOf(about, answer, { depth: 0 });
  const isHeld = held?.recordedAt !== undefined;
  const known = { url: about.url, date: held?.recordedAt ?? '', payloadDigest: held?.payload };
  if (answer.status === 304)
    return isHeld ? { ...whole, revisit: { profile: 'server-not-modified', refersTo: known } } : undefined;
  const isFile = answer.status >= 200 && answer.status < 300;
  if (!isFile) return headOf(whole);
  return isHeld && row.recordedAt === held.recordedAt && row.failure === undefined
    ? { ...whole, revisit: { profile: 'identical-payload-digest', refersTo: known } }
    : whole;
}

function headOf(whole: Exchange): Exchange {
  const { response } = whole;
  const isCut = response.body.length > 0;
  return {
    ...whole,
    response: { ...response, body: new Uint8Array() },
    ...(isCut && { truncated: 'length' }),
  };
}
