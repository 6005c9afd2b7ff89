// Writes the table of results by language into docs/languages.md, between its two markers.
//   node scripts/language-model/write-results.mjs WORK
// WORK/held-out comes from held-out.mjs. A language counts as right in its own code only; "taken for" are its sentences'
// commonest wrong answers, or its words' where every sentence is right.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { detectLanguage } from '../../libs/detect/src/language.ts';

const [work] = process.argv.slice(2);
const docs = new URL('../../docs/languages.md', import.meta.url);
const sets = ['sentences', 'pairs', 'words'];
// The languages of the bars, which are those of lingua.
const widelyTold =
  'af sq ar hy az eu be bn bs bg ca zh hr cs da nl en eo et fi fr lg ka de el gu he hi hu is id ga it ja kk ko la lv lt mk ms mi mr mn nb nn fa pl pt pa ro ru sr sn sk sl so st es sw sv tl ta te th ts tn tr uk ur vi cy xh yo zu'.split(
    ' ',
  );

function tally(set) {
  const tallies = new Map();
  for (const line of readFileSync(join(work, 'held-out', `${set}.tsv`), 'utf8').split('\n')) {
    const [gold, text] = line.split('\t');
    if (text === undefined) continue;
    const found = detectLanguage(text).language ?? 'unknown';
    const counts = tallies.get(gold) ?? new Map();
    tallies.set(gold, counts.set(found, (counts.get(found) ?? 0) + 1));
  }
  return tallies;
}

const share = (gold, counts) => {
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return (counts.get(gold) ?? 0) / all;
};
const mean = (tallies, languages) =>
  languages.reduce((sum, language) => sum + share(language, tallies.get(language)), 0) / languages.length;
const wrong = (gold, counts) =>
  [...counts]
    .filter(([found]) => found !== gold)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, 3);

const results = sets.map(tally);
const languages = [...results[0].keys()].sort();
const names = new Intl.DisplayNames('en', { type: 'language' });
const digits = (value) => value.toFixed(2).replace(/^0/, '');
const row = (cells) => `| ${cells.join(' | ')} |`;
const meanRow = (title, list) => row([title, '', ...results.map((one) => mean(one, list).toFixed(3)), '']);

const lines = [
  row(['language', 'code', ...sets, 'taken for']),
  row(['---', '---', '--:', '--:', '--:', '---']),
  meanRow(`mean of ${widelyTold.length}`, widelyTold),
  meanRow(`mean of all ${languages.length}`, languages),
  ...languages.map((language) => {
    const counts = results.map((one) => one.get(language));
    const mistakes = wrong(language, counts[0]);
    const shown = mistakes.length > 0 ? mistakes : wrong(language, counts[2]);
    const shares = counts.map((one) => digits(share(language, one)));
    return row([names.of(language), language, ...shares, shown.map(([found]) => found).join(', ')]);
  }),
];

const page = readFileSync(docs, 'utf8');
const [before, after] = ['<!-- results -->', '<!-- end of results -->'].map((marker) => page.indexOf(marker));
if (before < 0 || after < before) throw new Error('docs/languages.md has no markers for the results');
writeFileSync(
  docs,
  `${page.slice(0, before)}<!-- results -->\n\n${lines.join('\n')}\n\n${page.slice(after)}`,
);
console.log(lines.slice(2, 4).join('\n'));
