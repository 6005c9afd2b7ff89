// Bad words in 28 languages, treated as C4 treats them (Raffel et al. 2020; the multilingual lists and the words that
// are let through, Xue et al. 2021 and the code of TensorFlow Datasets): the list of a document's own language, whole
// words, in scripts without spaces anywhere. The lists are LDNOOBW's (CC BY 4.0, npm package naughty-words). That a
// word is on a list says nothing about how it is used: the data card shows whom such a filter hits.

import naughtyWords from 'naughty-words';
import { createTermMatcher, type TermMatcher } from './term-matcher.ts';

/** Version of lists and matching: raised when findings change for the same text. */
export const badWordsVersion = 1;

export interface BadWord {
  readonly start: number;
  readonly end: number;
  /** As the list has it. */
  readonly term: string;
  /** Whose list. */
  readonly language: string;
}

export interface BadWordOptions {
  /** Language → words: takes the place of the built-in list of that language. */
  readonly words?: Readonly<Record<string, readonly string[]>>;
  /** Language → words that are let through. */
  readonly allow?: Readonly<Record<string, readonly string[]>>;
  /** Lists that are looked for in every document, whatever its language. Default none, as in C4. */
  readonly always?: readonly string[];
}

/** Languages with a built-in list. */
export const badWordLanguages: readonly string[] = Object.keys(naughtyWords)
  .filter((name) => Array.isArray(naughtyWords[name]))
  .sort();

/** Frequent as parts of harmless words: C4 found that each alone would drop a tenth of its language. */
const letThrough: Readonly<Record<string, readonly string[]>> = {
  ja: ['sm', 'グロ', '女の子'],
  zh: ['性'],
};
const withoutSpaces = new Set(['ja', 'th', 'zh']);
/** Names that detectors use for the language of a list. */
const otherNames: Readonly<Record<string, string>> = { tl: 'fil', nb: 'no', nn: 'no' };

export type BadWordFinder = (text: string, language: string | undefined) => BadWord[];

/**
 * @example createBadWordFinder()('This is crap.', 'en') // [{ start: 8, end: 12, term: 'crap', language: 'en' }]
 */
export function createBadWordFinder(options: BadWordOptions = {}): BadWordFinder {
  const matchers = new Map<string, { terms: readonly string[]; match: TermMatcher } | undefined>();
  const matcherOf = (language: string) => {
    if (!matchers.has(language)) matchers.set(language, makeMatcher(language, options));
    return matchers.get(language);
  };
  return (text, language) => {
    const found: BadWord[] = [];
    for (const list of listsFor(language, options.always ?? [])) {
      const matcher = matcherOf(list);
      matcher?.match(text, (start, end, term) =>
        found.push({ start, end, term: matcher.terms[term], language: list }),
      );
    }
    return found.sort((a, b) => a.start - b.start || a.end - b.end);
  };
}

function listsFor(language: string | undefined, always: readonly string[]): Set<string> {
  const main = language?.split('-')[0];
  return new Set([...(main === undefined ? [] : [otherNames[main] ?? main]), ...always]);
}

function makeMatcher(language: string, { words, allow }: BadWordOptions) {
  const list = words?.[language] ?? naughtyWords[language];
  if (!Array.isArray(list)) return undefined;
  const allowed = new Set(allow?.[language] ?? letThrough[language] ?? []);
  const terms = (list as readonly string[]).filter((term) => !allowed.has(term));
  return { terms, match: createTermMatcher(terms, { anywhere: withoutSpaces.has(language) }) };
}
