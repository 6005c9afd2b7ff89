import { describe, expect, it } from 'vitest';
import { createRandom } from '@gristmill/core';
import {
  createContaminationFinder,
  decodeEvaluationSets,
  encodeEvaluationSets,
  evaluationDefaults,
  evaluationDigest,
  plainText,
  readEvaluationFile,
} from '@gristmill/detect';

const question =
  'When the lighthouse keeper finally returned, he found that nobody had trimmed the wick; what did he do first of all?';
const short = 'Seven swans swam silently southward, seeking sunny shores';
const file = [
  JSON.stringify({ id: 'q1', question, choices: ['Trim it', 'Leave again'] }),
  JSON.stringify({ id: 'q2', question: short, choices: [] }),
  JSON.stringify({ id: 'q3', question: 'Too short', choices: ['to look for'] }),
].join('\n');
const items = readEvaluationFile(file, { set: 'quiz', file: 'quiz.jsonl' });
const sets = decodeEvaluationSets(encodeEvaluationSets({ ...evaluationDefaults, items }));
const find = createContaminationFinder(sets);

describe('createContaminationFinder', () => {
  it('finds an item whatever its case, punctuation and line ends, with its span', () => {
    const copy =
      'WHEN the lighthouse-keeper finally returned he\nfound that nobody had trimmed the wick -- what';
    const text = `Once upon a time. ${copy} happened then?`;
    const hits = find(text);
    expect(hits).toHaveLength(1);
    expect(text.slice(hits[0].start, hits[0].end)).toBe(copy);
    expect(hits[0]).toMatchObject({ set: 'quiz', item: 'q1', words: 15, setItems: 3 });
    expect(hits[0].digest).toBe(evaluationDigest(plainText(`${question}\nTrim it\nLeave again`)));
  });

  it('finds twelve words of an item nowhere, thirteen everywhere', () => {
    const words = plainText(question).split(' ');
    for (let i = 0; i + 13 <= words.length; i++) {
      expect(find(`and ${words.slice(i, i + 12).join(' ')} zebra`)).toEqual([]);
      expect(find(`and ${words.slice(i, i + 13).join(' ')} zebra`)).toHaveLength(1);
    }
  });

  it('finds an item of eight to twelve words when it is whole', () => {
    expect(find(`so ${short} now`)).toHaveLength(1);
    expect(find(`so ${short.replace(' shores', '')} now`)).toEqual([]);
    expect(find('Too short to look for')).toEqual([]);
  });

  it('makes two spans of two copies', () => {
    const copy = plainText(question);
    expect(find(`${copy} and then again ${copy}`).map(({ words }) => words)).toEqual([21, 21]);
  });

  it('agrees with a search over sets of strings on random texts of few words', () => {
    const random = createRandom(7);
    const say = (count: number) =>
      Array.from({ length: count }, () => 'abc'[Math.floor(random() * 2)]).join(' ');
    const own = Array.from({ length: 30 }, (_, i) => ({ set: 's', id: `${i}`, words: say(16) }));
    const search = createContaminationFinder({ ngram: 13, leastWords: 8, items: own });
    const grams = (text: string) => {
      const words = text.split(' ');
      return words.slice(12).map((_, i) => words.slice(i, i + 13).join(' '));
    };
    for (let round = 0; round < 30; round++) {
      const text = say(600);
      const inText = new Set(grams(text));
      const expected = own
        .filter(({ words }) => grams(words).some((gram) => inText.has(gram)))
        .map(({ id }) => id);
      expect([...new Set(search(text).map(({ item }) => item))].sort()).toEqual(expected.sort());
    }
  });

  it('does not look for the wording that many items share', () => {
    const frame = 'answer the following question with one of the letters given below and explain why';
    const many = Array.from({ length: 30 }, (_, i) => ({ set: 's', id: `${i}`, words: `${frame} n${i}` }));
    const search = createContaminationFinder({ ngram: 13, leastWords: 8, items: many });
    expect(search(`please ${frame} now`)).toEqual([]);
    expect(search(`please ${frame} n7`).map(({ item }) => item)).toEqual(['7']);
  });

  it('takes twice as many characters in a script without spaces', () => {
    const japanese =
      '吾輩は猫である名前はまだ無いどこで生れたかとんと見当がつかぬ何でも薄暗いじめじめした所で';
    const search = createContaminationFinder({
      ...evaluationDefaults,
      items: [{ set: 's', id: '1', words: plainText(japanese) }],
    });
    expect(search(`昔、${japanese.slice(3, 29)}。`)).toHaveLength(1);
    expect(search(`昔、${japanese.slice(3, 28)}。`)).toEqual([]);
  });
});

describe('readEvaluationFile', () => {
  it('reads fields in the order given, and blocks of text', () => {
    const [item] = readEvaluationFile('{"id":7,"a":"One","b":["Two","three"]}', {
      set: 's',
      file: 'f',
      fields: ['b', 'a'],
    });
    expect(item).toEqual({ set: 's', id: '7', words: 'two three one' });
    expect(
      readEvaluationFile('one\ntwo\n\n \nthree\n', { set: 's', file: 'f' }).map(({ words }) => words),
    ).toEqual(['one two', 'three']);
  });

  it('refuses lines without the field, no JSON, and two items of one id', () => {
    expect(() => readEvaluationFile('{"a":"x"}', { set: 's', file: 'f', fields: ['b'] })).toThrow(
      /no field b/,
    );
    expect(() => readEvaluationFile('{"a"', { set: 's', file: 'f' })).toThrow(/no JSON/);
    const twice = { set: 's', id: '1', words: 'a' };
    expect(() => encodeEvaluationSets({ ...evaluationDefaults, items: [twice, twice] })).toThrow(/two items/);
  });
});
