// Exchanges for tests: seeded pages, every third one asked for again, by digest or by 304.
import { createRandom } from '@gristmill/core';
import { formatInfo, formatRequest, sha1Digest, type Exchange, type NewRecord } from '@gristmill/warc';

export const info: NewRecord = {
  type: 'warcinfo',
  date: '2026-01-01T00:00:00Z',
  block: formatInfo([
    ['software', 'gristmill'],
    ['format', 'WARC File Format 1.1'],
  ]),
  fields: [['WARC-Filename', 'made.warc.gz']],
};

export function madeExchanges(count: number): Exchange[] {
  const random = createRandom(6);
  return Array.from({ length: count }, (_, index): Exchange[] => {
    const url = `http://${index % 2 ? 'b' : 'www.a'}.example/page-${index}?q=${index % 7}`;
    const body = Buffer.from(`<title>${index}</title>${'word '.repeat(random() * 2000)}`);
    const date = (minute: number): string => new Date(Date.UTC(2026, 0, 1 + minute, 0, index)).toISOString();
    const first: Exchange = {
      ...{ url, date: date(0), ipAddress: '192.0.2.7' },
      request: formatRequest('GET', url, [
        ['Host', new URL(url).host],
        ['Accept', '*/*'],
      ]),
      response: {
        status: 200,
        statusText: 'OK',
        headers: [['Content-Type', 'text/html; charset=utf-8']],
        body,
      },
      metadata: { via: 'http://www.a.example/', hopsFromSeed: index % 4, fetchTimeMs: index },
    };
    if (index % 3 > 0) return [first];
    const refersTo = { url, date: first.date, payloadDigest: sha1Digest(body) };
    const profile = index % 2 ? 'server-not-modified' : 'identical-payload-digest';
    const notModified = { status: 304, statusText: 'Not Modified', headers: [], body: new Uint8Array() };
    const response = profile === 'server-not-modified' ? notModified : first.response;
    return [first, { ...first, response, date: date(1), revisit: { profile, refersTo } }];
  }).flat();
}
