// Accuracy of the detector by language, on a folder of labelled lines.
//   node scripts/language-model/evaluate.mjs FILE… [--by-language]
// FILE: code<TAB>text, a line each, .gz or plain. Norwegian counts as right whichever of its two forms the gold names as `no`.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { detectLanguage } from '../../libs/detect/src/language.ts';

const files = process.argv.slice(2).filter((name) => !name.startsWith('--'));
const byLanguage = process.argv.includes('--by-language');
for (const file of files) {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const tallies = new Map();
  for (const line of text.split('\n')) {
    const tab = line.indexOf('\t');
    if (tab < 0) continue;
    const gold = line.slice(0, tab);
    const found = detectLanguage(line.slice(tab + 1)).language;
    const tally = tallies.get(gold) ?? { all: 0, right: 0, wrong: new Map() };
    tallies.set(gold, tally);
    tally.all++;
    if (found === gold || (gold === 'no' && (found === 'nb' || found === 'nn'))) tally.right++;
    else tally.wrong.set(found, (tally.wrong.get(found) ?? 0) + 1);
  }
  let mean = 0;
  for (const { all, right } of tallies.values()) mean += right / all / tallies.size;
  console.log(`${file}: ${tallies.size} languages, mean accuracy ${mean.toFixed(4)}`);
  if (byLanguage)
    for (const [gold, { all, right, wrong }] of [...tallies].sort(
      (a, b) => a[1].right / a[1].all - b[1].right / b[1].all,
    )) {
      const others = [...wrong]
        .sort((a, b) => b[1] - a[1])
        .slice(0, 4)
        .map(([name, count]) => `${name} ${count}`);
      console.log(`  ${gold} ${(right / all).toFixed(3)} of ${all}: ${others.join(', ')}`);
    }
}
