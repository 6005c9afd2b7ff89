// Chat templates laid out by transformers' own way and by ours: the same texts, the same answers marked, and the same
// conversations refused.
import { expect, test } from 'vitest';
import { findPython } from '../python/python.ts';
import { askTransformers, chatCases, layOut } from './chat-cases.ts';

const python = findPython(['transformers', 'jinja2']);

test.skipIf(!python)('chat templates give what transformers gives', () => {
  const cases = chatCases();
  const answers = askTransformers(python!, cases);
  const pairs = cases.map((one, i) => ({ title: one.title, ours: layOut(one), theirs: answers[i] }));
  expect(pairs.filter(({ ours, theirs }) => JSON.stringify(ours) !== JSON.stringify(theirs))).toEqual([]);
  expect(answers.filter(({ refused }) => refused).length).toBeLessThan(answers.length / 3);
});
