// N processes on one corpus, some of them killed at seeded moments: what is left must be what one process makes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { createRandom } from '@gristmill/core';
import { checkCorpus, readManifest } from '@gristmill/corpus';
import type { Store } from '@gristmill/storage';
import { TestCorpus } from './corpora.ts';

const script = new URL('./rank-child.ts', import.meta.url).pathname;

/** @returns the exit code; undefined when it was killed */
async function runRank(
  corpus: TestCorpus,
  store: Store,
  rank: { rank: number; ranks: number; killAfterMs?: number },
): Promise<number | undefined> {
  const args = [
    join(corpus.folder, corpus.recipe),
    JSON.stringify(store.reference),
    join(corpus.folder, 'test.lock'),
  ];
  const child = spawn(process.execPath, [script, ...args, String(rank.rank), String(rank.ranks)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  if (rank.killAfterMs !== undefined) {
    await Promise.race([ended, wait(rank.killAfterMs)]);
    child.kill('SIGKILL');
  }
  return (await ended)[0] ?? undefined;
}

/**
 * Every round: all ranks start, all but one (a seeded one) are killed at a seeded moment; the last one finishes alone.
 * @param open an empty store for a round
 */
export async function survivesRankKills(
  rounds: number,
  ranks: number,
  open: (corpus: TestCorpus, round: number) => Store | Promise<Store>,
): Promise<void> {
  await using corpus = await TestCorpus.make(30);
  await corpus.run();
  const expected = await corpus.files();
  const random = createRandom(rounds * ranks);
  let killed = 0;
  for (let round = 0; round < rounds; round++) {
    const store = await open(corpus, round);
    const survivor = Math.floor(random() * ranks);
    const codes = await Promise.all(
      Array.from({ length: ranks }, (_, rank) =>
        runRank(corpus, store, {
          rank,
          ranks,
          killAfterMs: rank === survivor ? undefined : 600 + random() * 2500,
        }),
      ),
    );
    killed += codes.filter((code) => code === undefined).length;
    expect(codes[survivor], `the survivor of round ${round}`).toBe(0);
    const manifest = await readManifest(store);
    const files = Object.fromEntries(manifest!.files.map(({ path, sha256 }) => [path, sha256]));
    expect(files, `round ${round}`).toEqual(expected);
    expect((await checkCorpus(store)).damages).toEqual([]);
  }
  expect(killed).toBeGreaterThan(0);
}
