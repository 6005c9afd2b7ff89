// One GET request and its answer as transmitted: no redirect followed, no encoding undone, nothing tried again. Refuses
// addresses by address.ts at the moment of connecting and stops reading at a byte limit.

import { isIP } from 'node:net';
import { Agent, buildConnector, request } from 'undici';
import { AddressRefused, createAddressRule, createCheckedLookup, type AllowedAddresses } from './address.ts';
import type { ByteLease } from './byte-budget.ts';
import { describeFault, type FailureCode } from './faults.ts';
import type { HostMap } from './host-map.ts';
import { noteSent, type SentHead } from './sent-head.ts';

export interface Response {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  /** Names as the server wrote them, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** As transmitted, transfer encoding undone, content encoding not. */
  readonly body: Uint8Array;
  readonly elapsedMs: number;
  /** The request as it was sent. */
  readonly sent?: SentHead;
}

export interface Failure {
  readonly url: string;
  readonly failure: FailureCode;
  /** The name that the system or TLS gives it. */
  readonly detail?: string;
  /** Known when the answer began. */
  readonly status?: number;
  /** What had come of the answer when it ended early. */
  readonly partial?: Response;
  readonly elapsedMs: number;
}

export interface ConnectionOptions extends AllowedAddresses {
  readonly hostMap?: HostMap;
  readonly connectTimeoutMs?: number;
  /** Longest silence while waiting for headers or body. */
  readonly silenceMs?: number;
}

/** The pool of connections of a fetcher; close it. */
export function createConnections({
  hostMap = new Map(),
  connectTimeoutMs = 10_000,
  silenceMs = 30_000,
  ...addresses
}: ConnectionOptions): Agent {
  const isAllowed = createAddressRule(addresses);
  const connect = buildConnector({ timeout: connectTimeoutMs, lookup: createCheckedLookup(isAllowed) });
  return new Agent({
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
    connect(options, callback) {
      const target = hostMap.get(options.hostname.toLowerCase());
      const hostname = target?.address ?? options.hostname.replace(/^\[|\]$/g, '');
      // Sockets look no address up when they are given one, so it is checked here.
      if (isIP(hostname) && !isAllowed(hostname)) {
        return callback(new AddressRefused(`${hostname} is no address that may be reached`), null);
      }
      const port = target ? String(target.port) : options.port;
      connect({ ...options, hostname, port, servername: options.servername ?? options.hostname }, callback);
    },
  });
}

/** How slow a whole answer may be. */
export interface Slowness {
  /** From the request to the end of the body. */
  readonly longestMs: number;
  /** Of the body, on the mean, once it took `graceMs`. */
  readonly leastBytesPerSecond: number;
  readonly graceMs: number;
}

export const defaultSlowness: Slowness = { longestMs: 600_000, leastBytesPerSecond: 500, graceMs: 20_000 };

export interface RequestOptions {
  readonly connections: Agent;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxBytes: number;
  /** A longer body is cut there instead of refused. */
  readonly cutAtLimit?: boolean;
  /** Whether a body of this media type is wanted; asked for 2xx answers before the body is read. */
  readonly wants?: (mediaType: string) => boolean;
  readonly slowness?: Slowness;
  /** Taken from while the body comes; whoever gave it releases it. */
  readonly lease?: ByteLease;
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

export async function fetchOnce(url: string, options: RequestOptions): Promise<Response | Failure> {
  const { now, slowness = defaultSlowness } = options;
  const start = now();
  const fail = (failure: FailureCode, more: Partial<Failure> = {}): Failure => ({
    ...{ url, failure, ...more },
    elapsedMs: now() - start,
  });
  const stop = new AbortController();
  const end = (): void => stop.abort();
  const alarm = setTimeout(end, slowness.longestMs);
  options.signal?.addEventListener('abort', end, { once: true });
  if (options.signal?.aborted) end();
  let head: Omit<Response, 'body' | 'elapsedMs'> | undefined;
  const body: Body = { chunks: [], length: 0 };
  const respond = (): Response => ({
    ...head!,
    body: Buffer.concat(body.chunks).subarray(0, options.maxBytes),
    elapsedMs: now() - start,
  });
  /** What came of a body that has begun is kept. */
  const cut = (failure: FailureCode, detail?: string): Failure =>
    fail(failure, {
      ...(detail !== undefined && { detail }),
      ...(head && { status: head.status }),
      ...(body.length > 0 && { partial: respond() }),
    });
  try {
    const { result: answer, sent } = await noteSent(() =>
      request(url, {
        dispatcher: options.connections,
        headers: options.headers,
        responseHeaders: 'raw',
        signal: stop.signal,
      }),
    );
    const { statusCode: status, statusText = '' } = answer;
    const headers = pairs(answer.headers as unknown as string[]);
    head = { url, status, statusText, headers, ...(sent && { sent }) };
    const refusal = refusedByHead(head, options);
    if (refusal) {
      answer.body.on('error', () => {}).destroy();
      return fail(refusal, { status });
    }
    const why = await readBody(answer.body, body, options, slowness);
    return why ? cut(why) : respond();
  } catch (error) {
    const isLate = stop.signal.aborted && !options.signal?.aborted;
    if (isLate) return cut('too-slow');
    const { failure, detail } = describeFault(error, head !== undefined);
    return failure === 'stopped' ? fail('stopped') : cut(failure, detail);
  } finally {
    clearTimeout(alarm);
    options.signal?.removeEventListener('abort', end);
  }
}

function refusedByHead(
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  { wants, cutAtLimit, maxBytes }: RequestOptions,
): FailureCode | undefined {
  const mediaType = mediaTypeOf(headerOf(headers, 'content-type'));
  if (status >= 200 && status < 300 && mediaType !== '' && wants?.(mediaType) === false) return 'media-type';
  const length = Number(headerOf(headers, 'content-length') ?? 0);
  return !cutAtLimit && length > maxBytes ? 'body-too-large' : undefined;
}

interface Body {
  readonly chunks: Uint8Array[];
  length: number;
}

/** @returns why it was not read to its end */
async function readBody(
  stream: AsyncIterable<Uint8Array>,
  body: Body,
  { maxBytes, cutAtLimit = false, lease, now }: RequestOptions,
  { leastBytesPerSecond, graceMs }: Slowness,
): Promise<FailureCode | undefined> {
  const start = now();
  let waitedMs = 0;
  for await (const chunk of stream) {
    body.length += chunk.length;
    body.chunks.push(chunk);
    if (body.length > maxBytes) return cutAtLimit ? undefined : 'body-too-large';
    const turn = lease?.take(chunk.length);
    if (turn) {
      const since = now();
      await turn;
      waitedMs += now() - since;
    }
    const tookMs = now() - start - waitedMs;
    if (tookMs > graceMs && (1000 * body.length) / tookMs < leastBytesPerSecond) return 'too-slow';
  }
  return undefined;
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, index) =>
    index % 2 === 0 ? [[String(name), String(flat[index + 1])]] : [],
  ) as [string, string][];
}

/** The first header of that name (given in lower case). */
export function headerOf(headers: Response['headers'], name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

/** `Text/HTML; charset=x` → `text/html`; '' when there is none. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0].trim().toLowerCase();
}

/** The charset parameter of a Content-Type, as written, without quotes. */
export function charsetOf(contentType: string | undefined): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1];
}
