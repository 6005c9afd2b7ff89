// The record of a request for erasure, against what explain and the tables say before and after.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { explainDocument, forget, readErasures, selectedDocuments } from '@gristmill/corpus';
import { forgetEssay, makeAuditCorpus } from '../end-to-end/audit-corpus.ts';
import type { TestCorpus } from './corpora.ts';

let corpus: TestCorpus;
beforeAll(async () => {
  corpus = await makeAuditCorpus();
}, 120_000);
afterAll(() => corpus[Symbol.asyncDispose]());

const keptIds = async () => {
  const ids = new Set<string>();
  for await (const { id } of selectedDocuments(corpus.store())) ids.add(id);
  return ids;
};

it('says who asked, what went, who was elected in its place, and never what the text was', async () => {
  const before = await keptIds();
  const { id, cluster } = await explainDocument(corpus.store(), 'https://essays.example.org/mills');
  expect(before.has(id)).toBe(true);
  expect(cluster.filter(({ witness }) => witness === id)).toHaveLength(1);
  await forgetEssay(corpus);
  const after = await keptIds();
  const [record, ...others] = await readErasures(corpus.store());
  expect(others).toEqual([]);
  expect(record).toEqual({
    ...{ requestId: 'R-17', receivedAt: '2026-11-02', kind: 'copyright' },
    match: { type: 'url', value: 'https://essays.example.org/mills' },
    decidedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
    build: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
    ...{ documentsRemoved: 1, copiesRemoved: 0, survivorsReElected: 1, warcRewritten: [], runs: [] },
  });
  expect([...after].filter((one) => !before.has(one))).toEqual([
    cluster.find(({ witness }) => witness === id)!.id,
  ]);
  const file = await readFile(join(corpus.folder, 'corpus/raw/erasures.jsonl'), 'utf8');
  expect(file).not.toMatch(/miller|On mills/);
});

it('a domain in a crawl names the archives that were written anew, the same request twice changes nothing', async () => {
  const request = { names: ['example.co.uk'], workers: 0 };
  await forget(corpus.store(), request);
  const [, record] = await readErasures(corpus.store());
  expect(record).toMatchObject({
    requestId: 'forget-000002',
    match: { type: 'domain', value: 'example.co.uk' },
    documentsRemoved: 4,
  });
  expect([...record.warcRewritten].sort()).toEqual(['raw/site/crawl-00000.warc.gz', 'raw/site/crawl.sqlite']);
  await forget(corpus.store(), request);
  expect(await readErasures(corpus.store())).toHaveLength(2);
});
