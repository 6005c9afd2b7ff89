// Trying again: what a request to S3 may fail with for a while, and pauses with full jitter between attempts, after
// "Exponential Backoff And Jitter" (Brooker, AWS Architecture Blog, 2015). Says nothing about whether a failed request
// took effect: a caller whose request must not act twice looks for itself.

import { setTimeout as wait } from 'node:timers/promises';

export interface RetryPolicy {
  readonly attempts: number;
  readonly pauseMs: number;
}

const longestPauseMs = 20_000;

const passingNames = new Set([
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'RequestTimeout',
  'RequestTimeoutException',
  'TimeoutError',
  'InternalError',
  'ServiceUnavailable',
  'OperationAborted',
  'ConditionalRequestConflict',
  'IncompleteBody',
  'BadDigest',
]);

const passingCodes = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

interface Failure {
  readonly name?: string;
  readonly code?: string;
  readonly cause?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** HTTP status of a failed request; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return (error as Failure).$metadata?.httpStatusCode;
}

export function isPassing(error: unknown): boolean {
  const { name = '', code = '', cause } = error as Failure;
  const status = statusOf(error);
  if (passingNames.has(name) || passingNames.has(code) || passingCodes.has(code)) return true;
  if (status !== undefined && (status >= 500 || status === 429 || status === 408)) return status !== 501;
  // An answer that was cut off in its middle cannot be parsed.
  if (status !== undefined && status < 300) return true;
  return cause !== undefined && isPassing(cause);
}

/** @param work is given the number of the attempt, from 1 */
export async function retrying<T>(policy: RetryPolicy, work: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= policy.attempts || !isPassing(error)) throw error;
      await wait(Math.random() * Math.min(longestPauseMs, policy.pauseMs * 2 ** (attempt - 1)));
    }
  }
}
