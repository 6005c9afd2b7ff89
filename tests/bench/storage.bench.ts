// A store under load: one large file written and read in ranges, and small files created, in a folder and on S3.
// `--input s3://bucket/prefix` names a place (its server by AWS_ENDPOINT_URL); without it versitygw is started where it
// is installed, else a server in memory. `mbPerSecond` is writing to S3 by wall clock; on loopback the server takes
// part of the same cores.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@gristmill/core';
import { openDiskStore, openStoreAt, type Store } from '@gristmill/storage';
import { startMemoryS3 } from '../storage/memory-s3.ts';
import { bucket, startVersitygw, useTestCredentials, versitygw } from '../storage/real-servers.ts';
import { peakMemoryMb, time, type BenchOptions, type BenchReport } from './bench.ts';

const megabytes = 128;
const smallFiles = 200;

interface Measured {
  readonly writeMbPerSecond: number;
  readonly writeCpuSeconds: number;
  readonly readMbPerSecond: number;
  readonly readCpuSeconds: number;
  readonly createsPerSecond: number;
}

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-storage-'));
  const { place, name, close } = await openPlace(options.input);
  try {
    const disk = await measure(openDiskStore({ root: folder }));
    const s3 = await measure(await openStoreAt(place));
    return {
      name: 'storage',
      input: name,
      documents: smallFiles,
      megabytes,
      mbPerSecond: s3.writeMbPerSecond,
      documentsPerSecond: s3.createsPerSecond,
      cpuSeconds: s3.writeCpuSeconds,
      peakMemoryMb: peakMemoryMb(),
      threads: 1,
      peers: [],
      s3,
      disk,
    };
  } finally {
    await close();
    await rm(folder, { recursive: true });
  }
}

async function openPlace(input: string | undefined) {
  if (input !== undefined) return { place: input, name: input, close: async () => {} };
  useTestCredentials();
  const server = versitygw === undefined ? await startMemoryS3() : await startVersitygw();
  process.env.AWS_ENDPOINT_URL_S3 = server.endpoint;
  const name = versitygw === undefined ? 'a server in memory' : 'versitygw on loopback';
  return { place: `s3://${bucket}/bench`, name, close: server.close };
}

async function measure(store: Store): Promise<Measured> {
  const random = createRandom(1);
  const chunk = new Uint8Array(1 << 20).map(() => random() * 256);
  const bytes = megabytes << 20;
  let round = 0;
  const written = await time(async () => {
    const writer = await store.writer(`large-${++round}`);
    for (let i = 0; i < megabytes; i++) await writer.write(chunk);
    await writer.commit();
  });
  const ranges = Array.from({ length: megabytes / 4 }, (_, i) => i * (4 << 20));
  const read = await time(async () => {
    for (let at = 0; at < ranges.length; at += 4)
      await Promise.all(ranges.slice(at, at + 4).map((from) => store.read('large-1', from, 4 << 20)));
  });
  const created = await time(async () => {
    round++;
    const paths = Array.from({ length: smallFiles }, (_, i) => `small-${round}/${i}.commit`);
    for (let at = 0; at < paths.length; at += 16)
      await Promise.all(paths.slice(at, at + 16).map((path) => store.create(path, 'a marker')));
  });
  await store.close();
  return {
    writeMbPerSecond: bytes / 1e6 / written.seconds,
    writeCpuSeconds: written.cpuSeconds,
    readMbPerSecond: bytes / 1e6 / read.seconds,
    readCpuSeconds: read.cpuSeconds,
    createsPerSecond: smallFiles / created.seconds,
  };
}
