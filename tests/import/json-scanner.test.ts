import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { createScanner, pathOf, type JsonPiece } from '../../libs/import/src/json-scanner.ts';

function scan(text: string, pointer = '', size = 7, most = 1e6): (string | undefined)[] {
  const scanner = createScanner(pathOf(pointer), most);
  const pieces: JsonPiece[] = [];
  for (let at = 0; at < text.length; at += size) pieces.push(...scanner.push(text.slice(at, at + size)));
  pieces.push(...scanner.end());
  return pieces.map((piece) => ('text' in piece ? piece.text : piece.reason));
}

const members = [{ text: 'a "quoted" 𝕏', list: [1, [2]] }, 'b', 3, null, { text: '\u2028\\' }];
const texts = members.map((member) => JSON.stringify(member));

describe('a text that is cut into members', () => {
  test('gives those of an array, wherever it lies, however it comes', () => {
    for (const size of [1, 2, 3, 7, 1000]) {
      expect(scan(JSON.stringify(members), '', size)).toEqual(texts);
      const deep = { before: [1], data: { 'a/b.c': members }, after: { x: [2] } };
      expect(scan(JSON.stringify(deep), '/data/a~1b.c', size)).toEqual(texts);
      expect(scan(`[0, ${JSON.stringify(members)}]`, '/1', size)).toEqual(texts);
      expect(scan('[{"a":1},]\n', '', size)).toEqual(['{"a":1}']);
    }
  });

  test('gives values that stand in a row, and a value that is no array', () => {
    expect(scan('{"a":1}\n{"b":[2]}{"c":3}\x1e{"d":4}')).toEqual([
      '{"a":1}',
      '{"b":[2]}',
      '{"c":3}',
      '{"d":4}',
    ]);
    expect(scan('{"a":{"b":5}}', '/a/b')).toEqual(['5']);
    expect(scan('{"a":1}', '/b')).toEqual([]);
  });

  test('gives what lies before its end, and says that it was cut', () => {
    expect(scan(JSON.stringify(members).slice(0, -10))).toEqual([...texts.slice(0, 4), 'cut']);
    expect(scan('[{"a":1}')).toEqual(['{"a":1}', 'cut']);
  });

  test('loses one member to what is wrong in it', () => {
    expect(scan('[{"a":1},{"b":oops},{"c":3}]')).toEqual(['{"a":1}', '{"b":oops}', '{"c":3}']);
    for (const size of [1, 2, 3, 5, 1000]) {
      const unclosed = scan('[{"a":"one},\n  {"b":2},\n  {"c":3}]', '', size);
      expect(unclosed.slice(1)).toEqual(['{"b":2}', '{"c":3}']);
      expect(scan('[{"a":"x\ny"},{"c":3}]', '', size)).toEqual(['{"a":"x\ny"}', '{"c":3}']);
    }
  });

  test('tells a member that is too long and goes on', () => {
    expect(scan(`[1,"${'x'.repeat(100)}",2]`, '', 7, 50)).toEqual(['1', 'too-large', '2']);
  });

  test('ends for any text, with the same pieces however it comes', () => {
    const random = createRandom(5);
    const parts = ['{', '}', '[', ']', '"', ',', ':', '\\', '\n', ' ', 'a', '1', '{"', '":', 'null', '\n{"k'];
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: 25 }, () => parts[Math.floor(random() * parts.length)]).join('');
      const whole = scan(text, '', 1000);
      for (const size of [1, 2, 3, 5]) expect(scan(text, '', size), text).toEqual(whole);
      scan(text, '/a/0', 3);
    }
  });
});
