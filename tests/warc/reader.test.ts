import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import {
  checkDigests,
  encodeRecord,
  formatRecord,
  openFile,
  parseHttp,
  payloadOf,
  readRecordAt,
  readWarc,
  sourceOf,
  type NewRecord,
  type WarcEntry,
} from '@gristmill/warc';
import { collect } from '../http/collect.ts';

const data = '../shared/data/warc-small';

async function read(bytes: Uint8Array): Promise<WarcEntry[]> {
  return collect(readWarc(sourceOf(bytes)));
}

async function readSample(name: string): Promise<WarcEntry[]> {
  await using source = await openFile(join(data, name));
  return collect(readWarc(source));
}

function sampleRecord(number: number, size = 200): NewRecord {
  const body = Buffer.from(`page ${number} `.repeat(size));
  const block = Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n'), body]);
  return {
    type: 'response',
    url: `http://a.example/${number}`,
    date: '2026-01-01T00:00:00Z',
    block,
    payload: body,
  };
}

const summary = ({ record }: WarcEntry) => [record.type, record.url, record.error];

describe.skipIf(!existsSync(data))('the sample archives (they lie beside the project)', () => {
  const names = (existsSync(data) ? readdirSync(data, { recursive: true }) : [])
    .map(String)
    .filter((name) => /arc/.test(name) && /\.\w+$/.test(name));

  test.each(names)('%s gives records or errors, never an exception', async (name) => {
    const entries = await readSample(name);
    expect(entries.length).toBeGreaterThan(0);
    for (const { record } of entries) {
      expect(record.type !== 'unknown' || record.error !== undefined).toBe(true);
    }
  });

  test.each(names.filter((name) => !/bad|trunc|wrong|space-in-url/.test(name)))(
    '%s: each record is found by its offset alone',
    async (name) => {
      await using source = await openFile(join(data, name));
      for (const { offset, record } of await readSample(name)) {
        expect(await readRecordAt(source, offset)).toEqual(record);
      }
    },
  );

  test('a page is the same in WARC, gzipped WARC and, as text, in WET', async () => {
    const [plain, gzipped] = [await readSample('whirlwind.warc'), await readSample('whirlwind.warc.gz')];
    expect(gzipped.map(({ record }) => Buffer.from(record.block).toString('latin1'))).toEqual(
      plain.map(({ record }) => Buffer.from(record.block).toString('latin1')),
    );
    expect(plain.map(({ record }) => record.type)).toEqual(['warcinfo', 'request', 'response', 'metadata']);
    expect(checkDigests(gzipped[2].record)).toBe(true);
  });

  test('records of different versions and writers are read: 1.0, 1.1, ARC, brackets and blanks in URLs', async () => {
    const wget = await readSample('warcio/example-wget-bad-target-uri.warc.gz');
    expect(wget[1].record.url).toBe('http://example.com/');
    const [, arc] = await readSample('warcio/example.arc.gz');
    expect([arc.record.version, arc.record.type, arc.record.date]).toEqual([
      'ARC/1',
      'response',
      '2014-02-16T05:02:21Z',
    ]);
    expect(parseHttp(arc.record)?.status).toBe(200);
    const [, blank] = await readSample('warcio/example-space-in-url.arc');
    expect(blank.record.url).toContain('Examples From The Live Web');
  });

  test('chunks are undone, and a header that lies about chunks is not believed', async () => {
    const [, response] = await readSample('warcio/example-iana.org-chunked.warc');
    const payload = Buffer.from(payloadOf(parseHttp(response.record)!)).toString();
    expect(payload.trimStart().slice(0, 15).toLowerCase()).toBe('<!doctype html>');
    expect(payload.trimEnd().endsWith('</html>')).toBe(true);
    const message = {
      status: 200,
      statusText: '',
      headers: [['Transfer-Encoding', 'chunked']] as const,
      body: Buffer.from('plain'),
    };
    expect(Buffer.from(payloadOf(message)).toString()).toBe('plain');
  });

  test('a record with a wrong length is told, and reading goes on behind it', async () => {
    const entries = await readSample('warcio/example-trunc.warc');
    expect(entries.map(({ record }) => record.error)).toContain('bad-length');
    expect(entries.at(-1)?.record.type).toBe('request');
    expect(entries.at(-1)?.record.error).toBeUndefined();
  });
});

describe('damage', () => {
  const members = [0, 1, 2, 3].map((number) => encodeRecord(sampleRecord(number)));
  const archive = Buffer.concat(members);

  test('in one gzip member costs that record only', async () => {
    const broken = Buffer.from(archive);
    broken.fill(0x55, members[0].length + 40, members[0].length + 60);
    const entries = await read(broken);
    expect(entries.map(({ record }) => record.error)).toEqual([undefined, 'bad-gzip', undefined, undefined]);
    expect(entries[2].record.url).toBe('http://a.example/2');
  });

  test('of a checksum alone is told, too', async () => {
    const broken = Buffer.from(archive);
    broken[members[0].length - 6] ^= 1;
    const entries = await read(broken);
    expect(entries.map(({ record }) => record.error)).toEqual(['bad-gzip', undefined, undefined, undefined]);
  });

  test('at the end of the file is told as truncated, with what can be had', async () => {
    const entries = await read(archive.subarray(0, archive.length - 30));
    expect(entries.map(summary).at(-1)).toEqual(['response', 'http://a.example/3', 'truncated']);
  });

  test('between plain records is skipped', async () => {
    const plain = [0, 1].map((number) => formatRecord(sampleRecord(number)));
    const entries = await read(Buffer.concat([plain[0], Buffer.from('rubbish\r\nmore\r\n'), plain[1]]));
    expect(entries.map(summary)).toEqual([
      ['response', 'http://a.example/0', undefined],
      ['unknown', undefined, 'no-record'],
      ['response', 'http://a.example/1', undefined],
    ]);
  });

  test('of a digest is seen', async () => {
    const plain = Buffer.from(formatRecord(sampleRecord(0)));
    const sound = checkDigests((await read(plain))[0].record);
    plain.write('Q', plain.indexOf('page 0'));
    const [changed] = await read(plain);
    expect([sound, checkDigests(changed.record)]).toEqual([true, false]);
  });

  test('records that share a gzip member are read and marked', async () => {
    const shared = gzipSync(Buffer.concat([0, 1].map((number) => formatRecord(sampleRecord(number)))));
    expect((await read(shared)).map(summary)).toEqual([
      ['response', 'http://a.example/0', undefined],
      ['response', 'http://a.example/1', 'shares-gzip-member'],
    ]);
  });
});

