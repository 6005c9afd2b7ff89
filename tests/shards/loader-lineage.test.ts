import { describe, expect, test } from 'vitest';
import {
  findDocument,
  openLoader,
  openTokens,
  traceDocument,
  traceStep,
  writeTokenShards,
} from '@gristmill/shards';
import { endOfText, randomDocuments, temporaryFolder } from './token-fixture.ts';

const documents = randomDocuments({ documents: 150, maxTokens: 60 });
const byId = new Map(documents.map((document) => [document.id, [...document.tokens, endOfText]]));
const mixture = {
  components: [
    { name: 'books', match: { source: 'books' }, weight: 1 },
    { name: 'english', match: { language: 'en' }, weight: 2 },
  ],
  curriculum: [{ fromStep: 10, weights: { books: 3, english: 1 } }],
};

describe('lineage', () => {
  test.each([
    ['concat, three epochs', { packing: 'concat' }],
    ['best-fit with a mixture', { packing: 'best-fit', mixture }],
  ] as const)('names the documents of every row, and every step of a document (%s)', async (_, options) => {
    await using folder = await temporaryFolder();
    await writeTokenShards(folder.path, documents, { vocabSize: 1000, endOfText, seed: 2, shardBytes: 3000 });
    const loader = await openLoader({
      shards: folder.path,
      sequenceLength: 24,
      globalBatchSize: 8,
      ...options,
    });
    const steps = Math.ceil((3 * loader.samples) / 8);
    const seen = new Map<string, string[]>();
    for (let step = 0; step < steps; step++) {
      const batch = await loader.batch(step);
      const rows = await traceStep(loader, step);
      rows.forEach((traced, row) => {
        const expected = traced!.documents.flatMap(({ id, start, end }) => byId.get(id)!.slice(start, end));
        expect([...batch.targets.subarray(row * 24, row * 24 + expected.length)]).toEqual(expected);
        for (const { id, start, end } of traced!.documents) {
          seen.set(id, [...(seen.get(id) ?? []), `${step} ${row} ${start} ${end}`]);
        }
      });
    }
    for (const { id } of documents.slice(0, 40)) {
      const traced = await traceDocument(loader, id, steps);
      expect(traced.map(({ step, row, start, end }) => `${step} ${row} ${start} ${end}`).sort()).toEqual(
        (seen.get(id) ?? []).sort(),
      );
    }
    await loader.close();
  });

  test('finds any document by its id without a table, and nothing for an unknown id', async () => {
    await using folder = await temporaryFolder();
    await writeTokenShards(folder.path, documents, { vocabSize: 1000, endOfText, seed: 2, shardBytes: 300 });
    const tokens = await openTokens(folder.path);
    for (const { id, split, source } of documents) {
      const place = (await findDocument(tokens, id))!;
      expect([place.shard.split, place.shard.source]).toEqual([split, source]);
      expect([...(await tokens.read(place.shard, place.start, place.start + place.tokens))]).toEqual(
        byId.get(id),
      );
    }
    expect(await findDocument(tokens, '0'.repeat(32))).toBeUndefined();
    await tokens.close();
  });
});
