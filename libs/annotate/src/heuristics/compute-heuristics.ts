// All heuristic signals of one text in one call: the words are found once, and every family of rules reads them.
// Which signal drops a document is a policy's affair (libs/detect). Definitions and their sources: docs/filters.md.

import { segmentWords, type Words } from '@gristmill/text';
import { measureC4, type C4Input } from './c4.ts';
import { countOf, fraction, measureKeptShapes, measureLineEdges, measureLines } from './line-signals.ts';
import { isCommonEnglishWord, measureCharacters, measurePhrases } from './nemo.ts';
import { measureRepetition } from './ngram-repetition.ts';
import { measureRefinedWeb } from './refined-web.ts';
import { scanText, type LineTable } from './text-scan.ts';
import { tabulateWords, WordFlag, type WordTable } from './word-table.ts';

/** What C4 and NeMo look for in a line or paragraph; most texts have none of it, which one search tells. */
const anyPhrase =
  /lorem ipsum|javascript|terms of use|privacy policy|cookie policy|uses? (?:of )?cookies|all rights reserved/i;

export type HeuristicSignals = ReturnType<typeof computeHeuristics>;

/**
 * @param words the words of the text when another segmenter found them; offsets as `segmentWords` gives them
 * @returns counts as integers, fractions from 0 up (a few measures of repetition can pass 1); 0 where nothing is divided
 */
export function computeHeuristics(text: string, words: Words = segmentWords(text)) {
  const scan = scanText(text);
  const table = tabulateWords(scan, words);
  const firstWord = wordsOfLines(scan.lines, words);
  const hasPhrase = anyPhrase.test(text);
  return {
    characters: scan.characters,
    words: words.count,
    ...measureWords(text, words, table),
    ...measureGopher(text, words.count),
    ...measureLineEdges(scan),
    ...repetitionFractions(table, scan.characters),
    ...measureLines(scan, words.count),
    ...measureC4AndWhatItKeeps({ scan, words, firstWord, hasPhrase }),
    ...measureRefinedWeb(scan, firstWord),
    ...measureCharacters(scan),
    ...measurePhrases(scan, hasPhrase),
  };
}

/** Line i holds the words result[i] … result[i + 1] − 1. */
function wordsOfLines({ starts, count }: LineTable, { count: wordCount, offsets }: Words): Int32Array {
  const firstWord = new Int32Array(count + 1);
  let word = 0;
  for (let line = 0; line < count; line++) {
    while (word < wordCount && offsets[2 * word] < starts[line]) word++;
    firstWord[line] = word;
  }
  firstWord[count] = wordCount;
  return firstWord;
}

/** FineWeb measured the lines that C4's loop had left: the same measures under names that begin with `kept`. */
function measureC4AndWhatItKeeps(input: C4Input) {
  const { signals, kept, keptWords } = measureC4(input);
  const shapes = measureKeptShapes(input.scan, kept, keptWords);
  return {
    ...signals,
    keptTerminalLineFraction: shapes.terminalLineFraction,
    keptShortLineFraction: shapes.shortLineFraction,
    keptLineDupCharFraction: shapes.lineDupCharFraction,
    keptNewlineWordRatio: shapes.newlineWordRatio,
  };
}

const stopWords = new Set(['the', 'be', 'to', 'of', 'and', 'that', 'have', 'with']);

function measureWords(text: string, words: Words, table: WordTable) {
  let nonSymbol = 0;
  let nonSymbolCharacters = 0;
  let alpha = 0;
  for (let w = 0; w < table.count; w++) {
    const id = table.ids[w];
    const flags = table.flags[id];
    if (flags & WordFlag.nonSymbol) {
      nonSymbol++;
      nonSymbolCharacters += table.lengths[id];
    }
    if (flags & WordFlag.letter) alpha++;
  }
  return {
    nonSymbolWords: nonSymbol,
    meanWordLength: fraction(nonSymbolCharacters, nonSymbol),
    alphaWordFraction: fraction(alpha, table.count),
    distinctWords: table.distinct,
    ...countStopWords(text, words, table),
  };
}

/** Gopher's eight words, distinct (datatrove) and every occurrence in any case (NeMo Curator). */
function countStopWords(text: string, words: Words, table: WordTable) {
  let distinct = 0;
  const common = new Uint8Array(table.distinct);
  for (let id = 0; id < table.distinct; id++) {
    if (table.lengths[id] > 4 || table.lengths[id] < 2) continue;
    const w = table.firstWord[id];
    const word = text.slice(words.offsets[2 * w], words.offsets[2 * w + 1]);
    if (stopWords.has(word)) distinct++;
    if (isCommonEnglishWord(word.toLowerCase())) common[id] = 1;
  }
  let occurrences = 0;
  for (let w = 0; w < table.count; w++) occurrences += common[table.ids[w]];
  return { stopWords: distinct, commonEnglishWords: occurrences };
}

function measureGopher(text: string, wordCount: number) {
  return {
    hashRatio: fraction(countOf(text, '#'), wordCount),
    ellipsisRatio: fraction(countOf(text, '...') + countOf(text, '…'), wordCount),
  };
}

function repetitionFractions(table: WordTable, characters: number) {
  const { topCharacters, duplicateCharacters } = measureRepetition(table);
  const [two, three, four] = topCharacters.map((count) => fraction(count, characters));
  const [five, six, seven, eight, nine, ten] = duplicateCharacters.map((count) =>
    fraction(count, characters),
  );
  return {
    top2GramCharFraction: two,
    top3GramCharFraction: three,
    top4GramCharFraction: four,
    dup5GramCharFraction: five,
    dup6GramCharFraction: six,
    dup7GramCharFraction: seven,
    dup8GramCharFraction: eight,
    dup9GramCharFraction: nine,
    dup10GramCharFraction: ten,
  };
}
