import { gunzipSync } from 'node:zlib';
import { WARCParser } from 'warcio';
import { describe, expect, test } from 'vitest';
import {
  base32,
  encodeRecord,
  formatInfo,
  formatResponse,
  readWarc,
  recordId,
  sha1Digest,
  sourceOf,
  type NewRecord,
} from '@gristmill/warc';
import { collect } from '../http/collect.ts';

const body = Buffer.from('<p>Grüße</p>');
const response: NewRecord = {
  type: 'response',
  url: 'http://a.example/ü?q=1',
  date: '2026-01-02T03:04:05.678Z',
  block: formatResponse(200, 'OK', [['Content-Type', 'text/html; charset=utf-8']], body),
  payload: body,
};
const info: NewRecord = {
  type: 'warcinfo',
  date: '2026-01-02T03:04:05Z',
  block: formatInfo([['software', 'gristmill']]),
  fields: [['WARC-Filename', 'a.warc.gz']],
};

test('the bytes are a function of the record alone', () => {
  expect(encodeRecord(response)).toEqual(encodeRecord({ ...response }));
  expect(recordId(response)).toMatch(
    /^<urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}>$/,
  );
  expect(recordId({ ...response, date: '2026-01-02T03:04:06Z' })).not.toBe(recordId(response));
  // Modification time and operating system of the gzip header say nothing.
  expect([...encodeRecord(response).subarray(4, 10)]).toEqual([0, 0, 0, 0, 0, 255]);
});

test('what was written is read back', async () => {
  const entries = await collect(
    readWarc(sourceOf(Buffer.concat([encodeRecord(info), encodeRecord(response)]))),
  );
  expect(entries.map(({ record }) => [record.type, record.url, record.date, record.version])).toEqual([
    ['warcinfo', undefined, '2026-01-02T03:04:05Z', 'WARC/1.1'],
    ['response', 'http://a.example/ü?q=1', '2026-01-02T03:04:05.678Z', 'WARC/1.1'],
  ]);
  expect(entries[1].offset).toBe(entries[0].storedLength);
  expect(Buffer.from(entries[1].record.block)).toEqual(Buffer.from(response.block));
});

test('no value can add a line', () => {
  const text = gunzipSync(
    encodeRecord({ ...info, fields: [['WARC-Filename', 'x\r\nWARC-Type: response']] }),
  ).toString();
  expect(text.match(/^WARC-Type/gm)).toHaveLength(1);
});

describe("npm's warcio", () => {
  test('reads what was written, offsets and payload included', async () => {
    const bytes = Buffer.concat([encodeRecord(info), encodeRecord(response), encodeRecord(response)]);
    const parser = new WARCParser([new Uint8Array(bytes)] as unknown as AsyncIterable<Uint8Array>);
    const found: unknown[] = [];
    for await (const record of parser) {
      const payload = await record.contentText();
      found.push([record.warcType, record.warcTargetURI, payload]);
    }
    expect(found.slice(1)).toEqual([
      ['response', response.url, '<p>Grüße</p>'],
      ['response', response.url, '<p>Grüße</p>'],
    ]);
  });
});

test('Base32 is that of RFC 4648, without padding', () => {
  const vectors = {
    '': '',
    f: 'MY',
    fo: 'MZXQ',
    foo: 'MZXW6',
    foob: 'MZXW6YQ',
    fooba: 'MZXW6YTB',
    foobar: 'MZXW6YTBOI',
  };
  for (const [text, encoded] of Object.entries(vectors)) expect(base32(Buffer.from(text))).toBe(encoded);
  expect(sha1Digest(Buffer.from(''))).toBe('sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ');
});
