// Batches that objectives make of the loader's rows.
import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import {
  createMasked,
  createPairs,
  createPrefix,
  createSpans,
  createSplitPrefix,
  type LoadedRows,
} from '@gristmill/models';

const [endOfText, pad, mask, classify, separate] = [0, 1, 2, 3, 4];
const tokens = { endOfText, pad, mask, classify, separate, decoderStart: 1, firstSentinel: 199 };

/** Rows of packed documents that each end in 0; the last one ends in padding. Tokens are 10 … 99. */
function loadRows(rows: number, length: number, seed = 1, marked = false): LoadedRows {
  const random = createRandom(seed);
  const size = rows * length;
  const [inputs, targets] = [new Int32Array(size), new Int32Array(size)];
  const [segments, positions] = [new Int32Array(size).fill(-1), new Int32Array(size)];
  const lossMask = new Uint8Array(size);
  for (let row = 0; row < rows; row++) {
    const used = row === rows - 1 ? Math.ceil(length * 0.6) : length;
    for (let at = 0, document = 0; at < used; document++) {
      const count = Math.min(used - at, 4 + Math.floor(random() * 8));
      const given = marked ? 1 + Math.floor(random() * (count - 2)) : 0;
      for (let i = 0; i < count; i++, at++) {
        const target = i === count - 1 ? endOfText : 10 + Math.floor(random() * 90);
        const to = row * length + at;
        targets[to] = target;
        inputs[to] = i === 0 ? endOfText : targets[to - 1];
        segments[to] = document;
        positions[to] = i;
        lossMask[to] = i < given ? 0 : 1;
      }
    }
  }
  return { rows, inputs, targets, segments, positions, lossMask };
}

const rowsOf = (all: ArrayLike<number>, length: number): number[][] =>
  Array.from({ length: all.length / length }, (_, row) =>
    Array.from(all).slice(row * length, (row + 1) * length),
  );

const all = [
  ['masked', createMasked({ sequenceLength: 40, vocabSize: 200, seed: 7, tokens })],
  [
    'masked by documents',
    createMasked({ sequenceLength: 40, vocabSize: 200, seed: 7, tokens, documentMask: true }),
  ],
  [
    'next sentence',
    createMasked({ sequenceLength: 41, vocabSize: 200, seed: 7, tokens, nextSentence: true }),
  ],
  ['spans', createSpans({ sequenceLength: 40, seed: 7, tokens })],
  ['spans by documents', createSpans({ sequenceLength: 40, seed: 7, tokens, documentMask: true })],
  ['pairs', createPairs({ sequenceLength: 40, targetLength: 30, tokens })],
  ['prefix', createPrefix({ sequenceLength: 40, seed: 7 })],
  ['prefix of an encoder', createSplitPrefix({ sequenceLength: 40, seed: 7, tokens })],
] as const;

for (const [name, objective] of all)
  test(`a batch of ${name} has the declared shape and is a function of seed, step and row`, () => {
    const loaded = loadRows(4, objective.sampleLength, 3, name === 'pairs');
    const batch = objective.build(loaded, { step: 5 });
    const { length, further = {} } = objective.shape(4);
    expect(batch.tokens.length).toBe(4 * length);
    expect(batch.targets.length).toBe(4 * length);
    for (const [field, { shape, dtype }] of Object.entries(further)) {
      expect(batch[field].length, field).toBe(4 * (shape[0] ?? 1));
      expect(batch[field] instanceof Float32Array, field).toBe(dtype === 'f32');
    }
    expect(objective.build(loaded, { step: 5 })).toEqual(batch);
    const drawn = !name.startsWith('pairs');
    if (drawn) expect(objective.build(loaded, { step: 6 })).not.toEqual(batch);
    const filler = [...batch.tokens].filter((_, i) => batch.segments?.[i] === -1);
    if (name !== 'prefix') expect(new Set(filler)).toEqual(new Set([pad]));
    expect(batch.targets.some((target) => target >= 0)).toBe(true);
  });

test('a masked row is [CLS] text [SEP], and hides no token but of the text', () => {
  const objective = createMasked({ sequenceLength: 40, vocabSize: 200, seed: 1, tokens, probability: 0.3 });
  const loaded = loadRows(3, 38);
  const batch = objective.build(loaded, { step: 1 });
  const texts = rowsOf(loaded.targets, 38);
  rowsOf(batch.tokens, 40).forEach((row, r) => {
    const used = texts[r].length - (r === 2 ? 38 - Math.ceil(38 * 0.6) : 0);
    expect([row[0], row[used + 1]]).toEqual([classify, separate]);
    row.slice(1, used + 1).forEach((token, i) => {
      const target = batch.targets[r * 40 + 1 + i];
      if (target < 0) expect(token).toBe(texts[r][i]);
      else expect(target).toBe(texts[r][i]);
      if (texts[r][i] === endOfText) expect(target).toBe(-1);
    });
  });
});

