// Seeded sequences of updates of a small corpus with all that an election knows: twins, near duplicates, a family large
// enough for a star, groups across components, excerpts, a policy that drops, thresholds that change.
import { createRandom } from '@gristmill/core';
import type { Recipe } from '@gristmill/corpus';
import { recipeOf, TestCorpus } from '../corpus/corpora.ts';
import { makeNearTexts, wordOf } from '../dedup/near-texts.ts';

interface Post {
  readonly id: string;
  readonly text: string;
  readonly group?: string;
}

export interface UpdateOptions {
  readonly seed: number;
  /** With groups and pairs of which one contains the other. */
  readonly withGroups: boolean;
}

const thresholds = [0.8, 0.7, 0.8, 0.95];

function recipe(withGroups: boolean, round: number): Recipe {
  const { steps, sources, ...rest } = recipeOf();
  const dedup = (name: string) => ({ stage: 'dedup', module: '@gristmill/dedup', export: name }) as const;
  const rules = [{ name: 'least', signal: 'length', op: '<', value: 300, reason: 'short' }];
  const fields = { textField: '/text', idField: '/id' };
  const options = {
    policies: { post: [{ name: 'own', rules }] },
    own: { least: round % 3 === 2 ? 400 : 300 },
    duplicates: {
      threshold: thresholds[round % 4],
      ...(withGroups && { containment: 0.8 }),
      sameAddress: 0.6,
    },
    quality: { signal: 'length', scale: withGroups ? 1 : 0.01 },
    split: { validation: 0.3, test: 0.2 },
  };
  const importer = { module: '@gristmill/import', export: 'jsonDocumentsImporter' };
  return {
    ...rest,
    sources: [
      sources[0],
      {
        ...sources[1],
        import: { ...importer, options: withGroups ? { ...fields, groupField: '/group' } : fields },
      },
    ],
    steps: [
      ...steps.filter(({ stage }) => ['extract', 'clean', 'annotate'].includes(stage)),
      dedup('dedupStage'),
      ...(withGroups ? [dedup('passageStage')] : []),
      { stage: 'select', module: '@gristmill/select', export: 'selectStage', options },
    ],
  };
}

/** More than fifty of one text, each with words of its own: dedup joins them by stars. */
function makeFamily(seed: number): Post[] {
  const random = createRandom(seed);
  const words = makeNearTexts(12, seed + 1)
    .map(({ text }) => text)
    .join(' ')
    .split(' ')
    .slice(0, 700);
  return Array.from({ length: 66 }, (_, i) => {
    const own = words.with(Math.floor(random() * words.length), wordOf(i));
    return { id: `family-${i}`, text: [...own, ...Array.from({ length: i % 3 }, () => 'more')].join(' ') };
  });
}

function makePosts(seed: number): Post[] {
  const random = createRandom(seed);
  const texts: Post[] = makeNearTexts(90, seed).map(({ id, text }) => ({ id, text }));
  const excerpts = texts
    .slice(0, 8)
    .map(({ id, text }) => ({ id: `part-${id}`, text: text.slice(0, text.length * 0.7) }));
  return [...texts, ...excerpts, ...makeFamily(seed)].map((post) =>
    random() < 0.3 ? { ...post, group: `group-${Math.floor(random() * 12)}` } : post,
  );
}

function edit(posts: readonly Post[], random: () => number): Post[] {
  const kept = posts.filter(() => random() > 0.04);
  const moved = kept.map((post) => {
    const dice = random();
    if (dice < 0.04) return { ...post, text: `${post.text} changed ${Math.floor(random() * 9)}` };
    if (dice < 0.06) return { ...post, text: posts[Math.floor(random() * posts.length)].text };
    return dice < 0.08 ? { ...post, group: `group-${Math.floor(random() * 12)}` } : post;
  });
  return [
    ...moved,
    ...makeNearTexts(6, Math.floor(random() * 1e6)).map(({ text }) => ({ id: `new-${random()}`, text })),
  ];
}

/** Yields after every update the files of the updated corpus and of a build from nothing. */
export async function* updates({ seed, withGroups }: UpdateOptions, rounds: number) {
  const random = createRandom(seed);
  let posts = makePosts(seed);
  await using corpus = await TestCorpus.make(0, recipe(withGroups, 0));
  await corpus.remove('notes');
  await corpus.write('notes/one.txt', 'a note for itself, so that the folder is there');
  const write = () => corpus.write('posts/all.json', JSON.stringify(posts));
  await write();
  await corpus.run();
  for (let round = 1; round <= rounds; round++) {
    // The recipe changes at every second update only: the others may patch all that there is.
    const isEdit = round % 3 !== 0;
    if (isEdit) posts = edit(posts, random);
    else await corpus.setRecipe(recipe(withGroups, round / 3));
    await write();
    await corpus.run();
    await corpus.run({ corpus: 'fresh' });
    yield { updated: await corpus.files(), fresh: await corpus.files('fresh'), corpus };
    await corpus.remove('fresh');
  }
}
