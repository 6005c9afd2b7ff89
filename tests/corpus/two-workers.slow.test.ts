// Two ranks with one task whose stage gives each of them other bytes: whichever moment the slower one stops at, the build
// that is published holds what its markers name.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkCorpus, collectGarbage } from '@gristmill/corpus';
import { recipeOf, TestCorpus } from './corpora.ts';
import { hold, openHeldStore } from './held-store.ts';

const fileOf = (name: string) => new URL(name, import.meta.url).pathname;
const recipe = (stage: string) =>
  recipeOf({
    partitions: 1,
    steps: [
      { stage: 'extract', module: fileOf('./stand-ins.ts'), export: 'extractStage' },
      { stage: 'annotate', module: fileOf('./dice-stage.ts'), export: stage },
    ],
  });
const places = { diceStage: 'annotate-dice', diceListStage: 'annotate-dice-list/list' };
const code = 'not-deterministic';

function runRank(corpus: TestCorpus, rank: number) {
  const store = openHeldStore({ root: join(corpus.folder, 'corpus'), worker: String(rank) });
  return corpus.run({ store, rank, ranks: 2 });
}

it.each(Object.entries(places))(
  'the slower of two ranks leaves the faster one its file (%s)',
  async (stage, folder) => {
    await using corpus = await TestCorpus.make(6, recipe(stage));
    const slowCommits = hold('1', 'commit', folder);
    const slowReplaces = hold('1', 'replace', folder);
    const fastMarks = hold('0', 'create', folder);
    // Rank 1 does the work of rank 0, which has not begun.
    const slow = runRank(corpus, 1).then(
      () => 'built',
      (error: { code: string }) => error.code,
    );
    await slowCommits.reached;
    const fast = runRank(corpus, 0);
    await fastMarks.reached;
    slowCommits.letGo();
    await Promise.race([slowReplaces.reached, slow]);
    fastMarks.letGo();
    const { manifest } = await fast;
    slowReplaces.letGo();
    expect(await slow).toBe(code);
    expect(await checkCorpus(corpus.store())).toMatchObject({ builds: [manifest!.build], damages: [] });
  },
);

it('what a killed rank wrote is no rank’s to replace, and gc removes it', async () => {
  await using corpus = await TestCorpus.make(6, recipe('diceStage'));
  const killed = hold('0', 'create', places.diceStage);
  const end = runRank(corpus, 0).catch((error: unknown) => error);
  await killed.reached;
  const store = corpus.store();
  const [part] = await store.list(`${places.diceStage}/`);
  const bytes = await store.read(part.path);
  for (const { path } of await store.list('lease/')) await store.remove(path);
  await expect(runRank(corpus, 1)).rejects.toMatchObject({ code });
  expect(await store.read(part.path)).toEqual(bytes);
  await collectGarbage(store);
  const { manifest } = await runRank(corpus, 1);
  expect(await checkCorpus(store)).toMatchObject({ builds: [manifest!.build], damages: [] });
  killed.letGo();
  await end;
});
