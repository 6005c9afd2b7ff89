import { describe, expect, it } from 'vitest';
import { createRandom, effectiveNumber } from '@gristmill/core';
import {
  assignTopic,
  classify,
  decodeClassifier,
  decodeNgramModel,
  decodeTopics,
  encodeClassifier,
  encodeNgramModel,
  encodeTopics,
  guessGenre,
  measureReading,
  perplexity,
  scoreText,
  trainClassifier,
  trainNgramModel,
  trainTopics,
} from '@gristmill/detect';

const kitchen =
  'boil the water add salt stir slowly simmer until soft serve with butter bread and onion soup'.split(' ');
const harbour =
  'the ship left port under sail captain crew anchor storm wave deck rope mast wind and sea'.split(' ');
const court =
  'the judge heard a witness under oath counsel argued law appeal verdict clause statute and jury'.split(' ');

function makeTexts(words: readonly string[], count: number, seed: number): string[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () =>
    Array.from({ length: 40 }, () => words[Math.floor(random() * words.length)]).join(' '),
  );
}

describe('trainClassifier', () => {
  const examples = [
    ...makeTexts(kitchen, 60, 1).map((text) => ({ text, label: 'positive' })),
    ...makeTexts(harbour, 20, 2).map((text) => ({ text, label: 'negative' })),
  ];
  const classifier = trainClassifier(examples, { buckets: 1 << 12 });

  it('tells unseen texts apart, however unequal the classes', () => {
    for (const text of makeTexts(kitchen, 20, 3)) expect(scoreText(classifier, text)).toBeGreaterThan(800);
    for (const text of makeTexts(harbour, 20, 4)) expect(scoreText(classifier, text)).toBeLessThan(200);
  });

  it('gives the same bytes for the same examples and seed, and others for another seed', () => {
    const bytes = encodeClassifier(classifier);
    expect(encodeClassifier(trainClassifier(examples, { buckets: 1 << 12 }))).toEqual(bytes);
    expect(encodeClassifier(trainClassifier(examples, { buckets: 1 << 12, seed: 2 }))).not.toEqual(bytes);
  });

  it('scores alike after a trip through its file', () => {
    const again = decodeClassifier(encodeClassifier(classifier));
    for (const text of makeTexts([...kitchen, ...harbour], 20, 5)) {
      expect(classify(again, text)).toEqual(classify(classifier, text));
    }
  });

  it('learns more than two labels', () => {
    const three = trainClassifier(
      [kitchen, harbour, court].flatMap((words, i) =>
        makeTexts(words, 30, i).map((text) => ({ text, label: `${i}` })),
      ),
      { buckets: 1 << 12 },
    );
    for (const [i, words] of [kitchen, harbour, court].entries()) {
      expect(scoreText(three, makeTexts(words, 1, 9)[0], `${i}`)).toBeGreaterThan(700);
    }
  });

  it('refuses one label, a damaged file and a file of another kind', () => {
    expect(() => trainClassifier(examples.slice(0, 60))).toThrow(/two labels/);
    const bytes = encodeClassifier(classifier);
    expect(() => decodeClassifier(bytes.subarray(0, 1000))).toThrow(/classifier file/);
    expect(() => decodeClassifier(new Uint8Array(40))).toThrow(/wrong magic/);
    expect(() => decodeNgramModel(bytes)).toThrow(/holds a classifier/);
  });

  it('gives a text without words even chances by the bias alone', () => {
    const score = scoreText(classifier, '');
    expect(score).toBeGreaterThan(200);
    expect(score).toBeLessThan(800);
  });
});

describe('trainNgramModel', () => {
  it('finds texts like its own less perplexing than others', () => {
    const model = trainNgramModel(makeTexts(kitchen, 50, 1), { buckets: 1 << 14 });
    const again = decodeNgramModel(encodeNgramModel(model));
    const like = perplexity(again, makeTexts(kitchen, 1, 7)[0]);
    expect(like).toBeLessThan(perplexity(again, makeTexts(harbour, 1, 7)[0]) / 10);
    expect(perplexity(again, '')).toBe(Infinity);
  });
});

describe('trainTopics', () => {
  const texts = [kitchen, harbour, court].flatMap((words, i) => makeTexts(words, 30, i + 1));
  const model = trainTopics(texts, { topics: 3, buckets: 1 << 10 });

  it('puts texts of one vocabulary into one topic, named by its words', () => {
    const again = decodeTopics(encodeTopics(model));
    const topics = texts.map((text) => assignTopic(again, text).topic);
    for (const start of [0, 30, 60]) expect(new Set(topics.slice(start, start + 30)).size).toBe(1);
    expect(new Set(topics).size).toBe(3);
    for (const word of model.names[topics[0]]) expect(kitchen).toContain(word);
  });

  it('gives the same bytes again', () => {
    expect(encodeTopics(trainTopics(texts, { topics: 3, buckets: 1 << 10 }))).toEqual(encodeTopics(model));
  });

  it('refuses more topics than texts', () => {
    expect(() => trainTopics(texts.slice(0, 2), { topics: 3 })).toThrow(/cannot make 3 topics/);
  });
});

describe('effectiveNumber', () => {
  it('counts equally common topics, and less for unequal ones', () => {
    expect(effectiveNumber([5, 5, 5, 5])).toBeCloseTo(4, 12);
    expect(effectiveNumber([100, 0])).toBeCloseTo(1, 12);
    expect(effectiveNumber([90, 10])).toBeLessThan(1.5);
    expect(effectiveNumber([])).toBe(0);
  });
});

describe('measureReading', () => {
  const child = 'The cat sat. The dog ran. We saw it go. It was fun!';
  const scholar =
    'Notwithstanding considerable methodological heterogeneity, longitudinal investigations consistently demonstrate statistically significant associations between socioeconomic circumstances and physiological parameters.';

  it('grades hard prose above easy prose', () => {
    expect(measureReading(child).readingLevel).toBeLessThan(3);
    expect(measureReading(scholar).readingLevel).toBeGreaterThan(20);
    expect(measureReading(scholar).lix).toBeGreaterThan(measureReading(child).lix + 50);
  });

  it('counts persons, contractions and questions', () => {
    const signals = measureReading("I don't know. Do you? We aren't sure, it's late.");
    expect(signals.contractionFraction).toBeGreaterThan(0.2);
    expect(signals.questionFraction).toBeCloseTo(1 / 3, 5);
    expect(signals.secondPersonFraction).toBeGreaterThan(0);
  });

  it('guesses a genre from them', () => {
    expect(guessGenre(measureReading('“Come in,” she said. “It is late.” “I know,” he said.'))).toBe(
      'dialogue',
    );
    expect(
      guessGenre(
        measureReading('You open the lid. Then you turn your key and press it until you hear a click.'),
      ),
    ).toBe('instruction');
    expect(guessGenre(measureReading(scholar))).toBe('exposition');
  });
});
