// Reads answers, large ones on a thread: a page of 32 MB takes seconds, and a hostile one, that a few kilobytes unpack to,
// as long. What a small page takes is less than its way to a thread and back.

import { decodeBody, headerOf, isFailure, type FetchResult } from '@gristmill/http';
import type { WorkerPool } from '@gristmill/workers';
import { mayLead, readAnswer, type AnswerContext, type ReadAnswer } from './answer.ts';

/** Undefined when the crawl is stopped meanwhile. */
export type AnswerReader = (
  result: FetchResult,
  context: AnswerContext,
) => ReadAnswer | Promise<ReadAnswer | undefined>;

/** Bytes of a page, unpacked, that are read at once. */
const smallBytes = 256 * 1024;

const job = { module: new URL('./answer-reader.ts', import.meta.url).href, export: 'readAnswerJob' };

type Read = Parameters<typeof readAnswer>;

export const readAnswerJob =
  () =>
  ([result, context]: Read): ReadAnswer =>
    readAnswer(result, context);

export function createAnswerReader(pool: WorkerPool, signal?: AbortSignal): AnswerReader {
  return ({ answer, sentAtMs }, context) => {
    const input: Read = [{ answer, sentAtMs }, context];
    if (isFailure(answer) || !mayLead(answer, context) || isSmall(answer)) return readAnswer(...input);
    return pool.run<Read, ReadAnswer>(job, input, signal).catch((error: unknown) => {
      if (signal?.aborted) return undefined;
      throw error;
    });
  };
}

function isSmall({ body, headers }: Exclude<FetchResult['answer'], { failure: string }>): boolean {
  if (body.length > smallBytes) return false;
  const decoded = decodeBody(body, headerOf(headers, 'content-encoding'), smallBytes);
  return !('error' in decoded) || decoded.error !== 'body-too-large';
}
