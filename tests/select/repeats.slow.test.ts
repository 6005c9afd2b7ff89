// Repeated passages, lines and paragraphs, containment and addresses as stages of a build, through the engine.
import { describe, expect, it } from 'vitest';
import { createRandom, documentId, type Row } from '@gristmill/core';
import { explainDocument, openBuild, readManifest, type Recipe } from '@gristmill/corpus';
import { openPart } from '@gristmill/shards';
import { joinSpans } from '@gristmill/select';
import { passagesPlainly, piecesPlainly } from '../../libs/dedup/src/repeats-reference.ts';
import { recipeOf, TestCorpus } from '../corpus/corpora.ts';
import { makeRepeatedTexts } from '../dedup/near-texts.ts';

type Options = Recipe['steps'][number]['options'];

function repeatRecipe(select: Options = {}): Recipe {
  const { steps, ...recipe } = recipeOf();
  const dedup = (name: string) => ({ stage: 'dedup', module: '@gristmill/dedup', export: name }) as const;
  return {
    ...recipe,
    steps: [
      ...steps.filter(({ stage }) => ['extract', 'clean', 'annotate'].includes(stage)),
      dedup('dedupStage'),
      dedup('passageStage'),
      dedup('paragraphStage'),
      { stage: 'select', module: '@gristmill/select', export: 'selectStage', options: select },
    ],
  };
}

interface Post {
  readonly id?: string;
  readonly url?: string;
  readonly text: string;
}

const idOf = ({ id, url }: Post): string =>
  documentId(url ? { name: 'posts', url } : { name: 'posts', path: 'all.jsonl', item: id });

async function makeCorpus(posts: readonly Post[], recipe: Recipe): Promise<TestCorpus> {
  const corpus = await TestCorpus.make(0, recipe);
  await corpus.remove('notes');
  await corpus.write('notes/one.txt', 'a note for itself, so that the folder is there');
  await writePosts(corpus, posts);
  return corpus;
}

function writePosts(corpus: TestCorpus, posts: readonly Post[]): Promise<void> {
  return corpus.write('posts/all.jsonl', posts.map((line) => JSON.stringify(line)).join('\n'));
}

async function readTable(corpus: TestCorpus, table: string, columns: readonly string[]): Promise<Row[]> {
  const store = corpus.store();
  const build = await openBuild(store, (await readManifest(store))!);
  const rows: Row[] = [];
  for (const part of build.state.tables.get(table) ?? [])
    if (part.rows > 0) for await (const row of openPart(store, part).readRows(columns)) rows.push(row);
  return rows;
}

async function decisionsOf(corpus: TestCorpus): Promise<Map<string, Row>> {
  const columns = ['keep', 'split', 'removals', 'reason', 'witness', 'similarity'];
  return new Map((await readTable(corpus, 'select/decisions', columns)).map((row) => [row.id, row]));
}

type Spans = [number, number][];

/** What decisions cut of each text, by id; a document of which nothing stays is dropped as a whole. */
function cutsOf(decisions: ReadonlyMap<string, Row>, texts: readonly { id: string; text: string }[]) {
  const cuts = new Map<string, unknown>();
  for (const { id, text } of [...texts].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const { removals, reason } = decisions.get(id)!;
    if (removals !== undefined) cuts.set(id, removals);
    else if (reason === 'repeated') cuts.set(id, [[0, text.length]]);
  }
  return cuts;
}

function joinAll(kinds: readonly ReadonlyMap<string, Spans>[]): Map<string, Spans> {
  const ids = [...new Set(kinds.flatMap((spans) => [...spans.keys()]))].sort();
  return new Map(ids.map((id) => [id, joinSpans(kinds.flatMap((spans) => spans.get(id) ?? []))]));
}

/** The clean stand-in's form. */
const cleaned = (text: string): string => text.toLowerCase().trimEnd();

