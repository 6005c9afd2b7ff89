// Gathers text by language from unpacked packages.
//   node scripts/language-model/collect.mjs PACKAGES OUT
// PACKAGES: a folder with one unpacked package each. Writes OUT/CODE.txt, one message a line, longest packages mixed by hash.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { languageOf } from './language-codes.mjs';
import { plainMessage, readCatalogue, readLanguagePack, readMediaWiki } from './read-translations.mjs';

const [packages, out] = process.argv.slice(2);
const mostCharacters = 2_500_000;
const texts = new Map();

function add(language, message) {
  if (language === '' || message.length > 2000 || texts.get(language)?.characters > mostCharacters) return;
  const text = plainMessage(message);
  if (text === '') return;
  let found = texts.get(language);
  if (!found) texts.set(language, (found = { lines: new Set(), characters: 0 }));
  if (found.lines.has(text)) return;
  found.lines.add(text);
  found.characters += text.length;
}

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

const order = (text) => createHash('md5').update(text).digest().readUInt32LE(0);

for (const name of readdirSync(packages).sort((a, b) => order(a) - order(b)))
  for (const path of filesBelow(join(packages, name))) {
    const catalogue = /([^/]+)\/LC_MESSAGES\/[^/]+\.mo$/.exec(path);
    if (catalogue) {
      const language = languageOf(catalogue[1]);
      for (const [original, translation] of readCatalogue(path)) {
        if (original !== translation) add(language, translation);
        if (language === 'fr') add('en', original);
      }
    } else if (path.endsWith('.xpi')) {
      const language = languageOf(/langpack-([\w-]+)@/.exec(path)?.[1] ?? '');
      for (const message of readLanguagePack(path)) add(language, message);
    } else if (/\/i18n\/.*\.json$/.test(path)) {
      const language = languageOf(basename(path, '.json'));
      for (const message of readMediaWiki(path)) add(language, message);
    }
  }

mkdirSync(out, { recursive: true });
const english = texts.get('en').lines;
for (const [language, { lines }] of [...texts].sort()) {
  const own = language === 'en' ? [...lines] : [...lines].filter((line) => !english.has(line));
  const mixed = own.map((line) => [order(line), line]).sort((a, b) => a[0] - b[0]);
  writeFileSync(join(out, `${language}.txt`), mixed.map(([, line]) => `${line}\n`).join(''));
}
