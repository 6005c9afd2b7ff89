// Three epochs of a mixture, replayed over seeded numbers of ranks and workers and seeded kills: every token of every
// component once an epoch, and the rows of a loader that was never stopped.
import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { openLoader, writeTokenShards, type Loader, type LoaderOptions } from '@gristmill/shards';
import { endOfText, randomDocuments, temporaryFolder } from './token-fixture.ts';

const documents = randomDocuments({ documents: 80, maxTokens: 60, sources: ['books', 'web', 'posts'] });
const [length, rows] = [24, 12];
const mixture = {
  components: [
    { name: 'books', match: { source: 'books' }, epochs: 2 },
    { name: 'web', match: { source: 'web' }, epochs: 1 },
    { name: 'posts', match: { source: 'posts' }, weight: 0.2 },
  ],
  temperature: 2,
  curriculum: [{ fromStep: 7, weights: { books: 1, web: 2, posts: 1 } }],
};

const scenarios = [
  { seed: 1, packing: 'concat', mixture: undefined },
  { seed: 2, packing: 'concat', mixture },
  { seed: 3, packing: 'best-fit', mixture },
] as const;

test.each(scenarios)(
  'three epochs over changing ranks, workers and kills lose and repeat no token: %o',
  async ({ seed, ...options }) => {
    await using folder = await temporaryFolder();
    await writeTokenShards(folder.path, documents, { vocabSize: 1000, endOfText, seed, shardBytes: 1500 });
    const common = { shards: folder.path, sequenceLength: length, globalBatchSize: rows, seed, ...options };
    const whole = await openLoader(common);
    const steps = stepsFor(whole, 3);
    const replayed = await replay(common, steps, seed);
    const seen = new Map<string, string[]>();
    for (let step = 0; step < steps; step++) {
      const { targets, lossMask } = await whole.batch(step);
      expect(replayed[step]).toEqual([...targets]);
      for (const [row, source] of whole.rows(step).entries()) {
        const key = `${source!.component} ${source!.epoch}`;
        const part = targets.subarray(row * length, (row + 1) * length);
        const kept = [...part].filter((_, i) => (lossMask?.[row * length + i] ?? 1) === 1);
        seen.set(key, [...(seen.get(key) ?? []), ...kept.map(String)]);
      }
    }
    for (const { name } of whole.components) {
      const expected = tokensOf(name === 'all' ? undefined : name);
      for (const epoch of [0, 1, 2]) expect(seen.get(`${name} ${epoch}`)!.sort()).toEqual(expected);
    }
  },
);

/** Steps until each component was seen so often. */
function stepsFor(loader: Loader, epochs: number): number {
  let steps = 1;
  while (loader.forecast(steps).some((part) => part.epochs < epochs)) steps++;
  return steps;
}

function tokensOf(source: string | undefined): string[] {
  return documents
    .filter((document) => document.split === 'train' && (source ?? document.source) === document.source)
    .flatMap(({ tokens }) => [...tokens, endOfText])
    .map(String)
    .sort();
}

/** Worker w of W makes the steps whose number modulo W is w. A kill loses what workers had made but nobody had taken. */
async function replay(options: LoaderOptions, steps: number, seed: number): Promise<number[][]> {
  const random = createRandom(seed);
  const taken: number[][] = [];
  while (taken.length < steps) {
    const ranks = 1 + Math.floor(random() * 4);
    const workers = 1 + Math.floor(random() * 3);
    const until = Math.min(steps, taken.length + 1 + Math.floor(random() * 12));
    const loaders = await Promise.all(
      Array.from({ length: ranks * workers }, (_, i) => openLoader({ ...options, rank: i % ranks, ranks })),
    );
    for (let step = taken.length; step < until; step++) {
      const own = loaders.slice((step % workers) * ranks, ((step % workers) + 1) * ranks);
      const parts = await Promise.all(own.map((loader) => loader.batch(step)));
      taken.push(parts.flatMap(({ targets }) => [...targets]));
    }
    // Made ahead, and lost with the kill.
    await Promise.all(loaders.slice(0, 2).map((loader) => loader.batch(until + 1)));
    await Promise.all(loaders.map((loader) => loader.close()));
  }
  return taken;
}
