// Fetches politely: waits for the host's turn, asks again after failures that may pass (with back-off and Retry-After),
// follows redirects when asked to, each hop a request of its own that is checked and waits like any other. Sends cache
// validators. It does not read robots.txt: see robots-cache.ts.

import { DataError } from '@gristmill/core';
import { systemClock, type Clock } from './clock.ts';
import {
  createConnections,
  fetchOnce,
  headerOf,
  type ConnectionOptions,
  type Failure,
  type Response,
  type Slowness,
} from './fetch-once.ts';
import { createByteBudget, type ByteLease } from './byte-budget.ts';
import { headerText } from './header-text.ts';
import { createPoliteness, type Politeness, type PolitenessOptions } from './politeness.ts';
import { isPushback, isRetryable, parseRetryAfter, retryDelayMs } from './retry.ts';

export interface FetcherOptions extends ConnectionOptions, PolitenessOptions {
  /** Product token, for example `gristmill`. */
  readonly agent?: string;
  /** URL or e-mail address for those who wonder who is asking. */
  readonly contact?: string;
  /** Repetitions of a failed request. */
  readonly retries?: number;
  readonly retryBaseMs?: number;
  /** A longer Retry-After ends the attempts, and those at other pages of the host: failure `later`. */
  readonly longestRetryMs?: number;
  readonly maxBytes?: number;
  /** Bytes of bodies that are held at a time: `FetchResult.release` gives them back. */
  readonly budgetBytes?: number;
  readonly slowness?: Slowness;
  /** Further headers of a request, made for each one: its signature. */
  readonly sign?: (url: string) => Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** What an earlier answer left for a conditional request. */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

export interface FetchOptions {
  readonly validators?: Validators;
  /** Hops to follow; 0 returns the redirect itself. */
  readonly maxRedirects?: number;
  /** Asked before each hop; false ends there, with the redirect as the answer. */
  readonly mayFollow?: (url: string) => boolean | Promise<boolean>;
  readonly wants?: (mediaType: string) => boolean;
  readonly maxBytes?: number;
  readonly cutAtLimit?: boolean;
}

export interface FetchResult {
  /** URLs asked, the first one first; more than one after redirects. */
  readonly chain: readonly string[];
  readonly answer: Response | Failure;
  /** Requests sent for the last URL. */
  readonly attempts: number;
  /** Milliseconds since 1970 when the last request was sent. */
  readonly sentAtMs: number;
  /** The answer's bytes are held no more: others may come in their place. */
  release(): void;
}

export interface Fetcher {
  readonly politeness: Politeness;
  fetch(url: string, options?: FetchOptions): Promise<FetchResult>;
  close(): Promise<void>;
}

export function isFailure(answer: Response | Failure): answer is Failure {
  return 'failure' in answer;
}

/** `gristmill/0.1 (+https://…)`. Throws DataError `bad-agent` for what is no product token (RFC 9309 §2.2.1). */
export function userAgent(agent: string, contact?: string): string {
  if (!/^[A-Za-z_-]+$/.test(agent)) {
    throw new DataError(
      'bad-agent',
      `${agent} is no product token`,
      'use letters, - and _ only, as robots.txt does',
    );
  }
  return contact ? `${agent}/0.1 (+${contact.replace(/[^\x20-\x7e]/g, '')})` : `${agent}/0.1`;
}

/** Close it when done. */
export function createFetcher(options: FetcherOptions = {}): Fetcher {
  const { clock = systemClock, retries = 4, retryBaseMs = 1_000, longestRetryMs = 300_000, signal } = options;
  const connections = createConnections(options);
  const budget = createByteBudget(options.budgetBytes ?? defaultBudgetBytes);
  const politeness = createPoliteness({ longestRestMs: longestRetryMs, ...options, clock });
  const baseHeaders = {
    'user-agent': userAgent(options.agent ?? 'gristmill', options.contact),
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'accept-encoding': 'gzip, br, zstd',
  };

  async function ask(
    url: string,
    call: FetchOptions,
    lease: ByteLease,
  ): Promise<Omit<FetchResult, 'chain' | 'release'>> {
    const { host } = new URL(url);
    for (let attempts = 1; ; attempts++) {
      lease.release();
      const release = await politeness.acquire(host, signal);
      const sentAtMs = clock.now();
      if (!release)
        return { answer: { url, failure: 'later', elapsedMs: 0 }, attempts: attempts - 1, sentAtMs };
      const headers = { ...baseHeaders, ...conditional(call.validators), ...options.sign?.(url) };
      const maxBytes = call.maxBytes ?? options.maxBytes ?? defaultMaxBytes;
      const answer = await fetchOnce(url, {
        ...{ connections, headers, maxBytes, signal, now: () => clock.now() },
        ...{ wants: call.wants, cutAtLimit: call.cutAtLimit, lease, slowness: options.slowness },
      });
      const retryAfterMs = isFailure(answer)
        ? undefined
        : parseRetryAfter(headerOf(answer.headers, 'retry-after'), clock.now());
      const pushback = !isFailure(answer) && isPushback(answer.status);
      release({ elapsedMs: answer.elapsedMs, pushback, retryAfterMs });
      const last = attempts > retries || (retryAfterMs ?? 0) > longestRetryMs || signal?.aborted;
      if (last || !mayPass(answer)) return { answer, attempts, sentAtMs };
      await clock.sleep(retryDelayMs(attempts, retryBaseMs, retryAfterMs), signal);
    }
  }

  return {
    politeness,
    async fetch(url, call = {}) {
      const chain = [url];
      const lease = budget.open();
      for (;;) {
        const result = await ask(chain[chain.length - 1], call, lease);
        const next = isFailure(result.answer) ? undefined : redirectTarget(result.answer);
        const follow =
          next !== undefined && chain.length <= (call.maxRedirects ?? 0) && !chain.includes(next);
        if (!follow || (await call.mayFollow?.(next)) === false)
          return { chain, ...result, release: () => lease.release() };
        chain.push(next);
      }
    },
    close: () => connections.destroy(),
  };
}

export const defaultMaxBytes = 32 * 1024 * 1024;
const defaultBudgetBytes = 256 * 1024 * 1024;

function conditional({ etag, lastModified }: Validators = {}): Record<string, string> {
  return {
    ...(etag !== undefined && { 'if-none-match': etag }),
    ...(lastModified !== undefined && { 'if-modified-since': lastModified }),
  };
}

function mayPass(answer: Response | Failure): boolean {
  if (!isFailure(answer)) return isRetryable(answer.status);
  return ['timeout', 'network', 'cut-short'].includes(answer.failure);
}

/** Where a redirect leads: an absolute http(s) URL without fragment, or undefined. */
export function redirectTarget({ status, headers, url }: Response): string | undefined {
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  const written = headerOf(headers, 'location');
  if (written === undefined) return undefined;
  const location = headerText(written);
  if (!URL.canParse(location, url)) return undefined;
  const target = new URL(location, url);
  target.hash = '';
  return /^https?:$/.test(target.protocol) ? target.href : undefined;
}
