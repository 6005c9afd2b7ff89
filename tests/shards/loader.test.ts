import { rm, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import {
  openLoader,
  openTokens,
  writeTokenShards,
  type LoaderOptions,
  type TokenBatch,
} from '@gristmill/shards';
import { endOfText, randomDocuments, temporaryFolder } from './token-fixture.ts';

const documents = randomDocuments({ documents: 300, maxTokens: 120 });
const written = { vocabSize: 1000, endOfText, seed: 3, shardBytes: 6000 };

async function withTokens(work: (folder: string) => Promise<void>): Promise<void> {
  await using folder = await temporaryFolder();
  await writeTokenShards(folder.path, documents, written);
  await work(folder.path);
}

/** Every (input, target) pair that counts, as `input>target`, sorted. */
function pairsOf(batches: readonly TokenBatch[]): string[] {
  return batches
    .flatMap(({ inputs, targets, lossMask }) =>
      Array.from(inputs, (input, i) => ((lossMask?.[i] ?? 1) === 1 ? `${input}>${targets[i]}` : '')),
    )
    .filter((pair) => pair !== '')
    .sort();
}

async function expectedPairs(folder: string, split: string): Promise<string[]> {
  const tokens = await openTokens(folder);
  const pairs: string[] = [];
  for (const shard of tokens.index.shards.filter((entry) => entry.split === split)) {
    let previous = endOfText;
    for (const token of await tokens.read(shard, 0, shard.tokens)) {
      pairs.push(`${previous}>${token}`);
      previous = token;
    }
  }
  return pairs.sort();
}

async function replay(options: LoaderOptions, steps: readonly number[]): Promise<TokenBatch[]> {
  const loader = await openLoader(options);
  const batches: TokenBatch[] = [];
  for (const step of steps) batches.push(await loader.batch(step));
  return batches;
}

describe('the loader', () => {
  test.each([
    ['concat', 32],
    ['concat', 7],
    ['best-fit', 32],
    ['best-fit', 128],
  ] as const)('gives every token as a target exactly once an epoch (%s, %i)', (packing, sequenceLength) =>
    withTokens(async (folder) => {
      const options = { shards: folder, sequenceLength, globalBatchSize: 8, packing, epochs: 1 };
      const loader = await openLoader(options);
      const batches = await replay(options, [...Array(loader.steps).keys()]);
      expect(pairsOf(batches)).toEqual(await expectedPairs(folder, 'train'));
      expect(batches.reduce((sum, batch) => sum + batch.tokens, 0)).toBe(loader.index.splits.train.tokens);
    }),
  );

  test('gives the same rows for any number of ranks, in any order of steps, after any restart', () =>
    withTokens(async (folder) => {
      const options = { shards: folder, sequenceLength: 16, globalBatchSize: 12, seed: 7 };
      const whole = await replay(options, [0, 1, 2, 40, 41, 300]);
      for (const ranks of [2, 3, 4, 5]) {
        const parts = await Promise.all(
          [...Array(ranks).keys()].map((rank) => replay({ ...options, rank, ranks }, [300, 41, 40, 2, 1, 0])),
        );
        whole.forEach((batch, i) => {
          const joined = parts.flatMap((part) => [...part[5 - i].targets]);
          expect(joined).toEqual([...batch.targets]);
        });
      }
    }));

  test('orders epochs and seeds differently', () =>
    withTokens(async (folder) => {
      const options = { shards: folder, sequenceLength: 16, globalBatchSize: 1, seed: 7 };
      const { samples } = await openLoader(options);
      const [first, second] = await replay(options, [0, samples]);
      const [other] = await replay({ ...options, seed: 8 }, [0]);
      expect([...first.targets]).not.toEqual([...second.targets]);
      expect([...first.targets]).not.toEqual([...other.targets]);
    }));

  test('replays three epochs exactly over changing ranks and kill points', () =>
    withTokens(async (folder) => {
      const base = { shards: folder, sequenceLength: 32, globalBatchSize: 12, seed: 1 };
      const { samples } = await openLoader(base);
      const random = createRandom(11);
      const rows: string[] = [];
      for (let step = 0; step * 12 < 3 * samples;) {
        const ranks = 1 + Math.floor(random() * 4);
        const until = step + 1 + Math.floor(random() * 40);
        const loaders = await Promise.all(
          [...Array(ranks).keys()].map((rank) => openLoader({ ...base, rank, ranks })),
        );
        for (; step < until && step * 12 < 3 * samples; step++) {
          for (const loader of loaders) {
            const { targets } = await loader.batch(step);
            for (let at = 0; at < targets.length; at += 32)
              rows.push(targets.subarray(at, at + 32).join(' '));
          }
        }
      }
      const epochs = [0, 1, 2].map((epoch) => rows.slice(epoch * samples, (epoch + 1) * samples).sort());
      expect(epochs[1]).toEqual(epochs[0]);
      expect(epochs[2]).toEqual(epochs[0]);
    }));

  test('evaluates in the order of the shards, the last batch filled with padding that is counted', () =>
    withTokens(async (folder) => {
      const options = {
        shards: folder,
        split: 'validation',
        sequenceLength: 10,
        globalBatchSize: 64,
        shuffle: false,
        epochs: 1,
      };
      const loader = await openLoader(options);
      const batches = await replay(options, [...Array(loader.steps).keys()]);
      const [last] = batches.slice(-1);
      expect(last.padding).toBeGreaterThan(0);
      expect(last.tokens + last.padding).toBe(640);
      expect(last.lossMask!.reduce((sum, one) => sum + one, 0)).toBe(last.tokens);
      expect(pairsOf(batches)).toEqual(await expectedPairs(folder, 'validation'));
    }));

  test('never cuts a document that fits when it packs by best fit, and marks its bounds', () =>
    withTokens(async (folder) => {
      const options = {
        shards: folder,
        sequenceLength: 128,
        globalBatchSize: 4,
        packing: 'best-fit' as const,
      };
      const loader = await openLoader({ ...options, epochs: 1, documentBounds: true });
      let [seen, padding] = [0, 0];
      for (let step = 0; step < loader.steps; step++) {
        const batch = await loader.batch(step);
        padding += batch.padding;
        for (let at = 0; at < batch.targets.length; at++) {
          if (batch.positions![at] === 0 && batch.segments![at] >= 0) {
            expect(batch.inputs[at]).toBe(endOfText);
            seen++;
          }
          if (batch.segments![at] < 0) expect(batch.lossMask![at]).toBe(0);
        }
      }
      expect(seen).toBe(loader.index.splits.train.documents);
      expect(padding / (loader.samples * 128)).toBeLessThan(0.1);
    }));

  test('stops at a damaged shard, or passes it by and counts what is lost', () =>
    withTokens(async (folder) => {
      const options = { shards: folder, sequenceLength: 32, globalBatchSize: 8, epochs: 1 };
      const { index, steps } = await openLoader(options);
      const [missing, torn] = index.shards.filter((shard) => shard.split === 'train');
      await rm(join(folder, missing.file));
      const bytes = await readFile(join(folder, torn.file));
      bytes[torn.tokensAt] ^= 255;
      await writeFile(join(folder, torn.file), bytes);
      await expect(replay(options, [...Array(steps).keys()])).rejects.toMatchObject({ code: /^shard-/ });
      const loader = await openLoader({ ...options, onDamaged: 'skip' });
      let [skipped, tokens] = [0, 0];
      for (let step = 0; step < steps; step++) {
        const batch = await loader.batch(step);
        skipped += batch.skipped;
        tokens += batch.tokens;
      }
      expect(skipped).toBe(Math.ceil(missing.tokens / 32) + Math.ceil(torn.tokens / 32));
      expect(tokens).toBe(index.splits.train.tokens - missing.tokens - torn.tokens);
      expect([...loader.damage.keys()].sort()).toEqual([missing.file, torn.file].sort());
    }));
});

describe('loss masks', () => {
  test('of documents reach the batch', async () => {
    await using folder = await temporaryFolder();
    const chat = {
      id: 'cd'.repeat(16),
      split: 'train',
      source: 'chat',
      tokens: [1, 2, 3, 4],
      lossMask: Uint8Array.of(0, 0, 1, 1),
    };
    await writeTokenShards(folder.path, [chat], written);
    const [batch] = await replay({ shards: folder.path, sequenceLength: 6, globalBatchSize: 1 }, [0]);
    expect([...batch.targets]).toEqual([1, 2, 3, 4, endOfText, endOfText]);
    expect([...batch.lossMask!]).toEqual([0, 0, 1, 1, 1, 0]);
  });
});

describe('mixtures', () => {
  const mixture = {
    components: [
      { name: 'books', match: { source: 'books' }, weight: 3 },
      { name: 'german web', match: { source: 'web', language: 'de' }, weight: 1 },
      { name: 'good', match: { minQuality: 80 }, weight: 0 },
    ],
    curriculum: [{ fromStep: 50, weights: { books: 1, 'german web': 1, good: 2 } }],
  };

  test('give the shares asked for, from the step asked for, and only matching documents', () =>
    withTokens(async (folder) => {
      const loader = await openLoader({ shards: folder, sequenceLength: 16, globalBatchSize: 20, mixture });
      const count = (from: number, to: number, name: string) => {
        let rows = 0;
        for (let step = from; step < to; step++) {
          rows += loader.rows(step).filter((row) => row!.component === name).length;
        }
        return rows / ((to - from) * 20);
      };
      expect(count(0, 50, 'books')).toBeCloseTo(0.75, 2);
      expect(count(0, 50, 'good')).toBe(0);
      expect(count(50, 100, 'good')).toBeCloseTo(0.5, 2);
      expect(count(50, 100, 'german web')).toBeCloseTo(0.25, 2);
      const forecast = loader.forecast(100);
      expect(forecast.reduce((sum, part) => sum + part.rows, 0)).toBe(2000);
      expect(forecast[2].rows).toBe(Math.round(count(50, 100, 'good') * 1000));
      const german = new Set(
        documents
          .filter(({ source, language }) => source === 'web' && language === 'de')
          .flatMap((d) => [...d.tokens]),
      );
      german.add(endOfText);
      for (const step of [0, 10, 60]) {
        const batch = await loader.batch(step);
        for (const source of loader.rows(step)) {
          if (source!.component !== 'german web') continue;
          const row = batch.targets.subarray(source!.row * 16, (source!.row + 1) * 16);
          expect([...row].every((token) => german.has(token))).toBe(true);
        }
      }
    }));

  test('reach any row in closed form, as if all rows before had been counted', () =>
    withTokens(async (folder) => {
      const options = { shards: folder, sequenceLength: 16, globalBatchSize: 20, mixture };
      const walked = await openLoader(options);
      const rows = Array.from({ length: 120 }, (_, step) => walked.rows(step));
      const jumped = await openLoader(options);
      for (const step of [119, 49, 50, 0, 77]) expect(jumped.rows(step)).toEqual(rows[step]);
    }));

  test('with a wrong weight or name are refused before any work', () =>
    withTokens(async (folder) => {
      const open = (wrong: object) =>
        openLoader({
          shards: folder,
          sequenceLength: 16,
          globalBatchSize: 4,
          mixture: { ...mixture, ...wrong },
        });
      await expect(open({ components: [{ name: 'a', weight: -1 }] })).rejects.toMatchObject({
        code: 'mixture-weights',
      });
      await expect(open({ curriculum: [{ fromStep: 5, weights: { poems: 1 } }] })).rejects.toThrow('poems');
      await expect(
        open({ components: [{ name: 'a', match: { source: 'none' } }], curriculum: [] }),
      ).rejects.toMatchObject({
        code: 'split-empty',
      });
    }));
});
