import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { corruptSpans, maskTokens, spanCorruptionLengths } from '@gristmill/models';

const random = createRandom(5);
const rows = 64;
const length = 568;
const tokens = Int32Array.from({ length: rows * length }, () => 5 + Math.floor(random() * 900));
const batch = { tokens, rows, step: 7 };

describe('masked language', () => {
  const options = { maskToken: 3, vocabSize: 905, special: [0, 1, 2], seed: 1 };
  const { inputs, targets } = maskTokens(batch, options);
  const chosen = [...targets.keys()].filter((i) => targets[i] >= 0);

  test('predicts 15 % of the tokens, of which 80 % are masked, 10 % random, 10 % themselves', () => {
    expect(chosen.length / tokens.length).toBeCloseTo(0.15, 2);
    expect(chosen.every((i) => targets[i] === tokens[i])).toBe(true);
    const share = (test: (i: number) => boolean) => chosen.filter(test).length / chosen.length;
    expect(share((i) => inputs[i] === 3)).toBeCloseTo(0.8, 1);
    expect(share((i) => inputs[i] === tokens[i])).toBeCloseTo(0.1, 1);
    expect(share((i) => inputs[i] !== 3 && inputs[i] !== tokens[i])).toBeCloseTo(0.1, 1);
    expect([...inputs.keys()].filter((i) => targets[i] < 0).every((i) => inputs[i] === tokens[i])).toBe(true);
    expect(inputs.every((token) => token === 3 || token > 2)).toBe(true);
  });

  test('leaves padding and special tokens alone', () => {
    const lossMask = Uint8Array.from(tokens, (_, i) => (i % length < 300 ? 1 : 0));
    const marked = tokens.map((token, i) => (i % 7 === 0 ? 2 : token));
    const masked = maskTokens({ ...batch, tokens: marked, lossMask }, options);
    const touched = [...masked.targets.keys()].filter((i) => masked.targets[i] >= 0);
    expect(touched.length).toBeGreaterThan(1000);
    expect(touched.every((i) => i % length < 300 && i % 7 !== 0)).toBe(true);
  });

  test('is the same for a row whatever rank holds it, and another at each step', () => {
    const half = tokens.subarray(32 * length);
    const second = maskTokens({ tokens: half, rows: 32, step: 7, firstRow: 32 }, options);
    expect(second.targets).toEqual(targets.subarray(32 * length));
    expect(maskTokens({ ...batch, step: 8 }, options).targets).not.toEqual(targets);
  });
});

describe('span corruption', () => {
  const options = { firstSentinel: 32099, endOfSequence: 1, padToken: 0, seed: 1 };
  const corrupted = corruptSpans(batch, options);

  test('has the lengths that T5 was trained with', () => {
    expect(spanCorruptionLengths(512)).toEqual({ tokens: 568, inputs: 512, targets: 114 });
    expect([corrupted.inputLength, corrupted.targetLength]).toEqual([512, 114]);
  });

  test('loses nothing: targets put in place of the sentinels give the row again', () => {
    for (let row = 0; row < rows; row++) {
      const spans = new Map<number, number[]>();
      let open: number[] = [];
      for (const token of corrupted.targets.subarray(row * 114, row * 114 + 113)) {
        if (token > 32000) spans.set(token, (open = []));
        else open.push(token);
      }
      const input = corrupted.inputs.subarray(row * 512, (row + 1) * 512);
      expect(input[511]).toBe(1);
      const restored = [...input.subarray(0, 511)].flatMap((token) => spans.get(token) ?? [token]);
      expect(restored).toEqual([...tokens.subarray(row * length, (row + 1) * length)]);
      expect([...spans.keys()]).toEqual(Array.from({ length: 28 }, (_, i) => 32099 - i));
    }
  });

  test('draws spans of three tokens on average, of many lengths, anew at each step and alike on each rank', () => {
    const lengths = [...corrupted.targets.subarray(0, 113)]
      .join(' ')
      .split(/ ?320\d\d ?/)
      .slice(1);
    expect(new Set(lengths.map((span) => span.split(' ').length)).size).toBeGreaterThan(4);
    expect(corruptSpans({ ...batch, step: 8 }, options).inputs).not.toEqual(corrupted.inputs);
    const half = { tokens: tokens.subarray(32 * length), rows: 32, step: 7, firstRow: 32 };
    expect(corruptSpans(half, options).inputs).toEqual(corrupted.inputs.subarray(32 * 512));
  });

  test('stops where padding begins, and leaves a row without text empty', () => {
    const lossMask = Uint8Array.from(tokens, (_, i) => (i < length ? 0 : i % length < 100 ? 1 : 0));
    const short = corruptSpans({ ...batch, lossMask }, options);
    expect(short.targets.subarray(0, 114).every((target) => target === -1)).toBe(true);
    const row = short.inputs.subarray(512, 1024);
    const end = row.indexOf(1);
    expect(end).toBe(100 - 15 + 5);
    expect(row.subarray(end + 1).every((token) => token === 0)).toBe(true);
  });
});
