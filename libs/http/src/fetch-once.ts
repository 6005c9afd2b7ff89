// One GET request and its answer as transmitted: no redirect followed, no encoding undone, nothing tried again. Refuses
// addresses by address.ts at the moment of connecting and stops reading at a byte limit.

import { isIP } from 'node:net';
import { Agent, buildConnector, request } from 'undici';
import { AddressRefused, createCheckedLookup, isAddressAllowed } from './address.ts';
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

export type FailureCode =
  | 'address-refused'
  | 'unknown-host'
  | 'timeout'
  | 'network'
  | 'body-too-large'
  | 'media-type'
  | 'bad-url'
  /** Not asked: its host wants to be left alone for longer than one waits. */
  | 'later'
  | 'stopped';

export interface Failure {
  readonly url: string;
  readonly failure: FailureCode;
  /** Known when the answer began. */
  readonly status?: number;
  readonly elapsedMs: number;
}

export interface ConnectionOptions {
  readonly hostMap?: HostMap;
  readonly allowPrivate?: boolean;
  readonly connectTimeoutMs?: number;
  /** Longest silence while waiting for headers or body. */
  readonly silenceMs?: number;
}

/** The pool of connections of a fetcher; close it. */
export function createConnections({
  hostMap = new Map(),
  allowPrivate = false,
  connectTimeoutMs = 10_000,
  silenceMs = 30_000,
}: ConnectionOptions): Agent {
  const connect = buildConnector({ timeout: connectTimeoutMs, lookup: createCheckedLookup(allowPrivate) });
  return new Agent({
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
    connect(options, callback) {
      const target = hostMap.get(options.hostname.toLowerCase());
      const hostname = target?.address ?? options.hostname.replace(/^\[|\]$/g, '');
      // Sockets look no address up when they are given one, so it is checked here.
      if (isIP(hostname) && !isAddressAllowed(hostname, allowPrivate)) {
        return callback(new AddressRefused(`${hostname} is no public address`), null);
      }
      const port = target ? String(target.port) : options.port;
      connect({ ...options, hostname, port, servername: options.servername ?? options.hostname }, callback);
    },
  });
}

export interface RequestOptions {
  readonly connections: Agent;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxBytes: number;
  /** A longer body is cut there instead of refused. */
  readonly cutAtLimit?: boolean;
  /** Whether a body of this media type is wanted; asked for 2xx answers before the body is read. */
  readonly wants?: (mediaType: string) => boolean;
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

export async function fetchOnce(url: string, options: RequestOptions): Promise<Response | Failure> {
  const start = options.now();
  const fail = (failure: FailureCode, status?: number): Failure => ({
    url,
    failure,
    ...(status !== undefined && { status }),
    elapsedMs: options.now() - start,
  });
  let status: number | undefined;
  try {
    const { result: answer, sent } = await noteSent(() =>
      request(url, {
        dispatcher: options.connections,
        headers: options.headers,
        responseHeaders: 'raw',
        signal: options.signal,
      }),
    );
    status = answer.statusCode;
    const headers = pairs(answer.headers as unknown as string[]);
    const mediaType = mediaTypeOf(headerOf(headers, 'content-type'));
    const unwanted =
      status >= 200 && status < 300 && mediaType !== '' && options.wants?.(mediaType) === false;
    const tooLong =
      !options.cutAtLimit && Number(headerOf(headers, 'content-length') ?? 0) > options.maxBytes;
    if (unwanted || tooLong) {
      answer.body.on('error', () => {}).destroy();
      return fail(unwanted ? 'media-type' : 'body-too-large', status);
    }
    const body = await readBody(answer.body, options);
    if (!body) return fail('body-too-large', status);
    const statusText = answer.statusText ?? '';
    const elapsedMs = options.now() - start;
    return { url, status, statusText, headers, body, elapsedMs, ...(sent && { sent }) };
  } catch (error) {
    return fail(codeOf(error), status);
  }
}

async function readBody(
  stream: AsyncIterable<Uint8Array>,
  { maxBytes, cutAtLimit = false }: RequestOptions,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > maxBytes && !cutAtLimit) return undefined;
    chunks.push(chunk);
    if (length > maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, index) =>
    index % 2 === 0 ? [[String(name), String(flat[index + 1])]] : [],
  ) as [string, string][];
}

function codeOf(error: unknown): FailureCode {
  const { code, name } = error as NodeJS.ErrnoException;
  if (code === 'address-refused') return 'address-refused';
  if (code === 'ENOTFOUND' || code === 'ENODATA') return 'unknown-host';
  if (code === 'ERR_INVALID_URL' || code === 'UND_ERR_INVALID_ARG') return 'bad-url';
  if (name === 'AbortError') return 'stopped';
  return /TIMEOUT|ETIMEDOUT/.test(code ?? '') ? 'timeout' : 'network';
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
