// What a script's languages are trained from: for each language its words with their shares, and lines of running text.

import { join } from 'node:path';
import { isMinor, languagesOf } from './language-sets.mjs';
import { dropQuotations, WordSources } from './word-counts.mjs';

// A language with fewer running words is left out.
const leastRunning = 500;

let sources;

/** @param work folder with text/, packages (x/) and wordfreq's lists */
export function readLanguages(work, script, mostCharacters) {
  sources ??= new WordSources({
    text: join(work, 'text'),
    packages: join(work, 'x'),
    frequencies: join(work, 'pypi/x/wordfreq/wordfreq/data'),
    mostCharacters,
  });
  const languages = languagesOf(script)
    .map((code) => ({ code, ...sources.of(code, script) }))
    .filter(({ code, running, words }) => {
      console.error(`  ${code}: ${running} running words, ${words.size} words`);
      return running >= leastRunning;
    });
  dropQuotations(languages, (code) => !isMinor(script, code));
  return languages;
}

/** How often each language is drawn against the others. */
export const priorsOf = (script, languages) =>
  languages.map(({ code }) => (isMinor(script, code) ? 0.25 : 1));
