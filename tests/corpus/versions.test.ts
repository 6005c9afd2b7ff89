// Every format of another version is told by its version, newer and older ones alike, and never repaired away.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '@gristmill/core';
import { checkCorpus, collectGarbage, pinnedIndexes, readManifest } from '@gristmill/corpus';
import { readCrawledItems } from '@gristmill/crawl';
import { encodeShard, parseIndex, buildIndex, formatIndex } from '@gristmill/shards';
import { openDiskStore } from '@gristmill/storage';
import { readRun } from '../../apps/trainer/src/run-folder.ts';
import { readLock } from '../../libs/corpus/src/pins.ts';
import { parseMarker, spellMarker, type Marker } from '../../libs/corpus/src/marker.ts';
import { readTombstones } from '../../libs/corpus/src/tombstones.ts';
import { decodeLearned, encodeLearned } from '../../libs/detect/src/learned/learned-file.ts';
import { parseFooter } from '../../libs/shards/src/part-footer.ts';
import { decodeHead } from '../../libs/shards/src/token-shard.ts';
import { TestCorpus } from './corpora.ts';

let corpus: TestCorpus;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gristmill-versions-'));
  corpus = await TestCorpus.make(10);
  await corpus.run();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await corpus[Symbol.asyncDispose]();
});

const words = [
  { version: 0, age: /older|instead of|reads/ },
  { version: 99, age: /newer|instead of|reads/ },
];

/** The corpus with another version in some of its JSON files. */
async function corpusWith(version: number, files: readonly string[]): Promise<string> {
  const name = `version-${version}-${files.length}`;
  await corpus.copy('corpus', name);
  for (const file of files) {
    const path = join(corpus.folder, name, file);
    await writeFile(path, (await readFile(path, 'utf8')).replace(/"version": ?1/, `"version":${version}`));
  }
  return name;
}

describe.each(words)('version $version', ({ version, age }) => {
  const refusal = (code: string) => ({ code, message: expect.stringMatching(age) as string });

  it('of a corpus: neither run nor reading, repair or gc touches it', async () => {
    const name = await corpusWith(version, ['corpus.json', 'manifest.json']);
    const before = await corpus.store(name).list('');
    const refused = refusal('corpus-version');
    await expect(corpus.run({ corpus: name })).rejects.toMatchObject(refused);
    await expect(readManifest(corpus.store(name))).rejects.toMatchObject(refused);
    await expect(checkCorpus(corpus.store(name))).rejects.toMatchObject(refused);
    await expect(collectGarbage(corpus.store(name))).rejects.toMatchObject(refused);
    expect(await corpus.store(name).list('')).toEqual(before);
  });

  it('of corpus.json alone, of a manifest, of a marker', async () => {
    const refused = refusal('corpus-version');
    const alone = await corpusWith(version, ['corpus.json']);
    await rm(join(corpus.folder, alone, 'log/built.json'));
    await expect(corpus.run({ corpus: alone })).rejects.toMatchObject(refused);
    const { build } = (await readManifest(corpus.store()))!;
    const name = await corpusWith(version, ['corpus.json', `manifests/${build}.json`]);
    await expect(readManifest(corpus.store(name))).rejects.toMatchObject(refused);
    const marker = { ...({ format: 'gristmill-marker', id: 'x' } as Marker), version } as unknown as Marker;
    expect(() => parseMarker(spellMarker(marker), 'x.commit')).toThrow(expect.objectContaining(refused));
  });

  it('of a table, a token index, a shard', () => {
    const footer = JSON.stringify({ format: 'gristmill-table', version });
    expect(() => parseFooter(footer, 'part')).toThrow(expect.objectContaining(refusal('table-version')));
    const head = { key: 'k', vocabSize: 9, endOfText: 0, seed: 0, tokenizer: { sha256: sha256('') } };
    const index = formatIndex(buildIndex(head, [])).replace(/"version": ?1/, `"version":${version}`);
    expect(() => parseIndex(index)).toThrow(expect.objectContaining(refusal('tokens-version')));
    const document = { id: sha256('').slice(0, 32), tokens: [1, 2] };
    const { bytes } = encodeShard([document], { dtype: 'uint16', endOfText: 0 });
    const spelled = Buffer.from(bytes).toString('latin1');
    const other = spelled.replaceAll('gristmill-token-shard 1', `gristmill-token-shard ${version % 10}`);
    expect(() => decodeHead(Buffer.from(other, 'latin1'))).toThrow(
      expect.objectContaining(refusal('shard-version')),
    );
  });

  it('of a lock, a training run, a crawl, a learned file', async () => {
    const lock = join(folder, `${version}.lock`);
    await writeFile(lock, JSON.stringify({ version, artefacts: {} }));
    await expect(readLock(lock)).rejects.toMatchObject(refusal('lock-version'));
    const run = openDiskStore({ root: join(folder, `run-${version}`) });
    await run.replace('run.json', JSON.stringify({ format: 'gristmill-run', version }));
    await expect(readRun(run)).rejects.toMatchObject(refusal('run-version'));
    await expect(pinnedIndexes([run])).rejects.toMatchObject(refusal('corpus-version'));
    const crawled = join(folder, `crawl-${version}`);
    await mkdir(crawled);
    await writeFile(join(crawled, 'crawl.json'), JSON.stringify({ format: 'gristmill-crawl', version }));
    const items = readCrawledItems({ folder: crawled, source: { name: 'site', kind: 'web' } });
    await expect(items.next()).rejects.toMatchObject(refusal('crawl-version'));
    const learned = encodeLearned({ kind: 'topics', header: {}, numbers: new Float32Array(1) });
    learned[7] = 0x30 + (version % 10);
    expect(() => decodeLearned(learned, 'topics')).toThrow(expect.objectContaining(refusal('learned-file')));
  });
});

it('a tombstone that this program cannot read stops it: what was forgotten would return', async () => {
  const store = openDiskStore({ root: join(folder, 'tombstones') });
  await store.replace('raw/tombstones.jsonl', '{"id":"x"}\n{"author":"somebody"}\n');
  await expect(readTombstones(store)).rejects.toMatchObject({ code: 'tombstones-damaged' });
});
