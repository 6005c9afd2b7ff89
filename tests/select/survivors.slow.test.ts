// A survivor that is deleted: the best of those that it stood for comes back, as in a build from nothing.
import { expect, it } from 'vitest';
import type { Row } from '@gristmill/core';
import { openBuild, readManifest, type Recipe } from '@gristmill/corpus';
import { openPart } from '@gristmill/shards';
import { recipeOf, TestCorpus } from '../corpus/corpora.ts';
import { makeNearTexts, type NearText } from '../dedup/near-texts.ts';

const { steps, ...rest } = recipeOf();
const recipe: Recipe = {
  ...rest,
  steps: [
    ...steps.filter(({ stage }) => ['extract', 'clean', 'annotate'].includes(stage)),
    { stage: 'dedup', module: '@gristmill/dedup', export: 'dedupStage' },
    // The longer text is the better one here.
    {
      stage: 'select',
      module: '@gristmill/select',
      export: 'selectStage',
      options: { quality: { signal: 'length', scale: 1 } },
    },
  ],
};

/** A family of four copies of one text, of lengths that rank them, among other texts. */
const family = ['', ' One.', ' One two.', ' One two three.'].map((end, i) => ({
  id: `copy-${i}`,
  text: `${makeNearTexts(12, 5)[3].text} ${makeNearTexts(12, 6)[4].text}${end}`,
}));

const write = (corpus: TestCorpus, texts: readonly NearText[]) =>
  corpus.write('posts/all.jsonl', texts.map((line) => JSON.stringify(line)).join('\n'));

/** What was decided of the family, by its own names. */
async function decisionsOf(corpus: TestCorpus): Promise<Record<string, { keep: boolean; witness?: string }>> {
  const store = corpus.store();
  const build = await openBuild(store, (await readManifest(store))!);
  const names = new Map<string, string>();
  const rows: Row[] = [];
  for (const part of build.state.rows.get('acquire')!.values())
    if (part.rows > 0)
      for await (const row of openPart(store, part).readRows(['item'])) names.set(row.id, String(row.item));
  for (const part of build.state.tables.get('select/decisions')!)
    if (part.rows > 0)
      for await (const row of openPart(store, part).readRows(['keep', 'witness'])) rows.push(row);
  return Object.fromEntries(
    rows
      .map(({ id, keep, witness }) => {
        const of = witness === undefined ? {} : { witness: names.get(witness as string)! };
        return [names.get(id)!, { keep: keep as boolean, ...of }] as const;
      })
      .filter(([name]) => name.startsWith('copy-')),
  );
}

it('a deleted survivor brings back the best of its component, to the bytes of a build from nothing', async () => {
  const others = makeNearTexts(40, 9);
  await using corpus = await TestCorpus.make(0, recipe);
  await corpus.remove('notes');
  await corpus.write('notes/one.txt', 'a note for itself, so that the folder is there');
  await write(corpus, [...others, ...family]);
  await corpus.run();
  const gone = { keep: false, witness: 'copy-3' };
  expect(await decisionsOf(corpus)).toEqual({
    'copy-0': gone,
    'copy-1': gone,
    'copy-2': gone,
    'copy-3': { keep: true },
  });
  await write(corpus, [...others, ...family.slice(0, 3)]);
  await corpus.run();
  const next = { keep: false, witness: 'copy-2' };
  expect(await decisionsOf(corpus)).toEqual({ 'copy-0': next, 'copy-1': next, 'copy-2': { keep: true } });
  await corpus.run({ corpus: 'fresh' });
  expect(await corpus.files('corpus')).toEqual(await corpus.files('fresh'));
});
