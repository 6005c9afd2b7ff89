/// <reference path="../../libs/shards/src/parquetjs-lite.d.ts" />
// Documents into a Parquet table and back (zstd), and tokens into shards and back. `mbPerSecond` is the writing of the
// table, `readMbPerSecond` its reading, both of UTF-8 text. Peer: parquetjs-lite writing the same rows (gzip, its
// strongest codec that needs no add-on) in the same run.
import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256, type Row } from '@gristmill/core';
import {
  createPartWriter,
  openPart,
  openTokens,
  writeTokenShards,
  type TableDefinition,
} from '@gristmill/shards';
import { openDiskStore } from '@gristmill/storage';
import { loadTokenizer } from '@gristmill/tokenizer';
import { peakMemoryMb, time, type BenchOptions, type BenchReport, type PeerReport } from './bench.ts';
import { readTexts } from './texts.ts';

const table: TableDefinition = {
  name: 'documents',
  groupRows: 32,
  columns: [{ name: 'text', type: 'string' }],
};
const repeats = 8; // of a small input, each under other ids, so that a run takes long enough to be timed

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const { input, texts } = readTexts(options.input);
  const rows = makeRows(texts);
  const megabytes = rows.reduce((sum, { text }) => sum + Buffer.byteLength(text as string), 0) / 1e6;
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-shards-'));
  try {
    const store = openDiskStore({ root: folder });
    let part = { rows: 0, bytes: 0, sha256: '', footer: '', columns: {} };
    const written = await time(async () => {
      const writer = createPartWriter(table, await store.writer('table.parquet'));
      await writer.writeAll(rows);
      part = await writer.finish();
    });
    const read = await time(async () => {
      let length = 0;
      const stored = openPart(store, { ...part, path: 'table.parquet', partition: 0 });
      for await (const batch of stored.batches(['text']))
        for (const text of batch.columns.text) length += (text as string).length;
      return length;
    });
    const tokens = await measureTokens(folder, rows);
    await store.close();
    const mbPerSecond = megabytes / written.seconds;
    return {
      name: 'shards',
      input,
      documents: rows.length,
      megabytes,
      mbPerSecond,
      mbPerCpuSecond: megabytes / written.cpuSeconds,
      readMbPerSecond: megabytes / read.seconds,
      readMbPerCpuSecond: megabytes / read.cpuSeconds,
      fileMegabytes: part.bytes / 1e6,
      documentsPerSecond: rows.length / written.seconds,
      ...tokens,
      cpuSeconds: written.cpuSeconds,
      peakMemoryMb: peakMemoryMb(),
      threads: 1,
      peers: options.peers
        ? [await measurePeer(join(folder, 'peer.parquet'), rows, { megabytes, mbPerSecond })]
        : [],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function makeRows(texts: readonly string[]): Row[] {
  return Array.from({ length: repeats }, (_, copy) =>
    texts.map((text, i) => ({ id: sha256(`${copy}/${i}`).slice(0, 32), text })),
  )
    .flat()
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Tokens a second into Arrow shards on disk, and out of them with their checksums verified. */
async function measureTokens(folder: string, rows: readonly Row[]) {
  const tokenizer = loadTokenizer('gpt2');
  const place = join(folder, 'tokens');
  const documents = rows.map(({ id, text }) => ({
    id,
    tokens: Uint16Array.from(tokenizer.encode(text as string)),
    split: 'train',
    source: 'bench',
  }));
  const total = documents.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const written = await time(
    () => writeTokenShards(place, documents, { vocabSize: 50257, endOfText: 50256 }),
    1,
  );
  const read = await time(async () => {
    const shards = await openTokens(place);
    for (const shard of shards.index.shards)
      for await (const document of shards.documents(shard)) void document.tokens[0];
    await shards.close();
  }, 1);
  return { tokensWrittenPerSecond: total / written.seconds, tokensReadPerSecond: total / read.seconds };
}

async function measurePeer(
  file: string,
  rows: readonly Row[],
  { megabytes, mbPerSecond }: { megabytes: number; mbPerSecond: number },
): Promise<PeerReport> {
  const { ParquetSchema, ParquetWriter } = (await import('parquetjs-lite')).default;
  const schema = new ParquetSchema({
    id: { type: 'UTF8', compression: 'GZIP', optional: false },
    text: { type: 'UTF8', compression: 'GZIP', optional: false },
  } as never);
  const { seconds } = await time(async () => {
    const writer = await ParquetWriter.openFile(schema, file);
    for (const row of rows) await writer.appendRow(row);
    await writer.close();
  }, 1);
  const { version } = JSON.parse(
    readFileSync(new URL(import.meta.resolve('parquetjs-lite/package.json')), 'utf8'),
  ) as { version: string };
  return {
    name: 'parquetjs-lite',
    version,
    mbPerSecond: megabytes / seconds,
    ratio: (mbPerSecond * seconds) / megabytes,
  };
}
