// What each signal that a published policy compares measures, in a few words: for sentences that people read.

const repeatedGrams = Object.fromEntries(
  [5, 6, 7, 8, 9, 10].map((n) => [`dup${n}GramCharFraction`, `duplicated ${n}-grams`]),
);
const topGrams = Object.fromEntries([2, 3, 4].map((n) => [`top${n}GramCharFraction`, `commonest ${n}-gram`]));
const c4Variants = Object.fromEntries(
  ['c4', 'c4Code', 'c4Open'].flatMap((variant) => [
    [`${variant}LoremIpsum`, 'lines of lorem ipsum'],
    [`${variant}CurlyBracket`, 'curly brackets'],
    [`${variant}Sentences`, 'sentences in lines that C4 keeps'],
  ]),
);

const names: Readonly<Record<string, string>> = {
  ...repeatedGrams,
  ...topGrams,
  ...c4Variants,
  characters: 'characters',
  words: 'words',
  nonSymbolWords: 'words',
  spacedWords: 'words',
  meanWordLength: 'mean word length',
  meanSpacedWordLength: 'mean word length',
  longestSpacedWord: 'longest word',
  alphaWordFraction: 'words with a letter',
  alphaSpacedWordFraction: 'words with a letter',
  stopWords: 'stop words',
  commonEnglishWords: 'common English words',
  hashRatio: 'hash signs a word',
  ellipsisRatio: 'ellipses a word',
  symbolWordRatio: 'symbols a word',
  bulletLineFraction: 'lines with a bullet',
  ellipsisLineFraction: 'lines that end in an ellipsis',
  dupParagraphFraction: 'repeated paragraphs',
  dupParagraphCharFraction: 'text in repeated paragraphs',
  dupLineFraction: 'repeated lines',
  dupLineCharFraction: 'text in repeated lines',
  terminalLineFraction: 'lines that end in punctuation',
  keptTerminalLineFraction: 'lines that end in punctuation',
  shortLineFraction: 'short lines',
  keptShortLineFraction: 'short lines',
  lineDupCharFraction: 'text in repeated lines',
  keptLineDupCharFraction: 'text in repeated lines',
  newlineWordRatio: 'line breaks a word',
  keptNewlineWordRatio: 'line breaks a word',
  refinedWebRemovedWordFraction: 'words in lines that RefinedWeb removes',
  nonAlphanumericFraction: 'characters that are no letters or digits',
  digitFraction: 'digits',
  urlCharFraction: 'text in addresses',
  whitespaceFraction: 'white space',
  parenthesisFraction: 'parentheses',
  boilerplateParagraphFraction: 'paragraphs of boilerplate',
  unpunctuatedSentenceFraction: 'sentences without punctuation',
  language: 'language',
  languageScore: 'certainty of the language',
  badWordDraw: 'bad words, draw',
  blockedUrl: 'address in the list',
  urlWords: 'listed words in the address',
  toxicity: 'toxicity',
  contaminatedItems: 'items of evaluation sets',
  licenceFreedom: 'freedom of the licence',
  licenceClass: 'class of the licence',
  repeatedLineFraction: 'lines that other documents have',
  repeatedParagraphFraction: 'paragraphs that other documents have',
  sharingDocuments: 'documents that share lines',
};

/** The signal in words, or its own name. @example nameSignal('dup5GramCharFraction') // 'duplicated 5-grams' */
export function nameSignal(signal: string): string {
  return Object.hasOwn(names, signal) ? names[signal] : signal;
}