test('half of the pairs of sentences follow each other, and the others are from other rows', () => {
  const objective = createMasked({
    sequenceLength: 41,
    vocabSize: 200,
    seed: 2,
    tokens,
    probability: 0,
    nextSentence: true,
  });
  let follows = 0;
  for (let step = 1; step <= 50; step++) {
    const loaded = loadRows(6, 38, step);
    const batch = objective.build(loaded, { step });
    rowsOf(batch.tokens, 41).forEach((row, r) => {
      const text = row.filter((token) => token >= 10 || token === endOfText);
      const own = rowsOf(loaded.targets, 38)[r].filter((_, i) => loaded.segments![r * 38 + i] >= 0);
      const label = batch.nextSentence[r];
      expect(row.filter((token) => token === separate).length).toBe(2);
      expect(JSON.stringify(text) === JSON.stringify(own)).toBe(label === 0);
      follows += label === 0 ? 1 : 0;
      const kinds = rowsOf(batch.tokenTypes, 41)[r];
      expect(kinds.indexOf(1)).toBe(row.indexOf(separate) + 1);
    });
  }
  expect(follows / 300).toBeGreaterThan(0.4);
  expect(follows / 300).toBeLessThan(0.6);
});

test('spans put together again are the text, under the numbers of their documents', () => {
  const objective = createSpans({ sequenceLength: 40, seed: 3, tokens, documentMask: true });
  const loaded = loadRows(3, objective.sampleLength);
  const batch = objective.build(loaded, { step: 2 });
  const { length, further } = objective.shape(1);
  const width = further!.encoderTokens!.shape[0];
  rowsOf(batch.encoderTokens, width).forEach((row, r) => {
    const targets = rowsOf(batch.targets, length)[r].filter((target) => target >= 0);
    const spans = new Map<number, number[]>();
    let last = -1;
    for (const token of targets.slice(0, -1))
      if (token >= 100) spans.set((last = token), []);
      else spans.get(last)!.push(token);
    const used = row.filter((_, i) => batch.encoderSegments[r * width + i] >= 0).slice(0, -1);
    const text = used.flatMap((token) => spans.get(token) ?? [token]);
    const own = rowsOf(loaded.targets, objective.sampleLength)[r].slice(0, text.length);
    expect(text).toEqual(own);
    // What the decoder tells, the encoder's tokens of the same document show the place of.
    for (let i = 0; i < length; i++) {
      const target = batch.targets[r * length + i];
      if (target < 100) continue;
      const segment = batch.segments[r * length + i];
      expect(batch.encoderSegments[r * width + row.indexOf(target)]).toBe(segment);
    }
  });
});

test('pairs are told apart by the loss mask and packed whole', () => {
  const objective = createPairs({ sequenceLength: 40, targetLength: 40, tokens });
  const loaded = loadRows(4, 40, 9, true);
  const batch = objective.build(loaded, { step: 1 });
  let pairs = 0;
  for (let row = 0; row < 4; row++)
    for (let segment = 0; ; segment++) {
      const of = (values: ArrayLike<number>, segments: ArrayLike<number>) =>
        Array.from(values).filter((_, i) => Math.floor(i / 40) === row && segments[i] === segment);
      const whole = of(loaded.targets, loaded.segments!);
      if (whole.length === 0) break;
      const source = of(batch.encoderTokens, batch.encoderSegments);
      const target = of(batch.targets, batch.segments);
      if (source.length === 0) continue;
      expect([...source.slice(0, -1), ...target]).toEqual(whole);
      expect(of(batch.tokens, batch.segments)).toEqual([1, ...target.slice(0, -1)]);
      expect(of(batch.positions, batch.segments)).toEqual(target.map((_, i) => i));
      pairs++;
    }
  expect(pairs).toBeGreaterThan(10);
});

test('a prefix shows nothing that is asked', () => {
  const objective = createPrefix({ sequenceLength: 30, seed: 4 });
  const loaded = loadRows(5, 30);
  const batch = objective.build(loaded, { step: 1 });
  rowsOf(batch.targets, 30).forEach((row, r) => {
    const first = row.findIndex((target) => target >= 0);
    const prefix = batch.prefix[r];
    if (first >= 0) expect(first).toBeGreaterThanOrEqual(prefix - 1); // input i is the token before target i
    expect(prefix).toBeGreaterThan(0);
    expect(prefix).toBeLessThan(30);
  });
});
