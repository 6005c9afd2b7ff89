// A crawl's folder where the corpus is on S3: what one machine wrote, another one finds.
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRawFolder, type RawFolder } from '../../libs/corpus/src/raw-folder.ts';
import { openS3Store } from '../../libs/storage/src/s3-store.ts';
import { startMemoryS3, type MemoryS3 } from '../storage/memory-s3.ts';

let server: MemoryS3;
let machines: string;
beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'testsecret';
  server = await startMemoryS3();
  machines = await mkdtemp(join(tmpdir(), 'gristmill-spool-test-'));
});
afterAll(async () => {
  delete process.env.GRISTMILL_SPOOL;
  await server.close();
  await rm(machines, { recursive: true });
});

const store = () => openS3Store({ location: 's3://bucket/corpus', endpoint: server.endpoint });

async function on(machine: string): Promise<RawFolder> {
  process.env.GRISTMILL_SPOOL = join(machines, machine);
  return openRawFolder(await store(), 'site');
}

const contents = async (folder: string) =>
  Object.fromEntries(
    await Promise.all(
      (await readdir(folder)).sort().map(async (name) => [name, await readFile(join(folder, name), 'utf8')]),
    ),
  ) as Record<string, string>;

it('another machine finds what was saved, the same one what it had not saved yet', async () => {
  const first = await on('a');
  await writeFile(join(first.path, 'fetch-log.jsonl'), 'one\n');
  await writeFile(join(first.path, 'crawl.warc.gz'), 'record');
  await first.save();
  expect(await contents((await on('b')).path)).toEqual({
    'crawl.warc.gz': 'record',
    'fetch-log.jsonl': 'one\n',
  });
  await writeFile(join(first.path, 'fetch-log.jsonl'), 'one\ntwo\n');
  expect((await contents((await on('a')).path))['fetch-log.jsonl']).toBe('one\ntwo\n');
  expect((await contents((await on('b')).path))['fetch-log.jsonl']).toBe('one\n');
});

it('what another machine saved replaces what was not saved, also files of the same length', async () => {
  const second = await on('b');
  await writeFile(join(second.path, 'crawl.warc.gz'), 'blanks');
  await rm(join(second.path, 'fetch-log.jsonl'));
  await second.save();
  expect(await contents((await on('a')).path)).toEqual({ 'crawl.warc.gz': 'blanks' });
  expect([...server.objects.keys()].filter((key) => key.includes('fetch-log'))).toEqual([]);
});

it('nothing is sent or fetched when nothing changed, and a damaged file is named', async () => {
  const again = await on('a');
  const before = new Map(server.objects);
  await again.save();
  expect(server.objects).toEqual(before);
  const key = 'bucket/corpus/raw/site/crawl.warc.gz';
  server.objects.set(key, { ...server.objects.get(key)!, bytes: Buffer.from('blankz') });
  await expect(on('c')).rejects.toMatchObject({ code: 'raw-damaged' });
});
