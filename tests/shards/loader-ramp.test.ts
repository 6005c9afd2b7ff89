// Steps of a ramp beside the same training cut by hand: rows of the greatest length, one after the other, of which each
// step takes the next stretch.
import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import {
  openLoader,
  traceDocument,
  traceStep,
  writeTokenShards,
  type LoaderOptions,
} from '@gristmill/shards';
import { endOfText, randomDocuments, temporaryFolder } from './token-fixture.ts';

const documents = randomDocuments({ documents: 150, maxTokens: 60 });
const byId = new Map(documents.map(({ id, tokens }) => [id, [...tokens, endOfText]]));
const longest = 24;
const mixture = {
  components: [
    { name: 'books', match: { source: 'books' }, weight: 1 },
    { name: 'english', match: { language: 'en' }, weight: 2 },
  ],
};

async function writeFolder(path: string): Promise<void> {
  await writeTokenShards(path, documents, { vocabSize: 1000, endOfText, seed: 2, shardBytes: 3000 });
}

function drawRamp(seed: number) {
  const random = createRandom(seed);
  let fromStep = 0;
  return Array.from({ length: 4 }, () => ({
    fromStep: (fromStep += Math.floor(random() * 6) + (fromStep > 0 ? 1 : 0)),
    sequenceLength: [4, 8, 12, 24][Math.floor(random() * 4)],
    globalBatchSize: 1 + Math.floor(random() * 9),
  })).map((phase, i, all) =>
    i > 0 && phase.fromStep === all[i - 1].fromStep ? { ...phase, fromStep: phase.fromStep + 1 } : phase,
  );
}

test.each([1, 2, 3, 4, 5, 6])(
  'steps of the drawn ramp %i are the stretches that counting gives, on any ranks',
  async (seed) => {
    await using folder = await temporaryFolder();
    await writeFolder(folder.path);
    const ramp = drawRamp(seed);
    const shape = { sequenceLength: longest, globalBatchSize: 3 };
    const options: LoaderOptions = { shards: folder.path, ...shape, seed: 5, ramp, documentBounds: true };
    const plain = await openLoader({ ...options, ramp: undefined, globalBatchSize: 1 });
    const loader = await openLoader(options);
    const ranks = await Promise.all(
      [0, 1].map((rank) =>
        openLoader({
          ...options,
          rank,
          ranks: 2,
          ramp: ramp.map((phase) => ({ ...phase, globalBatchSize: phase.globalBatchSize + 1 })),
          globalBatchSize: 4,
        }),
      ),
    );
    const whole = await openLoader({
      ...options,
      ramp: ramp.map((phase) => ({ ...phase, globalBatchSize: phase.globalBatchSize + 1 })),
      globalBatchSize: 4,
    });
    let slot = 0;
    for (let step = 0; step < 25; step++) {
      const { sequenceLength, globalBatchSize } = ramp.findLast(({ fromStep }) => fromStep <= step) ?? shape;
      slot = Math.ceil(slot / sequenceLength) * sequenceLength;
      const expected: number[] = [];
      for (const end = slot + sequenceLength * globalBatchSize; slot < end; slot++)
        expected.push((await plain.batch(Math.floor(slot / longest))).targets[slot % longest]);
      const batch = await loader.batch(step);
      expect(batch.rows).toBe(globalBatchSize);
      expect([...batch.targets]).toEqual(expected);
      expect(batch.padding + batch.tokens).toBe(expected.length);
      expect(batch.padding).toBe(batch.segments!.filter((segment) => segment < 0).length);
      for (let row = 0; row < globalBatchSize; row++)
        if (batch.segments![row * sequenceLength] >= 0)
          expect([batch.segments![row * sequenceLength], batch.positions![row * sequenceLength]]).toEqual([
            0, 0,
          ]);
      const parts = await Promise.all(ranks.map((one) => one.batch(step)));
      expect(parts.flatMap(({ inputs }) => [...inputs])).toEqual([...(await whole.batch(step)).inputs]);
    }
    for (const one of [plain, loader, whole, ...ranks]) await one.close();
  },
);

test.each([
  ['concat', {}],
  ['best-fit, a mixture', { packing: 'best-fit', mixture }],
] as const)('lineage names the documents of every row and every step of a document (%s)', async (_, more) => {
  await using folder = await temporaryFolder();
  await writeFolder(folder.path);
  const ramp = [
    { fromStep: 0, sequenceLength: 6, globalBatchSize: 5 },
    { fromStep: 7, sequenceLength: 8, globalBatchSize: 4 },
    { fromStep: 30, sequenceLength: 24, globalBatchSize: 6 },
  ];
  const shape = { sequenceLength: longest, globalBatchSize: 8 };
  const loader = await openLoader({ shards: folder.path, ...shape, ramp, ...more });
  const steps = 60;
  const seen = new Map<string, string[]>();
  for (let step = 0; step < steps; step++) {
    const batch = await loader.batch(step);
    const length = batch.targets.length / batch.rows;
    for (const [row, traced] of (await traceStep(loader, step)).entries()) {
      const expected = traced!.documents.flatMap(({ id, start, end }) => byId.get(id)!.slice(start, end));
      expect([...batch.targets.subarray(row * length, row * length + expected.length)]).toEqual(expected);
      for (const { id, start, end } of traced!.documents)
        seen.set(id, [...(seen.get(id) ?? []), `${step} ${row} ${start} ${end}`]);
    }
  }
  for (const { id } of documents.slice(0, 40)) {
    const traced = await traceDocument(loader, id, steps);
    expect(traced.map(({ step, row, start, end }) => `${step} ${row} ${start} ${end}`).sort()).toEqual(
      (seen.get(id) ?? []).sort(),
    );
  }
  await loader.close();
});

test('an epoch under a ramp has each token once, and ends at the same place', async () => {
  await using folder = await temporaryFolder();
  await writeFolder(folder.path);
  const ramp = [
    { fromStep: 0, sequenceLength: 12, globalBatchSize: 2 },
    { fromStep: 9, sequenceLength: 24, globalBatchSize: 2 },
  ];
  const loader = await openLoader({
    ...{ shards: folder.path, sequenceLength: longest, globalBatchSize: 4, ramp, epochs: 1 },
  });
  let tokens = 0;
  for (let step = 0; step < loader.steps; step++) tokens += (await loader.batch(step)).tokens;
  expect(tokens).toBe(loader.components[0].tokens);
  expect((await loader.batch(loader.steps)).tokens).toBe(0);
  await loader.close();
});

test.each([
  [[{ fromStep: 0, sequenceLength: 7, globalBatchSize: 1 }], 'does not divide'],
  [[{ fromStep: 3, sequenceLength: 8, globalBatchSize: 0 }], 'its ramp has'],
  [
    [
      { fromStep: 3, sequenceLength: 8, globalBatchSize: 1 },
      { fromStep: 3, sequenceLength: 8, globalBatchSize: 2 },
    ],
    'do not rise',
  ],
])('the ramp %j is refused', async (ramp, message) => {
  await using folder = await temporaryFolder();
  await writeFolder(folder.path);
  const options = { shards: folder.path, sequenceLength: longest, globalBatchSize: 4, ramp };
  await expect(openLoader(options)).rejects.toMatchObject({
    code: 'loader-option',
    message: expect.stringContaining(message) as string,
  });
});
