// What near dedup finds and what it must not take: recall and precision at a true similarity of .8 over every pair, and
// several hundred distinct books that share a vocabulary, phrases and a long licence, of which none may go.
import { describe, expect, it } from 'vitest';
import { createRandom } from '@gristmill/core';
import { findDuplicates } from '@gristmill/dedup';
import { electSurvivors } from '@gristmill/select';
import { overlapPlainly } from '../../libs/dedup/src/fingerprint-reference.ts';
import { makeNearTexts, wordOf } from './near-texts.ts';

const jaccard = (a: string, b: string): number => {
  const { both, a: first, b: second } = overlapPlainly(a, b);
  return both / (first + second - both);
};

async function removalsOf(texts: readonly string[], measure: 'jaccard' | 'containment' = 'jaccard') {
  const { formOf, edges, measure: similarity } = await findDuplicates(texts, { measure });
  const candidates = texts.map((text, i) => ({
    id: String(i),
    form: formOf[i],
    quality: 0,
    length: text.length,
  }));
  const removals = electSurvivors(candidates, edges, {
    threshold: 0.8,
    longerFirst: measure === 'containment',
  });
  return {
    formOf,
    edges,
    removals: removals.map((removal) => ({
      ...removal,
      similarity: removal.similarity ?? similarity(Number(removal.id), Number(removal.witness)),
    })),
  };
}

describe('near duplicates of seeded texts', () => {
  const texts = makeNearTexts(2500, 21);
  const bodies = texts.map(({ text }) => text);

  it('of .8 and more are found in at least 99 of 100 cases, and nothing below goes', async () => {
    const { formOf, edges, removals } = await removalsOf(bodies);
    const found = new Set(edges.map(({ a, b }) => `${a}/${b}`));
    let [close, recalled] = [0, 0];
    for (const [i, { text, of }] of texts.entries()) {
      if (of === undefined || formOf[i] === formOf[of]) continue;
      if (jaccard(text, bodies[of]) < 0.8) continue;
      close++;
      const [a, b] = [formOf[i], formOf[of]].sort((x, y) => x - y);
      if (found.has(`${a}/${b}`) || found.has(`${b}/${a}`)) recalled++;
    }
    expect(close).toBeGreaterThan(150);
    expect(recalled / close).toBeGreaterThanOrEqual(0.99);
    const gone = new Set(removals.map(({ id }) => id));
    expect(removals.length).toBeGreaterThan(300);
    for (const { id, witness, similarity } of removals) {
      expect(gone.has(witness)).toBe(false);
      expect(similarity).toBe(jaccard(bodies[Number(id)], bodies[Number(witness)]));
      expect(similarity).toBeGreaterThanOrEqual(0.8);
    }
  });
});

describe('several hundred distinct books', () => {
  const random = createRandom(8);
  const word = (): string => wordOf(Math.floor(random() ** 3 * 30_000) * 13);
  const passage = (words: number): string => Array.from({ length: words }, word).join(' ');
  const licence = passage(3000);
  const proverbs = Array.from({ length: 200 }, () => passage(6 + Math.floor(random() * 20)));
  const books = Array.from({ length: 400 }, (_, i) => {
    const chapters = Array.from({ length: 30 }, () =>
      random() < 0.3 ? `${passage(120)} ${proverbs[Math.floor(random() * 200)]}` : passage(150),
    );
    return `The book ${wordOf(i)}\n\n${chapters.join('\n\n')}\n\n${licence}`;
  });

  it('all stay, by either measure, though they share a licence of 3,000 words', async () => {
    for (const measure of ['jaccard', 'containment'] as const) {
      const { removals } = await removalsOf(books, measure);
      expect(removals).toEqual([]);
    }
  });

  it('lose only their copies, each to its own original', async () => {
    const copies = Array.from({ length: 60 }, (_, i) => {
      const words = books[i * 5].split(' ');
      for (let k = 0; k < words.length; k++) if (random() < 0.01) words[k] = word();
      return `${words.join(' ')} end`;
    });
    const { removals } = await removalsOf([...books, ...copies]);
    const pairs = removals.map(({ id, witness }) => [Number(id), Number(witness)].sort((a, b) => a - b));
    expect(pairs.sort(([a], [b]) => a - b)).toEqual(copies.map((_, i) => [i * 5, 400 + i]));
  });
});