test('a record beyond the limit is told and skipped, gzipped or not', async () => {
  const large = sampleRecord(1, 100_000);
  for (const write of [formatRecord, encodeRecord]) {
    const bytes = Buffer.concat([write(sampleRecord(0)), write(large), write(sampleRecord(2))]);
    const entries = await collect(readWarc(sourceOf(bytes), { maxRecordBytes: 100_000 }));
    expect(entries.map(({ record }) => record.error)).toEqual([undefined, 'too-large', undefined]);
  }
});

test('records longer than the reading window are read whole', async () => {
  const random = createRandom(3);
  const noise = Uint8Array.from({ length: 9_000_000 }, () => random() * 256);
  const record: NewRecord = {
    type: 'resource',
    url: 'http://a.example/n',
    date: '2026-01-01T00:00:00Z',
    block: noise,
  };
  const bytes = Buffer.concat([
    encodeRecord(sampleRecord(0)),
    encodeRecord(record),
    encodeRecord(sampleRecord(2)),
  ]);
  const entries = await read(bytes);
  expect(entries.map(({ record: found }) => [found.length, found.error])).toEqual([
    [expect.any(Number), undefined],
    [9_000_000, undefined],
    [expect.any(Number), undefined],
  ]);
  expect(checkDigests(entries[1].record)).toBe(true);
});

describe('an archive in one gzip member', () => {
  const count = 600;
  const random = createRandom(8);
  const records = Array.from({ length: count }, (_, number) => ({
    ...sampleRecord(number, 1),
    block: Buffer.from(`${number} ${random()} `.repeat(400)),
  }));
  const whole = gzipSync(Buffer.concat(records.map(formatRecord)));
  const urls = (entries: WarcEntry[]) => entries.map(({ record }) => record.url);

  test('gives every record; only the first is found by its offset', async () => {
    const entries = await read(whole);
    expect(urls(entries)).toEqual(records.map(({ url }) => url));
    expect(entries.map(({ record }) => record.error)).toEqual([
      undefined,
      ...records.slice(1).map(() => 'shares-gzip-member'),
    ]);
    const sound = entries.filter(({ record }, n) => Buffer.compare(record.block, records[n].block) === 0);
    expect(sound).toHaveLength(count);
  });

  test('that is cut or damaged gives what lies before, tells it, and goes on with the next member', async () => {
    const next = encodeRecord(sampleRecord(7));
    const cut = await read(whole.subarray(0, whole.length / 2));
    expect(cut.length).toBeGreaterThan(count / 3);
    expect(cut.at(-1)?.record.error).toBe('truncated');

    const broken = Buffer.concat([whole, next]);
    broken.fill(0xff, whole.length / 2, whole.length / 2 + 400);
    const entries = await read(broken);
    expect(entries.length).toBeGreaterThan(count / 3);
    expect(entries.filter(({ record }) => record.error === 'bad-gzip')).toHaveLength(1);
    expect(entries.at(-1)?.record).toMatchObject({ url: 'http://a.example/7' });
    expect(entries.at(-1)?.record.error).toBeUndefined();

    const wrongSum = Buffer.concat([whole, next]);
    wrongSum[whole.length - 6] ^= 1;
    expect((await read(wrongSum)).map(({ record }) => record.error).slice(-2)).toEqual([
      'bad-gzip',
      undefined,
    ]);
  });

  test('beside members of one record gives all of both', async () => {
    const single = encodeRecord(sampleRecord(7));
    const entries = await read(Buffer.concat([single, whole, single]));
    expect(entries).toHaveLength(count + 2);
    expect(entries.at(-1)).toMatchObject({
      offset: single.length + whole.length,
      storedLength: single.length,
    });
  });
});

test('no bytes stop the reader: 300 archives with seeded damage', async () => {
  const random = createRandom(11);
  const plain = Buffer.concat([0, 1, 2].map((number) => formatRecord(sampleRecord(number, 20))));
  const gzipped = Buffer.concat([0, 1, 2].map((number) => encodeRecord(sampleRecord(number, 20))));
  for (let round = 0; round < 300; round++) {
    const bytes = Buffer.from(round % 2 ? plain : gzipped).subarray(0, 50 + random() * 3000);
    for (let hit = 0; hit < 1 + random() * 5; hit++)
      bytes[Math.floor(random() * bytes.length)] = random() * 256;
    const entries = await read(bytes);
    expect(entries.length).toBeLessThan(50);
    for (const { record } of entries) {
      checkDigests(record);
      const message = parseHttp(record);
      if (message) payloadOf(message);
    }
  }
});
