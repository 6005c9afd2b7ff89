// How often each language uses each word: a mixture of its running text (translated messages), of a frequency list where
// there is one, and of an unweighted word list. Shares of the sources are those of `shares`, of what a language has.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scanScriptWords } from '../../libs/detect/src/language/word-scanner.ts';
import { scriptCodes, scriptOfUnit } from '../../libs/detect/src/language/scripts.ts';
import { languageOf } from './language-codes.mjs';
import { readFrequencies, readSpelling, readTesseract } from './read-words.mjs';
import { unspacedScripts } from '../../libs/detect/src/language/word-features.ts';

const shares = { text: 0.45, frequencies: 0.4, list: 0.25 };
// Three languages have one frequency list between them, which says nothing about which of them it is.
const sharedList = /^(bs|hr|sr)$/;
const sharedListShare = 0.1;
// Spelling lists, for languages that little but their words tells from a neighbour.
const spellings = {
  nb: 'hunspell-no/usr/share/hunspell/nb_NO.dic',
  nn: 'hunspell-no/usr/share/hunspell/nn_NO.dic',
  bs: 'hunspell-bs/usr/share/hunspell/bs_BA.dic',
  hr: 'hunspell-hr/usr/share/hunspell/hr_HR.dic',
  sr: 'hunspell-sr/usr/share/hunspell/sr_Latn_RS.dic',
};
// A word so much rarer than in a widely written language of the same script is a quotation from it, or a name.
const leastOfGreatest = 0.04;

/** The words of a text in one script, small letters. */
export function wordsIn(text, script) {
  const number = scriptCodes.indexOf(script);
  const words = [];
  scanScriptWords(text, 0, text.length, (here, word, length) => {
    if (here === number) words.push(String.fromCharCode(...word.subarray(1, length + 1)));
    return true;
  });
  return words;
}

/** Lines of a language's text mostly in a script, every twentieth kept aside. */
export function readLines(folder, language, script, mostCharacters) {
  const path = join(folder, `${language}.txt`);
  const training = [];
  const heldOut = [];
  if (!existsSync(path)) return { training, heldOut };
  let characters = 0;
  for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    const words = wordsIn(line, script);
    const letters = words.reduce((sum, word) => sum + word.length, 0);
    if (letters < 2 || letters < line.length * (unspacedScripts.has(script) ? 0.4 : 0.6)) continue;
    if (index % 20 === 0) heldOut.push(words);
    else training.push(words);
    if ((characters += line.length) > mostCharacters) break;
  }
  return { training, heldOut };
}

const addAll = (into, counts, share) => {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  if (sum > 0)
    for (const [word, count] of counts) into.set(word, (into.get(word) ?? 0) + (share * count) / sum);
};

export class WordSources {
  constructor({ text, packages, frequencies, mostCharacters }) {
    this.text = text;
    this.mostCharacters = mostCharacters;
    this.packages = packages;
    this.frequencyFiles = new Map();
    for (const file of readdirSync(frequencies).sort()) {
      const [, size, locale] = /^(small|large)_(\w+)\.msgpack\.gz$/.exec(file) ?? [];
      const language = locale === 'sh' ? 'sh' : locale === undefined ? '' : languageOf(locale);
      if (size === 'small' || (size === 'large' && !this.frequencyFiles.has(language)))
        this.frequencyFiles.set(language, join(frequencies, file));
    }
    this.wordFiles = [];
    for (const name of readdirSync(packages).sort()) {
      if (name.startsWith('tesseract-ocr-')) this.addFiles(name);
    }
    this.english = new Map(this.frequent('en', 'Latn'));
  }

  addFiles(name) {
    const path = join(this.packages, name, 'usr/share/tesseract-ocr/5/tessdata');
    if (!existsSync(path)) return;
    for (const file of readdirSync(path).sort())
      if (file.endsWith('.traineddata'))
        this.wordFiles.push({ language: languageOf(file.slice(0, -12)), path: join(path, file) });
  }

  /** A frequency list in one script; that of Serbo-Croatian serves its three heirs. */
  frequent(language, script) {
    const counts = new Map();
    const path = this.frequencyFiles.get(sharedList.test(language) ? 'sh' : language);
    if (path !== undefined)
      for (const [word, frequency] of readFrequencies(path))
        for (const part of wordsIn(word, script)) counts.set(part, (counts.get(part) ?? 0) + frequency);
    return counts;
  }

  listed(language, script, known) {
    const counts = new Map();
    const number = scriptCodes.indexOf(script);
    for (const file of this.wordFiles) {
      if (file.language !== language) continue;
      for (const word of readTesseract(file.path)) {
        if (word.length < 2 || scriptOfUnit[word.charCodeAt(0)] !== number) continue;
        const parts = wordsIn(word, script);
        if (parts.length !== 1 || parts[0].length < 2) continue;
        // Lists drawn from the web hold English too.
        if (language !== 'en' && (this.english.get(parts[0]) ?? 0) > 3e-6 && !known.has(parts[0])) continue;
        counts.set(parts[0], 1);
      }
    }
    if (script === 'Latn' && language in spellings)
      for (const word of readSpelling(join(this.packages, spellings[language])))
        for (const part of wordsIn(word, script)) if (part.length > 1) counts.set(part, 1);
    return counts;
  }

  /** Words with their shares, and lines to draw samples from. */
  of(language, script) {
    const { training, heldOut } = readLines(this.text, language, script, this.mostCharacters);
    const text = new Map();
    for (const words of training) for (const word of words) text.set(word, (text.get(word) ?? 0) + 1);
    const frequencies = unspacedScripts.has(script) ? new Map() : this.frequent(language, script);
    if (frequencies.size === 0 && language !== 'en')
      for (const [word, count] of text)
        if (word.length > 3 && (this.english.get(word) ?? 0) > 1e-5) text.set(word, count * 0.1);
    const words = new Map();
    const isSmall = text.size < 1500;
    addAll(words, text, shares.text);
    addAll(words, frequencies, sharedList.test(language) ? sharedListShare : shares.frequencies);
    addAll(words, this.listed(language, script, words), isSmall ? 0.6 : shares.list);
    return { words, training, heldOut, running: training.reduce((sum, line) => sum + line.length, 0) };
  }
}

/** Takes words out of the languages that only quote them. */
export function dropQuotations(languages, isMain) {
  const greatest = new Map();
  for (const { code, words } of languages)
    if (isMain(code))
      for (const [word, share] of words) if (share > (greatest.get(word) ?? 0)) greatest.set(word, share);
  for (const { words } of languages)
    for (const [word, share] of words)
      if (share < leastOfGreatest * (greatest.get(word) ?? 0)) words.delete(word);
}
