// Names of files that a stranger wrote down lead nowhere outside the folder that they are put in.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sha256 } from '@gristmill/core';
import { readCrawledItems, webCrawler } from '@gristmill/crawl';
import { buildIndex, formatIndex, parseIndex, type TokenIndex } from '@gristmill/shards';
import { openDiskStore } from '@gristmill/storage';
import { keepHeads } from '../../apps/trainer/src/kept-heads.ts';
import { readLock } from '../../libs/corpus/src/pins.ts';
import { openRawFolder } from '../../libs/corpus/src/raw-folder.ts';
import { openS3Store } from '../../libs/storage/src/s3-store.ts';
import { startMemoryS3, type MemoryS3 } from '../storage/memory-s3.ts';

let server: MemoryS3;
let folder: string;
beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'testsecret';
  server = await startMemoryS3();
  folder = await mkdtemp(join(tmpdir(), 'gristmill-names-'));
  process.env.GRISTMILL_SPOOL = join(folder, 'spool');
});
afterAll(async () => {
  delete process.env.GRISTMILL_SPOOL;
  await server.close();
  await rm(folder, { recursive: true });
});

const elsewhere = ['../../../written', '/tmp/gristmill-written', 'a/../../../../written', '..\\..\\written'];

it.each(elsewhere)('an inventory on S3 that names %j is refused before a file is written', async (name) => {
  const store = await openS3Store({ location: 's3://bucket/foreign', endpoint: server.endpoint });
  const inventory = { format: 'gristmill-raw', version: 1, files: { [name]: sha256('x') } };
  await store.replace('raw/site/stored.json', JSON.stringify(inventory));
  await expect(openRawFolder(store, 'site')).rejects.toMatchObject({ code: 'unsafe-path' });
  expect(await readdir(folder)).not.toContain('written');
});

const shard = { bytes: 4, sha256: '', split: 'train', source: 's', prefix: '', documents: 1, tokens: 0 };
const foreign = (file: string, tokenizer?: string): TokenIndex =>
  buildIndex({ key: 'k', vocabSize: 10, endOfText: 0, seed: 0, tokenizer: { file: tokenizer, sha256: '' } }, [
    { ...shard, file, offsetsAt: 0, tokensAt: 4, blocks: '' },
  ]);

it.each([...elsewhere, 'a/b', '', '..'])('an index of shards that names %j is damaged', (name) => {
  const damaged = expect.objectContaining({ code: 'tokens-index-damaged' }) as unknown;
  expect(() => parseIndex(formatIndex(foreign(name)))).toThrow(damaged as Error);
  expect(() => parseIndex(formatIndex(foreign('a.arrow', name)))).toThrow(damaged as Error);
});

it('heads of shards stay in the run folder, whoever made the index', async () => {
  const shards = openDiskStore({ root: join(folder, 'tokens/key') });
  await shards.replace('x', 'head');
  await writeFile(join(folder, 'tokens/evil'), 'head');
  const run = openDiskStore({ root: join(folder, 'runs/deep/run') });
  const index = foreign('../evil');
  await expect(keepHeads(run, shards.location, index)).rejects.toMatchObject({ code: 'unsafe-path' });
  expect(await readdir(join(folder))).not.toContain('runs');
});

it('a lock names its pins by digests, and a fetch log its records by files beside it', async () => {
  const lock = join(folder, 'a.lock');
  const pin = { sha256: '../../etc/passwd', bytes: 1, options: '' };
  await writeFile(lock, JSON.stringify({ version: 1, artefacts: { tokenizer: pin } }));
  await expect(readLock(lock)).rejects.toMatchObject({ code: 'lock-damaged' });
  const crawled = join(folder, 'crawled');
  await mkdir(crawled);
  const warc = { file: '../outside.warc', offset: 0, length: 5 };
  const entry = { url: 'http://a.example/', date: '2024-01-01T00:00:00.000Z', outcome: 'fetched', depth: 0 };
  await writeFile(join(folder, 'outside.warc'), 'WARC/');
  await writeFile(join(crawled, 'fetch-log.jsonl'), `${JSON.stringify({ ...entry, warc })}\n`);
  const refused = { code: 'crawl-log-damaged' };
  const items = readCrawledItems({ folder: crawled, source: { name: 'site', kind: 'web' } });
  await expect(items.next()).rejects.toMatchObject(refused);
  await expect(webCrawler.forget!(crawled, () => true)).rejects.toMatchObject(refused);
});
