// What an archive keeps of one exchange with a server: the response, or a revisit where its content is there already, the
// request, and how the crawler came to it (ISO 28500:2017, 6.3 to 6.7; the names of metadata are Heritrix's).

import type { Fields } from './fields.ts';
import { sha1Digest } from './digest.ts';
import { encodeRecord, formatInfo, formatResponse, recordId, type NewRecord } from './writer.ts';

export interface Exchange {
  readonly url: string;
  /** ISO 8601, UTC: when the request was sent. */
  readonly date: string;
  /** Of the server. */
  readonly ipAddress?: string;
  /** WARC-Record-ID of the file's warcinfo record. */
  readonly warcinfoId?: string;
  /** Head and body as they were sent. */
  readonly request?: Uint8Array;
  readonly response: ExchangeResponse;
  /** Where the content is archived already; then it is not kept again. */
  readonly revisit?: Revisit;
  /** Why the body ends early. */
  readonly truncated?: 'length' | 'time' | 'disconnect' | 'unspecified';
  readonly metadata?: ExchangeMetadata;
}

export interface ExchangeResponse {
  readonly status: number;
  readonly statusText: string;
  /** As they came: order, case of letters, and one character for each byte (ISO-8859-1) or UTF-8. */
  readonly headers: Fields;
  /** Without its transfer encoding. */
  readonly body: Uint8Array;
}

export interface Revisit {
  /** The server said so (304), or the payload has the digest of an earlier one. */
  readonly profile: 'server-not-modified' | 'identical-payload-digest';
  /** Of the record that holds the content. */
  readonly refersTo: { readonly url: string; readonly date: string; readonly payloadDigest?: string };
}

export interface ExchangeMetadata {
  /** The page that links here. */
  readonly via?: string;
  /** Links from a seed. */
  readonly hopsFromSeed?: number;
  readonly fetchTimeMs?: number;
}

const profiles = 'http://netpreserve.org/warc/1.1/revisit/';

/** Response or revisit first, then request and metadata, both concurrent to it. */
export function exchangeRecords(exchange: Exchange): NewRecord[] {
  const { url, date, request, metadata, warcinfoId } = exchange;
  const main = mainRecord(exchange);
  const beside = (record: Pick<NewRecord, 'type' | 'block'>): NewRecord => ({
    ...{ ...record, url, date },
    fields: given([
      ['WARC-Concurrent-To', recordId(main)],
      ['WARC-Warcinfo-ID', warcinfoId],
      ['WARC-IP-Address', record.type === 'request' ? exchange.ipAddress : undefined],
    ]),
  });
  const facts = metadata ? metadataFields(metadata) : [];
  return [
    main,
    ...(request ? [beside({ type: 'request', block: request })] : []),
    ...(facts.length > 0 ? [beside({ type: 'metadata', block: formatInfo(facts) })] : []),
  ];
}

/** `via`, `hopsFromSeed` and `fetchTimeMs`, those that are known. */
export function metadataFields({ via, hopsFromSeed, fetchTimeMs }: ExchangeMetadata): Fields {
  return given([
    ['via', via],
    ['hopsFromSeed', hopsFromSeed?.toString()],
    ['fetchTimeMs', fetchTimeMs === undefined ? undefined : String(Math.round(fetchTimeMs))],
  ]);
}

function mainRecord(exchange: Exchange): NewRecord {
  const { url, date, response, revisit, truncated, ipAddress, warcinfoId } = exchange;
  const { status, statusText, body } = response;
  const headers = response.headers.map(markTransferEncoding);
  const fields = given([
    ['WARC-IP-Address', ipAddress],
    ['WARC-Warcinfo-ID', warcinfoId],
    ['WARC-Truncated', truncated],
  ]);
  if (!revisit)
    return {
      ...{ type: 'response', url, date, fields },
      block: formatResponse(status, statusText, headers, body),
      payload: body,
    };
  const { profile, refersTo } = revisit;
  // A block without the payload is a shortened one (6.7.2); a 304 has none to leave out.
  const isShortened = profile === 'identical-payload-digest' && body.length > 0;
  const digest = profile === 'identical-payload-digest' ? sha1Digest(body) : refersTo.payloadDigest;
  return {
    ...{ type: 'revisit', url, date },
    block: formatResponse(status, statusText, headers, new Uint8Array()),
    ...(digest !== undefined && { payloadDigest: digest }),
    fields: [
      ...fields.filter(([name]) => !isShortened || name !== 'WARC-Truncated'),
      ['WARC-Profile', profiles + profile],
      ['WARC-Refers-To-Target-URI', refersTo.url],
      ['WARC-Refers-To-Date', refersTo.date],
      ...(isShortened ? ([['WARC-Truncated', 'length']] as const) : []),
    ],
  };
}

/** The body is kept without its transfer encoding, so the header gets the name that Common Crawl's have. */
function markTransferEncoding([name, value]: readonly [string, string]): readonly [string, string] {
  return [name.toLowerCase() === 'transfer-encoding' ? `X-Crawler-${name}` : name, value];
}

function given(fields: readonly (readonly [name: string, value: string | undefined])[]): Fields {
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

/** Records of several exchanges as gzip members, one behind the other. */
export interface EncodedExchanges {
  readonly bytes: Uint8Array;
  /** Where each exchange's records end in the bytes. */
  readonly ends: readonly number[];
}

export function encodeExchanges(exchanges: readonly Exchange[]): EncodedExchanges {
  const members: Uint8Array[] = [];
  let length = 0;
  const ends = exchanges.map((exchange) => {
    for (const record of exchangeRecords(exchange)) {
      const member = encodeRecord(record);
      members.push(member);
      length += member.length;
    }
    return length;
  });
  return { bytes: Buffer.concat(members, length), ends };
}

/** The same as a job for threads. */
export const encodeExchangesJob = () => encodeExchanges;
