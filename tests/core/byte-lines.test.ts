import { expect, test } from 'vitest';
import { createRandom, readLines } from '@gristmill/core';

async function linesOf(...chunks: Uint8Array[]): Promise<string[]> {
  const lines: string[] = [];
  async function* source() {
    for (const chunk of chunks) yield await Promise.resolve(chunk);
  }
  for await (const line of readLines(source())) lines.push(line);
  return lines;
}

const utf8 = new TextEncoder();

test('only line feeds end a line, with or without a carriage return', async () => {
  const text = '\uFEFF{"a":"\u2028 \u2029 \u0085 \v"}\r\n\n x\ry\nlast';
  expect(await linesOf(utf8.encode(text))).toEqual(['{"a":"\u2028 \u2029 \u0085 \v"}', '', ' x\ry', 'last']);
  expect(await linesOf(utf8.encode('a\n'))).toEqual(['a']);
  expect(await linesOf()).toEqual([]);
});

test('lines do not depend on where the chunks are cut', async () => {
  const random = createRandom(9);
  const alphabet = ['a', '\n', '\r\n', 'é', '東', '🙂', '\u2028', '"'];
  for (let round = 0; round < 200; round++) {
    const draw = () => alphabet[Math.floor(random() * alphabet.length)];
    const bytes = utf8.encode(Array.from({ length: 40 }, draw).join(''));
    const cuts = Array.from({ length: 6 }, () => Math.floor(random() * bytes.length)).sort((a, b) => a - b);
    const chunks = [0, ...cuts].map((cut, i) => bytes.slice(cut, [...cuts, bytes.length][i]));
    expect(await linesOf(...chunks)).toEqual(await linesOf(bytes));
  }
});
