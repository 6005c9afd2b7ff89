// The HTTP message inside a response or request record: status, headers, and the payload with transfer encoding undone.
// Lengths that headers claim are not believed where the archive says otherwise.

import { fieldOf, parseFields, type Fields } from './fields.ts';
import type { WarcRecord } from './record.ts';

export interface HttpMessage {
  /** 0 when the first line tells none. */
  readonly status: number;
  readonly statusText: string;
  readonly headers: Fields;
  /** Entity body as stored: transfer encoding still on. */
  readonly body: Uint8Array;
}

/** Undefined when the record holds no HTTP message. */
export function parseHttp({ block }: Pick<WarcRecord, 'block'>): HttpMessage | undefined {
  const head = parseFields(block);
  if (!head) return undefined;
  const [, status, statusText] = /^HTTP\/[\d.]+ +(\d{3})\s*(.*)$/i.exec(head.startLine) ?? [];
  if (status === undefined && !/ HTTP\/[\d.]+$/.test(head.startLine)) return undefined;
  return {
    status: Number(status ?? 0),
    statusText: statusText ?? '',
    headers: head.fields,
    body: block.subarray(head.end),
  };
}

/** The entity body without its transfer encoding; as it is when the header lies about being chunked. */
export function payloadOf({ headers, body }: HttpMessage): Uint8Array {
  return /\bchunked\b/i.test(fieldOf(headers, 'transfer-encoding') ?? '') ? (dechunk(body) ?? body) : body;
}

/** Undefined when the bytes are not chunked; a message that ends early gives what is there. */
function dechunk(body: Uint8Array): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < body.length;) {
    const lineEnd = body.indexOf(10, at);
    const line =
      lineEnd < 0 ? '' : Buffer.from(body.subarray(at, Math.min(lineEnd, at + 64))).toString('latin1');
    const size = /^\s*([0-9a-fA-F]{1,8})\s*(?:;.*)?\r?$/.exec(line)?.[1];
    if (size === undefined) return parts.length ? Buffer.concat([...parts, body.subarray(at)]) : undefined;
    const length = Number.parseInt(size, 16);
    if (length === 0) break;
    parts.push(body.subarray(lineEnd + 1, lineEnd + 1 + length));
    at = lineEnd + 1 + length;
    if (body[at] === 13) at++;
    if (body[at] === 10) at++;
  }
  return Buffer.concat(parts);
}