describe('repeated text in a build', () => {
  it('goes by policy from all kept documents but the best, and nothing goes without a policy', async () => {
    const posts = makeRepeatedTexts(50).map(({ id, text }) => ({ id, text }));
    await using corpus = await makeCorpus(posts, repeatRecipe());
    await corpus.run();
    const before = await decisionsOf(corpus);
    expect([...before.values()].filter((row) => row.removals !== undefined)).toEqual([]);
    const ranked = posts
      .map((post) => ({ id: idOf(post), text: cleaned(post.text), quality: 0 }))
      .filter(({ id }) => before.get(id)!.keep === true);
    const expected = {
      passages: passagesPlainly(ranked, 50),
      lines: piecesPlainly(ranked, 'lines', 5),
      paragraphs: piecesPlainly(ranked, 'paragraphs', 5),
    };
    for (const [kind, spans] of Object.entries(expected)) {
      await corpus.setRecipe(repeatRecipe({ repeats: { [kind]: 'remove' } }));
      await corpus.run();
      expect(cutsOf(await decisionsOf(corpus), ranked)).toEqual(joinAll([spans]));
      expect(spans.size).toBeGreaterThan(3);
    }
    await corpus.setRecipe(
      repeatRecipe({ repeats: { passages: 'remove', lines: 'remove', paragraphs: 'remove' } }),
    );
    await corpus.run();
    expect(cutsOf(await decisionsOf(corpus), ranked)).toEqual(joinAll(Object.values(expected)));
  });

  it('is counted as signals that a policy can name', async () => {
    const line = 'the very same line stands in many of these documents';
    const posts = Array.from({ length: 60 }, (_, i) => ({
      id: `p${i}`,
      text: `${line}\n\n${makeRepeatedTexts(60)[i].text}`.slice(0, i < 3 ? 80 : undefined),
    }));
    const rules = [
      { name: 'most', signal: 'repeatedLineFraction', op: '>', value: 0.5, reason: 'repeated-lines' },
    ];
    await using corpus = await makeCorpus(
      posts,
      repeatRecipe({ policies: { post: [{ name: 'lines', rules }] }, duplicates: { threshold: null } }),
    );
    await corpus.run();
    const signals = await readTable(corpus, 'paragraphs/repeats', [
      'repeatedLineFraction',
      'repeatedParagraphFraction',
      'sharingDocuments',
    ]);
    const byId = new Map(signals.map((row) => [row.id, row]));
    const first = byId.get(idOf(posts[0]))!;
    expect(first.repeatedLineFraction).toBeCloseTo((line.length + 1) / cleaned(posts[0].text).length, 6);
    expect(first.sharingDocuments).toBe(51);
    const decisions = await decisionsOf(corpus);
    const dropped = [...decisions.values()].filter(({ reason }) => reason === 'repeated-lines');
    expect(dropped.map(({ id }) => id).sort()).toEqual(
      signals.filter((row) => (row.repeatedLineFraction as number) > 0.5).map(({ id }) => id),
    );
    expect(dropped.length).toBeGreaterThan(2);
  });

  it('gives the bytes of a build from nothing after random edits, with any number of threads', async () => {
    const random = createRandom(11);
    let posts: Post[] = makeRepeatedTexts(60, 2).map(({ id, text }) => ({ id, text }));
    const spare = makeRepeatedTexts(100, 2).slice(60);
    const options: Options = {
      repeats: { passages: 'remove', lines: 'remove' },
      duplicates: { containment: 0.8 },
      split: { validation: 0.4 },
    };
    await using corpus = await makeCorpus(posts, repeatRecipe(options));
    await corpus.run();
    for (let round = 0; round < 2; round++) {
      posts = posts.filter(() => random() > 0.05);
      posts = posts.map((post) => (random() < 0.05 ? { ...post, text: `${post.text} changed` } : post));
      posts.push(...spare.splice(0, 8));
      await writePosts(corpus, [...posts].reverse());
      await corpus.run({ workers: round === 1 ? 2 : 0 });
      await corpus.run({ corpus: 'fresh' });
      expect(await corpus.files()).toEqual(await corpus.files('fresh'));
      await corpus.remove('fresh');
    }
  });
});

