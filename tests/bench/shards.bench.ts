/// <reference path="../../libs/shards/src/parquetjs-lite.d.ts" />
// Documents into a Parquet table and back (zstd), and tokens into shards and back. `mbPerSecond` is the writing of the
// table a CPU second, `readMbPerSecond` its reading into JavaScript strings, both of UTF-8 text. Peers in the same run: parquetjs-lite
// writing the same rows (gzip, its strongest codec that needs no add-on), and pyarrow where a Python has it, on one
// thread: our own file read, written again with zstd 3 as plain values, read into Arrow columns and into Python strings.
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
  type PartEntry,
  type TableDefinition,
} from '@gristmill/shards';
import { openDiskStore, type Store } from '@gristmill/storage';
import { loadTokenizer } from '@gristmill/tokenizer';
import { peakMemoryMb, time, type BenchOptions, type BenchReport, type PeerReport } from './bench.ts';
import { findPython, runPython } from '../python/python.ts';
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
    const copied = await time(() => copyPart(store, { ...part, path: 'table.parquet', partition: 0 }), 5);
    const tokens = await measureTokens(folder, rows);
    await store.close();
    const mbPerSecond = megabytes / written.cpuSeconds;
    return {
      name: 'shards',
      input,
      documents: rows.length,
      megabytes,
      mbPerSecond,
      readMbPerSecond: megabytes / read.cpuSeconds,
      copyMbPerSecond: part.bytes / 1e6 / copied.cpuSeconds,
      fileMegabytes: part.bytes / 1e6,
      documentsPerSecond: rows.length / written.seconds,
      ...tokens,
      cpuSeconds: written.cpuSeconds,
      peakMemoryMb: peakMemoryMb(),
      threads: 1,
      peers: options.peers
        ? [
            await measurePeer(join(folder, 'peer.parquet'), rows, { megabytes, mbPerSecond }),
            ...measurePyarrow(folder, { megabytes, mbPerSecond }),
          ]
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

/** Every row group of a part into another, as compressed bytes. */
async function copyPart(store: Store, entry: PartEntry): Promise<void> {
  const stored = openPart(store, entry);
  const writer = createPartWriter(table, await store.writer('copy.parquet'));
  const count = (await stored.footer()).groups.length;
  for (let first = 0; first < count; first += 64)
    for (const group of await stored.storedGroups(first, Math.min(64, count - first)))
      await writer.copyGroup(group);
  await writer.finish();
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

const pyarrowProgram = `
import json, sys, time
import pyarrow as pa, pyarrow.parquet as pq
pa.set_cpu_count(1); pa.set_io_thread_count(1)
own, other = sys.argv[1:]
table = pq.read_table(own, use_threads=False)
def best(work):
    times = []
    for _ in range(3):
        start = time.process_time(); work(); times.append(time.process_time() - start)
    return min(times)
write = lambda: pq.write_table(table, other, compression='zstd', compression_level=3, use_dictionary=False, row_group_size=1000)
read = lambda: pq.read_table(other, use_threads=False)
print(json.dumps({'version': pa.__version__, 'rows': table.num_rows, 'write': best(write), 'read': best(read),
    'strings': best(lambda: read().column('text').to_pylist())}))
`;

/** Speeds of one core in MB a CPU second. */
function measurePyarrow(
  folder: string,
  { megabytes, mbPerSecond }: { megabytes: number; mbPerSecond: number },
): (PeerReport & { readonly readMbPerSecond: number; readonly readStringsMbPerSecond: number })[] {
  const python = findPython(['pyarrow']);
  if (python === undefined) return [];
  const output = runPython(
    python,
    pyarrowProgram,
    ['table.parquet', 'pyarrow.parquet'].map((name) => join(folder, name)),
  );
  const { version, write, read, strings } = JSON.parse(output) as Record<
    'write' | 'read' | 'strings',
    number
  > & { version: string };
  return [
    {
      name: 'pyarrow',
      version,
      mbPerSecond: megabytes / write,
      ratio: (mbPerSecond * write) / megabytes,
      readMbPerSecond: megabytes / read,
      readStringsMbPerSecond: megabytes / strings,
    },
  ];
}
