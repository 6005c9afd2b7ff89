// Repeated passages, lines and paragraphs against plain versions over strings.
import { describe, expect, it } from 'vitest';
import { createRandom, forEachEqual, shuffle, type HashSource } from '@gristmill/core';
import { createFingerprinter, findPassages, findPieces, type RepeatedText } from '@gristmill/dedup';
import { joinSpans, markCopies } from '@gristmill/select';
import { normalizeForDedup } from '@gristmill/text';
import { shinglesPlainly } from '../../libs/dedup/src/fingerprint-reference.ts';
import {
  lineSpans,
  paragraphSpans,
  passagesPlainly,
  piecesPlainly,
  type RankedText,
} from '../../libs/dedup/src/repeats-reference.ts';
import { toUnits } from '../../libs/dedup/src/to-units.ts';
import { winnowPlainly } from '../../libs/dedup/src/winnowing.ts';
import { makeNearTexts, makeRepeatedTexts } from './near-texts.ts';

const fingerprinter = createFingerprinter();

/** What goes of each text, as dedup and select find it. */
async function cutsOf(
  texts: readonly RankedText[],
  find: (texts: string[]) => Promise<RepeatedText[]>,
  keepsOwn: boolean,
): Promise<Map<string, [number, number][]>> {
  const sorted = [...texts].sort((a, b) => (a.id < b.id ? -1 : 1));
  const repeats = await find(sorted.map(({ text }) => text));
  const source: HashSource = {
    total: repeats.reduce((sum, { hashes }) => sum + hashes.length, 0),
    rows: () => repeats.map(({ hashes }, owner) => ({ owner, hashes: new Uint8Array(hashes.buffer) })),
  };
  const qualities = Int32Array.from(sorted, ({ quality }) => quality);
  const marks = await markCopies(source, { qualities, keepsOwn });
  let at = 0;
  const cuts = new Map<string, [number, number][]>();
  for (const [i, { hashes, spans }] of repeats.entries()) {
    const own = [...hashes.keys()].filter((k) => marks[at + k] === 1);
    at += hashes.length;
    if (own.length > 0)
      cuts.set(sorted[i].id, joinSpans(own.map((k) => [spans[2 * k], spans[2 * k + 1]] as const)));
  }
  return cuts;
}

const joined = (spans: ReadonlyMap<string, [number, number][]>) =>
  new Map([...spans].map(([id, list]) => [id, joinSpans(list)]));
const sortedMap = (map: ReadonlyMap<string, unknown>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

describe('equal hashes', () => {
  it('are found alike whatever the size of a slice', async () => {
    const random = createRandom(3);
    const lists = Array.from({ length: 300 }, () =>
      BigUint64Array.from({ length: Math.floor(random() * 20) }, () => {
        // Some agree in the leading 32 bits only.
        const high = BigInt(Math.floor(random() * 60)) * 0x9e3779b9n;
        return ((high & 0xffffffffn) << 32n) | BigInt(Math.floor(random() * 8));
      }),
    );
    const source: HashSource = {
      total: lists.reduce((sum, list) => sum + list.length, 0),
      rows: () => lists.map((list, owner) => ({ owner, hashes: new Uint8Array(list.buffer) })),
    };
    const places = new Map<bigint, [number, number][]>();
    let entry = 0;
    for (const [owner, list] of lists.entries())
      for (const hash of list) places.set(hash, [...(places.get(hash) ?? []), [entry++, owner]]);
    const expected = [...places].filter(([, list]) => list.length > 1).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const atOnce of [1 << 20, 500, 40]) {
      const groups: [number, number][][] = [];
      await forEachEqual(
        source,
        (entries, owners) => groups.push([...entries].map((number, i) => [number, owners[i]])),
        atOnce,
      );
      expect(groups).toEqual(expected.map(([, list]) => list));
    }
  });
});

