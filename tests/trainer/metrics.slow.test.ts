// BLEU, chrF and TER are sacreBLEU's, ROUGE-L is rouge_score's, on verses of parallel Bibles and on seeded texts full of
// marks, digits, spaces of every kind, entities and scripts.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { chooseMetric, type Segment } from '@gristmill/trainer';
import { findPython, runPython } from '../python/python.ts';

const python = findPython(['sacrebleu', 'rouge_score']);
const why = python ? '' : ' (skipped: no Python with sacrebleu and rouge_score)';
const program = readFileSync(fileURLToPath(new URL('../python/metrics.py', import.meta.url)), 'utf8');

interface Asked {
  readonly metric: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly segments: readonly Segment[];
}

interface Theirs {
  readonly score: number;
  readonly signature?: string;
  readonly verbose?: string;
}

function measureThere(all: readonly Asked[]): Theirs[] {
  const given = all.map(({ metric, options, segments }) => ({
    metric,
    options: metric === 'rouge-l' ? {} : options,
    segments: segments.map(({ hypothesis, references }) => [hypothesis, references]),
  }));
  return JSON.parse(runPython(python!, program, [], JSON.stringify(given))) as Theirs[];
}

const random = createRandom(29);
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];

const words = [
  ...'the a mill miller grinds corn Corn rye wheel turns stream of and in 3 12 1,000 3.14 2-3 -4 e.g. U.S. don’t'.split(
    ' ',
  ),
  ...'&quot; &amp;lt; <skipped> (so) [x] {y} ~ ` _ @ # $5 €7 50% a/b — – … „Zitat“ «слово» ЁЛКА İstanbul ΣΑΣ ß'.split(
    ' ',
  ),
  ...[
    '水車',
    '粉を挽く。',
    '東京',
    '한국어',
    'ｆｕｌｌ',
    '①',
    '☃',
    '🙂',
    '👩‍🌾',
    '𠀀',
    '丽',
    '⁂',
    '٣٫٥',
    '½',
    'नमस्ते',
    'x\u0301',
    '\u0085',
    '\ufeff',
  ],
];
const gaps = [' ', ' ', ' ', ' ', ' ', '  ', '\t', '\u00a0', '\u3000', '-\n', '\n', '\u2028', ''];

const write = (length: number) =>
  Array.from({ length }, () => pick(words) + pick(gaps)).join('') + pick(['', '.', ' .', '!', ' ']);

/** Words left out, doubled, replaced, and runs of them moved. */
function rewrite(text: string): string {
  const parts = text.split(' ');
  const edited = parts.flatMap((word) => {
    const what = random();
    return what < 0.08 ? [] : what < 0.13 ? [word, word] : what < 0.2 ? [pick(words)] : [word];
  });
  for (let n = Math.floor(random() * 3); n > 0; n--) {
    const run = edited.splice(Math.floor(random() * edited.length), 1 + Math.floor(random() * 5));
    edited.splice(Math.floor(random() * (edited.length + 1)), 0, ...run);
  }
  return edited.join(' ');
}

function makeCorpus(size: number, most: number, references: () => number): Segment[] {
  return Array.from({ length: size }, (_, i) => {
    const first = write(Math.floor(random() ** 2 * most));
    const others = Array.from({ length: references() - 1 }, () => rewrite(first));
    return {
      id: String(i),
      hypothesis: random() < 0.03 ? '' : rewrite(first),
      references: [first, ...others],
    };
  });
}

const corpora = {
  'one reference': makeCorpus(120, 40, () => 1),
  'two references': makeCorpus(40, 30, () => 2),
  'one to three references': makeCorpus(30, 20, () => 1 + Math.floor(random() * 3)),
  'long texts': makeCorpus(6, 260, () => 1),
  'a single short text': [{ id: '1', hypothesis: 'a mill', references: ['the mill turns'] }],
  'nothing in common': [{ id: '1', hypothesis: 'corn rye', references: ['wheel'] }],
  'an empty text': [{ id: '1', hypothesis: '', references: ['the wheel turns'] }],
  'an empty reference': [{ id: '1', hypothesis: 'the wheel', references: [''] }],
  'lengths far apart': [
    {
      id: '1',
      hypothesis: 'a b c',
      references: [Array.from({ length: 190 }, (_, i) => 'abcdefg'[i % 7]).join(' ')],
    },
    {
      id: '2',
      hypothesis: Array.from({ length: 190 }, (_, i) => 'abcdefg'[i % 5]).join(' '),
      references: ['c a b'],
    },
  ],
} as const satisfies Record<string, readonly Segment[]>;

const asked = Object.entries(corpora).flatMap(([name, segments]) => [
  ...['13a', 'intl', 'char', 'zh', 'none'].map((tokenize) => ({
    name,
    segments,
    metric: 'bleu',
    options: { tokenize },
  })),
  { name, segments, metric: 'bleu', options: { lowercase: true } },
  { name, segments, metric: 'chrf', options: {} },
  { name, segments, metric: 'chrf', options: { word_order: 2, lowercase: true } },
  { name, segments, metric: 'ter', options: {} },
  { name, segments, metric: 'rouge-l', options: {} },
]);
const theirs = python ? measureThere(asked) : [];

test.skipIf(!python)(
  `${asked.length} scores are those of sacreBLEU and rouge_score, to the last digit${why}`,
  () => {
    let differing = 0;
    asked.forEach(
      (
        { name, metric, segments, options: { word_order: wordOrder, ...options } }: Asked & { name: string },
        i,
      ) => {
        const ours = chooseMetric(metric, { ...options, wordOrder: wordOrder as number | undefined })(
          segments,
        );
        const label = `${metric} ${JSON.stringify(options)}, ${name}`;
        expect(
          Math.abs(ours.score - theirs[i].score),
          `${label}: ${ours.score}, not ${theirs[i].score}`,
        ).toBeLessThan(1e-12);
        if (ours.score !== theirs[i].score) differing++;
        if (metric === 'rouge-l') return;
        expect(ours.signature, label).toBe(theirs[i].signature);
        if (metric === 'bleu') expect(ours.verbose, label).toBe(theirs[i].verbose);
      },
    );
    // Logarithms of other mathematical libraries may differ in the sixteenth digit.
    expect(differing).toBeLessThan(asked.length / 4);
  },
);
