// WARC reading: gzipped records of about 28 kB of HTML, headers parsed, payload taken, digests not checked. Peer: npm's
// warcio in the same run. One thread.
import { readFileSync } from 'node:fs';
import { WARCParser } from 'warcio';
import { createRandom } from '@gristmill/core';
import {
  encodeRecord,
  fieldOf,
  formatResponse,
  parseHttp,
  payloadOf,
  readWarc,
  sourceOf,
} from '@gristmill/warc';
import { peakMemoryMb, time, type BenchOptions, type BenchReport } from './bench.ts';

const pageBytes = 28_000;

export async function bench({ input, peers, threads, extra }: BenchOptions): Promise<BenchReport> {
  const archive = input ? readFileSync(input) : writeArchive(Number(extra.records ?? 6000));
  let documents = 0;
  let payload = 0;
  const timing = await time(async () => {
    documents = payload = 0;
    for await (const { record } of readWarc(sourceOf(archive))) {
      documents++;
      const message = record.type === 'response' ? parseHttp(record) : undefined;
      if (message && fieldOf(message.headers, 'content-type')) payload += payloadOf(message).length;
    }
  });
  const megabytes = payload / 1e6;
  return {
    name: 'warc',
    input: input ?? `${documents} seeded records, ${(archive.length / 1e6).toFixed(1)} MB gzipped`,
    documents,
    megabytes,
    mbPerSecond: megabytes / timing.seconds,
    documentsPerSecond: documents / timing.seconds,
    documentsPerCpuSecond: documents / timing.cpuSeconds,
    cpuSeconds: timing.cpuSeconds,
    peakMemoryMb: peakMemoryMb(),
    threads,
    peers: peers ? [await measureWarcio(archive, megabytes, timing.seconds)] : [],
  };
}

async function measureWarcio(archive: Uint8Array, megabytes: number, ourSeconds: number) {
  let bytes = 0;
  const timing = await time(async () => {
    bytes = 0;
    const parser = new WARCParser(chunks(archive));
    for await (const record of parser) bytes += (await record.readFully(true)).length;
  }, 2);
  const version = (JSON.parse(readFileSync(packageOf('warcio'), 'utf8')) as { version: string }).version;
  const ratio = timing.seconds / ourSeconds;
  return {
    name: 'warcio',
    version,
    mbPerSecond: megabytes / timing.seconds,
    ratio,
    payloadMegabytes: bytes / 1e6,
  };
}

function packageOf(name: string): URL {
  return new URL(`../../node_modules/${name}/package.json`, import.meta.url);
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65536) {
    yield await Promise.resolve(new Uint8Array(bytes.subarray(at, at + 65536)));
  }
}

/** Pages of words drawn by Zipf's law: they shrink about as HTML does. */
function writeArchive(records: number): Uint8Array {
  const random = createRandom(28);
  const words = Array.from({ length: 5000 }, () => Math.floor(random() * 1e9).toString(36));
  const page = (): Buffer => {
    let html = '';
    while (html.length < pageBytes) {
      const word = words[Math.floor(words.length ** random()) - 1] ?? words[0];
      html += random() < 0.08 ? `</p>\n<p class="text"><a href="/${word}">${word}</a> ` : `${word} `;
    }
    return Buffer.from(html);
  };
  const headers = [
    ['Content-Type', 'text/html; charset=utf-8'],
    ['Server', 'bench'],
    ['Cache-Control', 'max-age=60'],
    ['Vary', 'Accept-Encoding'],
  ] as const;
  const distinct = Array.from({ length: 200 }, page);
  return Buffer.concat(
    Array.from({ length: records }, (_, index) => {
      const payload = distinct[index % distinct.length];
      const block = formatResponse(200, 'OK', headers, payload);
      const date = '2026-01-01T00:00:00Z';
      return encodeRecord({ type: 'response', url: `http://a.example/${index}`, date, block, payload });
    }),
  );
}