describe('fingerprints of passages', () => {
  it('are the winnowed n-grams of the plain version', () => {
    for (const { text } of makeNearTexts(30, 4)) {
      const { positions, prints, words } = fingerprinter.winnowed(text, 8, 25);
      const hashes = shinglesPlainly(text, 8);
      expect([...positions]).toEqual(winnowPlainly(hashes, 25));
      expect([...prints]).toEqual([...positions].map((position) => hashes[position]));
      expect(words).toBe(normalizeForDedup(text).split(' ').length);
    }
  });
});

describe('lines and paragraphs', () => {
  const hard = [
    '',
    '\n\n',
    'one',
    'one\ntwo words\n\n three\r\n \t \n***\n\nfour, ende – ß 日本語\n',
    '\n  first\nsecond\n\n\n\nthird 😀 line\n—\nfourth',
    '***\n\nafter a line without words\n\n***\n',
  ];
  it('are those of the plain version, with the hash of their words alone', () => {
    const byHash = new Map<bigint, string>();
    for (const text of [...hard, ...makeRepeatedTexts(10).map((entry) => entry.text)]) {
      const { lines, paragraphs } = fingerprinter.pieces(text);
      const plain = { lines: lineSpans(text), paragraphs: paragraphSpans(text) };
      for (const [kind, pieces] of Object.entries({ lines, paragraphs })) {
        const spans = plain[kind as 'lines'].filter((span) => normalizeForDedup(text.slice(...span)) !== '');
        expect([...toUnits(text, pieces.spans)]).toEqual(spans.flat());
        for (const [i, span] of spans.entries()) {
          const normal = normalizeForDedup(text.slice(...span));
          expect(pieces.words[i]).toBe(normal.split(' ').length);
          expect(byHash.get(pieces.hashes[i]) ?? normal).toBe(normal);
          byHash.set(pieces.hashes[i], normal);
        }
      }
    }
    expect(new Set(byHash.values()).size).toBe(byHash.size);
  });

  it('that other texts have go, but for the best copy', async () => {
    const texts = makeRepeatedTexts(120);
    for (const kind of ['lines', 'paragraphs'] as const) {
      const expected = joined(piecesPlainly(texts, kind, 5));
      expect(expected.size).toBeGreaterThan(10);
      const cuts = await cutsOf(texts, async (list) => (await findPieces(list))[kind], true);
      expect(sortedMap(cuts)).toEqual(sortedMap(expected));
    }
  });
});

describe('repeated passages', () => {
  it('are every run of 50 words that lies elsewhere, and the best copy of each stays', async () => {
    for (const seed of [1, 2, 3]) {
      const texts = makeRepeatedTexts(40, seed);
      const expected = joined(passagesPlainly(texts, 50));
      expect(expected.size).toBeGreaterThan(8);
      const cuts = await cutsOf(texts, findPassages, false);
      expect(sortedMap(cuts)).toEqual(sortedMap(expected));
    }
  });

  it('do not depend on the order of the texts', async () => {
    const texts = makeRepeatedTexts(40, 5);
    const expected = sortedMap(await cutsOf(texts, findPassages, false));
    const shuffled = shuffle([...texts], createRandom(9));
    expect(sortedMap(await cutsOf(shuffled, findPassages, false))).toEqual(expected);
  });

  it('of 49 words stay', async () => {
    const words = Array.from(
      { length: 160 },
      (_, i) => `w${String.fromCharCode(97 + (i % 26))}${'x'.repeat(i / 26)}`,
    );
    const copy = (length: number): RankedText[] => [
      { id: 'a', text: words.slice(0, 110).join(' '), quality: 0 },
      { id: 'b', text: [...words.slice(130), ...words.slice(20, 20 + length), 'end'].join(' '), quality: 0 },
    ];
    expect((await cutsOf(copy(49), findPassages, false)).size).toBe(0);
    const cuts = await cutsOf(copy(50), findPassages, false);
    const [[start, end]] = cuts.get('b')!;
    expect(copy(50)[1].text.slice(start, end)).toBe(`${words.slice(20, 70).join(' ')} `);
  });
});
