import { WARCParser } from 'warcio';
import { describe, expect, test } from 'vitest';
import {
  encodeRecord,
  exchangeRecords,
  fieldOf,
  formatRecord,
  formatRequest,
  parseHttp,
  recordId,
  sha1Digest,
  type Exchange,
} from '@gristmill/warc';
import { madeExchanges } from './made-exchanges.ts';

const exchange: Exchange = {
  url: 'http://a.example/x?q=1',
  date: '2026-01-02T03:04:05.678Z',
  ipAddress: '192.0.2.7',
  warcinfoId: '<urn:uuid:0>',
  request: formatRequest('GET', 'http://a.example/x?q=1', [
    ['Host', 'a.example'],
    ['User-Agent', 'gristmill (+me@x.example)'],
  ]),
  response: {
    status: 200,
    statusText: 'OK',
    headers: [
      ['content-TYPE', 'text/html'],
      ['Transfer-Encoding', 'chunked'],
      ['X-Name', 'caf\xe9'],
      ['x-name', 'Ω'],
    ],
    body: Buffer.from('<p>x'),
  },
  metadata: { via: 'http://a.example/', hopsFromSeed: 1, fetchTimeMs: 12.4 },
};
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

describe('an exchange', () => {
  test('is a response, its request and its metadata, concurrent to it', () => {
    const [response, request, metadata] = exchangeRecords(exchange);
    expect([response, request, metadata].map(({ type }) => type)).toEqual([
      'response',
      'request',
      'metadata',
    ]);
    for (const record of [request, metadata])
      expect(fieldOf(record.fields!, 'warc-concurrent-to')).toBe(recordId(response));
    expect(fieldOf(response.fields!, 'warc-ip-address')).toBe('192.0.2.7');
    expect(text(request.block)).toBe(
      'GET /x?q=1 HTTP/1.1\r\nHost: a.example\r\nUser-Agent: gristmill (+me@x.example)\r\n\r\n',
    );
    expect(text(metadata.block)).toBe('via: http://a.example/\r\nhopsFromSeed: 1\r\nfetchTimeMs: 12\r\n');
    expect(text(formatRecord(metadata))).toContain('\r\nContent-Type: application/warc-fields\r\n');
  });

  test('keeps the head as it came, but for the name of a transfer encoding that is undone', () => {
    const [{ block }] = exchangeRecords(exchange);
    const omega = Buffer.from('Ω').toString('latin1');
    expect(text(block)).toBe(
      `HTTP/1.1 200 OK\r\ncontent-TYPE: text/html\r\nX-Crawler-Transfer-Encoding: chunked\r\nX-Name: caf\xe9\r\nx-name: ${omega}\r\n\r\n<p>x`,
    );
  });

  test('without request, metadata and the rest is a response alone', () => {
    const { url, date, response } = exchange;
    const [only, ...others] = exchangeRecords({ url, date, response, truncated: 'length', metadata: {} });
    expect(others).toEqual([]);
    expect(only.fields).toEqual([['WARC-Truncated', 'length']]);
  });

  test('whose content is there is a revisit of it', () => {
    const refersTo = { url: 'http://a.example/y', date: '2025-01-01T00:00:00Z', payloadDigest: 'sha1:OLD' };
    const [same] = exchangeRecords({
      ...exchange,
      revisit: { profile: 'identical-payload-digest', refersTo },
    });
    const written = text(formatRecord(same));
    for (const field of [
      'WARC-Type: revisit',
      'WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest',
      'WARC-Refers-To-Target-URI: http://a.example/y',
      'WARC-Refers-To-Date: 2025-01-01T00:00:00Z',
      `WARC-Payload-Digest: ${sha1Digest(Buffer.from('<p>x'))}`,
      'WARC-Truncated: length',
    ])
      expect(written).toContain(`\r\n${field}\r\n`.slice(field.startsWith('WARC-Type') ? 2 : 0));
    expect(parseHttp(same)?.body).toHaveLength(0);

    const response = { status: 304, statusText: 'Not Modified', headers: [], body: new Uint8Array() };
    const [unchanged] = exchangeRecords({
      ...{ ...exchange, response },
      revisit: { profile: 'server-not-modified', refersTo },
    });
    const found = text(formatRecord(unchanged));
    expect(found).toContain('WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified\r\n');
    expect(found).toContain('WARC-Payload-Digest: sha1:OLD\r\n');
    expect(found).not.toContain('WARC-Truncated');
  });
});

test("npm's warcio reads every record that is written, fields and blocks", async () => {
  const records = madeExchanges(20).flatMap(exchangeRecords);
  const bytes = Buffer.concat(records.map(encodeRecord));
  const parser = new WARCParser([new Uint8Array(bytes)] as unknown as AsyncIterable<Uint8Array>);
  const found: unknown[] = [];
  for await (const record of parser) {
    await record.readFully(false);
    found.push([record.warcType, record.warcTargetURI, record.warcHeader('WARC-Record-ID')]);
  }
  expect(found).toEqual(records.map((record) => [record.type, record.url, recordId(record)]));
});
