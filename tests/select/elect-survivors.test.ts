import { describe, expect, it } from 'vitest';
import { createRandom, shuffle } from '@gristmill/core';
import { electSurvivors, type Candidate } from '@gristmill/select';

const candidate = (id: string, form: number, quality = 0, length = 100): Candidate => ({
  id,
  form,
  quality,
  length,
});
const edge = (a: number, b: number, similarity: number, star = false) => ({ a, b, similarity, star });
const options = { threshold: 0.8 };

describe('an election', () => {
  it('keeps the best by quality, then the longer, then the lesser id', () => {
    const edges = [edge(0, 1, 0.9), edge(1, 2, 0.9), edge(0, 2, 0.9)];
    const removed = (candidates: Candidate[]) =>
      electSurvivors(candidates, edges, options).map(({ id, witness }) => `${id}→${witness}`);
    expect(removed([candidate('a', 0), candidate('b', 1), candidate('c', 2)])).toEqual(['b→a', 'c→a']);
    expect(removed([candidate('a', 0), candidate('b', 1, 0, 101), candidate('c', 2)])).toEqual([
      'a→b',
      'c→b',
    ]);
    expect(removed([candidate('a', 0), candidate('b', 1, 0, 101), candidate('c', 2, 1, 5)])).toEqual([
      'b→c',
      'a→c',
    ]);
  });

  it('keeps both ends of a chain whose ends are unlike', () => {
    const chain = [candidate('a', 0), candidate('b', 1), candidate('c', 2)];
    expect(electSurvivors(chain, [edge(0, 1, 0.9), edge(1, 2, 0.85)], options)).toEqual([
      { id: 'b', witness: 'a', similarity: 0.9 },
    ]);
  });

  it('keeps one of exact duplicates, and the longer of a containment whatever its quality', () => {
    expect(electSurvivors([candidate('b', 0), candidate('a', 0)], [], options)).toEqual([
      { id: 'b', witness: 'a', similarity: 1 },
    ]);
    const [short, long] = [candidate('a', 0, 9, 10), candidate('b', 1, 0, 99)];
    expect(electSurvivors([short, long], [edge(0, 1, 1)], { ...options, longerFirst: true })).toEqual([
      { id: 'a', witness: 'b', similarity: 1 },
    ]);
  });

  it('joins leaves of a star by the triangle inequality, with or without their centre', () => {
    const edges = [edge(0, 1, 0.95, true), edge(0, 2, 0.9, true), edge(0, 3, 0.8, true)];
    const leaves = [candidate('b', 1), candidate('c', 2), candidate('d', 3)];
    expect(electSurvivors(leaves, edges, options)).toEqual([
      { id: 'c', witness: 'b', similarity: undefined },
    ]);
    expect(electSurvivors([candidate('a', 0), ...leaves], edges, options).map(({ id }) => id)).toEqual([
      'b',
      'c',
      'd',
    ]);
    expect(
      electSurvivors(
        leaves,
        edges.map((other) => ({ ...other, star: false })),
        options,
      ),
    ).toEqual([]);
  });

  it('leaves no survivor with an edge to another and no removed one without a kept witness, in any order', () => {
    const random = createRandom(3);
    const candidates = Array.from({ length: 300 }, (_, i) =>
      candidate(`d${i}`, Math.floor(random() * 250), Math.floor(random() * 3), Math.floor(random() * 5)),
    );
    const pairs = new Map<string, ReturnType<typeof edge>>();
    for (let i = 0; i < 500; i++) {
      const [a, b] = [Math.floor(random() * 250), Math.floor(random() * 250)];
      if (a < b) pairs.set(`${a} ${b}`, edge(a, b, 0.5 + random() / 2));
    }
    const edges = [...pairs.values()];
    const removals = electSurvivors(candidates, edges, options);
    const removed = new Map(removals.map((removal) => [removal.id, removal]));
    const close = (a: Candidate, b: Candidate) =>
      a.form === b.form ||
      edges.some((e) => e.similarity >= 0.8 && [e.a, e.b].includes(a.form) && [e.a, e.b].includes(b.form));
    const byId = new Map(candidates.map((one) => [one.id, one]));
    const kept = candidates.filter(({ id }) => !removed.has(id));
    for (const a of kept) for (const b of kept) if (a !== b) expect(close(a, b)).toBe(false);
    for (const { id, witness } of removals) {
      expect(removed.has(witness)).toBe(false);
      expect(close(byId.get(id)!, byId.get(witness)!)).toBe(true);
    }
    expect(electSurvivors(shuffle([...candidates], random), shuffle(edges, random), options)).toEqual(
      removals,
    );
  });
});