describe('containment in a build', () => {
  const texts = makeRepeatedTexts(30, 7).map(({ text }) => text.replace(/\s+/g, ' '));
  const book = texts.slice(0, 12).join(' ');
  const posts: Post[] = [
    { id: 'book', text: book },
    ...texts.slice(0, 6).map((text, i) => ({ id: `chapter-${i}`, text })),
    { id: 'copy', text: texts[0].toUpperCase() },
    ...texts.slice(14, 30).map((text, i) => ({ id: `other-${i}`, text })),
  ];
  const bookId = idOf(posts[0]);
  const chapterIds = posts.slice(1, 7).map(idOf);

  it('puts a text and its excerpts into one split, whatever the seed', async () => {
    await using corpus = await makeCorpus(posts, repeatRecipe());
    const splits = new Set<unknown>();
    for (let seed = 1; seed < 5; seed++) {
      await corpus.setRecipe(repeatRecipe({ split: { validation: 0.5, seed } }));
      await corpus.run();
      const decisions = await decisionsOf(corpus);
      for (const id of chapterIds) expect(decisions.get(id)!.split).toBe(decisions.get(bookId)!.split);
      splits.add(decisions.get(bookId)!.split);
      expect([...decisions.values()].filter(({ reason }) => reason === 'contained')).toEqual([]);
    }
    expect(splits.size).toBe(2);
  });

  it('removes excerpts in favour of a kept longer text where the policy says so', async () => {
    await using corpus = await makeCorpus(posts, repeatRecipe({ duplicates: { containment: 0.9 } }));
    await corpus.run();
    const decisions = await decisionsOf(corpus);
    expect(decisions.get(bookId)!.keep).toBe(true);
    const copies = [chapterIds[0], idOf(posts[7])];
    for (const id of [...chapterIds, ...copies]) {
      const { keep, reason, witness, similarity } = decisions.get(id)!;
      expect({ keep, witness, reason }).toEqual({ keep: false, witness: bookId, reason: 'contained' });
      expect(similarity).toBeGreaterThanOrEqual(0.9);
    }
    const { cluster } = await explainDocument(corpus.store(), chapterIds[0]);
    const place = { place: 'posts/all.jsonl/book', kept: true };
    expect(cluster.find(({ id }) => id === bookId)).toMatchObject({ ...place, containment: 1 });
    const twin = { similarity: 1, kept: false, witness: bookId };
    expect(cluster.find(({ id }) => id === idOf(posts[7]))).toMatchObject(twin);
    const ofBook = await explainDocument(corpus.store(), bookId);
    const firsts = [chapterIds[0], idOf(posts[7])].sort().slice(0, 1);
    expect(ofBook.cluster.map(({ id }) => id)).toEqual(
      expect.arrayContaining([...chapterIds.slice(1), ...firsts]),
    );
    for (const row of decisions.values())
      if (row.witness !== undefined) expect(decisions.get(row.witness as string)!.keep).toBe(true);
  });
});

describe('documents of one address', () => {
  it('are duplicates from a lower similarity on, where the policy says so', async () => {
    const [first, second] = makeRepeatedTexts(12, 8).filter(({ text }) => text.split(' ').length > 150);
    const words = first.text.split(' ');
    const posts: Post[] = [
      { url: 'http://www.example.org/a/', text: words.join(' ') },
      { url: 'https://example.org/a', text: words.slice(0, words.length * 0.7).join(' ') },
      { url: 'http://example.org/a', text: second.text },
      { url: 'https://example.org/b', text: words.slice(words.length * 0.3).join(' ') },
    ];
    await using corpus = await makeCorpus(posts, repeatRecipe());
    await corpus.run();
    const near = [...(await decisionsOf(corpus)).values()].filter(({ keep }) => keep === false);
    expect(near).toEqual([]);
    await corpus.setRecipe(repeatRecipe({ duplicates: { sameAddress: 0.5 } }));
    await corpus.run();
    const decisions = await decisionsOf(corpus);
    const gone = posts.filter((post) => decisions.get(idOf(post))!.keep === false);
    expect(gone.map(({ url }) => url)).toEqual(
      ['https://example.org/a', 'https://example.org/a?utm_source=x'].slice(0, gone.length),
    );
    expect(decisions.get(idOf(posts[1]))!).toMatchObject({
      reason: 'near-duplicate',
      witness: idOf(posts[0]),
    });
  });
});
