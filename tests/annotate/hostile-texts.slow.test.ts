import { describe, expect, it } from 'vitest';
import { computeHeuristics } from '@gristmill/annotate';
import { cleanText } from '@gristmill/clean';
import { measureReading } from '@gristmill/detect';

// One long line, many short ones, text without words, words without end, repetition, half-broken characters.
const pieces = [
  'a',
  ' ',
  '\n',
  '- ',
  'a\n\n',
  'x-\n',
  '…',
  'Ã©',
  '[1]',
  '{"a": ',
  'http://a.b/ ',
  'read more\n',
  '漢字',
  '\u200b',
];

describe('a megabyte of anything takes time in proportion', () => {
  it.each(pieces)('%j', (piece) => {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
    const start = process.cpuUsage();
    cleanText(text);
    computeHeuristics(text);
    measureReading(text);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1e6).toBeLessThan(8);
  });
});
