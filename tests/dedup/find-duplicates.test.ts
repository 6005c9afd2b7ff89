import { describe, expect, it } from 'vitest';
import { createRandom, shuffle } from '@gristmill/core';
import { findDuplicates } from '@gristmill/dedup';
import { electSurvivors } from '@gristmill/select';
import { overlapPlainly } from '../../libs/dedup/src/fingerprint-reference.ts';
import { makeNearTexts, type NearText } from './near-texts.ts';

const jaccard = (a: string, b: string): number => {
  const overlap = overlapPlainly(a, b);
  return overlap.both / (overlap.a + overlap.b - overlap.both);
};

/** Edges by the names of the texts, sorted. */
async function edgesOf(texts: readonly NearText[], measure: 'jaccard' | 'containment' = 'jaccard') {
  const { formOf, edges } = await findDuplicates(
    texts.map(({ text }) => text),
    { measure },
  );
  const names = new Map<number, string>();
  for (const [i, form] of formOf.entries())
    names.set(form, [...(names.get(form)?.split('+') ?? []), texts[i].id].sort().join('+'));
  return edges
    .map(({ a, b, similarity }) => [...[names.get(a)!, names.get(b)!].sort(), similarity])
    .sort((x, y) => (String(x) < String(y) ? -1 : 1));
}

async function removalsOf(texts: readonly NearText[], threshold = 0.8) {
  const { formOf, edges, measure } = await findDuplicates(texts.map(({ text }) => text));
  const candidates = texts.map(({ id, text }, i) => ({
    id,
    form: formOf[i],
    quality: 0,
    length: text.length,
  }));
  const place = new Map(texts.map(({ id }, i) => [id, i]));
  return electSurvivors(candidates, edges, { threshold })
    .map(({ id, witness, similarity }) => ({
      id,
      witness,
      similarity: similarity ?? measure(place.get(id)!, place.get(witness)!),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

describe('near duplicates', () => {
  const texts = makeNearTexts(600);

  it('include every pair of at least .8, each with its true similarity', async () => {
    const found = new Map((await edgesOf(texts)).map(([a, b, similarity]) => [`${a}|${b}`, similarity]));
    const { formOf } = await findDuplicates(texts.map(({ text }) => text));
    const named = [...found.keys()].map((key) => key.split('|').map((side) => side.split('+')));
    let close = 0;
    for (const [i, { id, text, of }] of texts.entries()) {
      if (of === undefined || jaccard(text, texts[of].text) < 0.8 || formOf[i] === formOf[of]) continue;
      close++;
      const joined = named.some(
        ([a, b]) =>
          (a.includes(id) && b.includes(texts[of].id)) || (b.includes(id) && a.includes(texts[of].id)),
      );
      expect(joined).toBe(true);
    }
    expect(close).toBeGreaterThan(30);
    const textOf = new Map(texts.map(({ id, text }) => [id, text]));
    for (const [key, similarity] of found) {
      const [a, b] = key.split('|').map((side) => textOf.get(side.split('+')[0])!);
      expect(similarity).toBe(jaccard(a, b));
    }
  });

  it('leave for every removed text a kept witness of at least the threshold', async () => {
    const removals = await removalsOf(texts);
    const removed = new Set(removals.map(({ id }) => id));
    const textOf = new Map(texts.map(({ id, text }) => [id, text]));
    expect(removals.length).toBeGreaterThan(100);
    for (const { id, witness, similarity } of removals) {
      expect(removed.has(witness)).toBe(false);
      expect(similarity).toBe(jaccard(textOf.get(id)!, textOf.get(witness)!));
      expect(similarity).toBeGreaterThanOrEqual(0.8);
    }
  });

  it('do not depend on the order of the input', async () => {
    const expected = await edgesOf(texts);
    const elected = await removalsOf(texts);
    for (const seed of [1, 2, 3]) {
      const shuffled = shuffle([...texts], createRandom(seed));
      expect(await edgesOf(shuffled)).toEqual(expected);
      expect(await removalsOf(shuffled)).toEqual(elected);
    }
  });

  it('in buckets of more than 50 are found by stars, and the like still share one survivor', async () => {
    const random = createRandom(5);
    const base = makeNearTexts(11)[0].text.split(' ');
    const many = Array.from({ length: 200 }, (_, i) => {
      const words = [...base];
      words[Math.floor(random() * words.length)] = 'only';
      return { id: `copy-${i}`, text: words.join(' ') };
    });
    const removals = await removalsOf(many);
    expect(removals.length).toBeGreaterThan(150);
    for (const { similarity } of removals) expect(similarity).toBeGreaterThanOrEqual(0.8);
  });

  it('never include texts without words', async () => {
    const { formOf } = await findDuplicates(['', '...', '!?', 'word']);
    expect([...formOf]).toEqual([-1, -1, -1, 0]);
  });
});

describe('containment', () => {
  const [whole, other] = makeNearTexts(60).filter(({ text }) => text.length > 700);
  const part = whole.text.split(' ').slice(20, 60).join(' ');

  it('finds an excerpt, whatever surrounds it', async () => {
    const texts = [whole, other, { id: 'part', text: part }];
    expect(await edgesOf(texts, 'containment')).toEqual([[whole.id, 'part'].sort().concat(1 as never)]);
    expect(await edgesOf(texts)).toEqual([]);
  });

  it('takes a fingerprint in more than 50 texts for boilerplate', async () => {
    const texts = makeNearTexts(400, 9)
      .filter(({ of }) => of === undefined)
      .slice(0, 80)
      .map(({ id, text }) => ({ id, text: `${text} ${part}` }));
    // Where the passage meets the text around it, a few short texts still share a fingerprint with few others.
    expect((await edgesOf(texts, 'containment')).length).toBeLessThan(0.01 * 80 * 79);
  });
});
