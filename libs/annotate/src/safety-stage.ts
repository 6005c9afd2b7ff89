// The column group of bad words: how many stand in a text, by the list of its language. `badWordDraw` is a number from 0 to 999
// that hangs on the document's id alone: a policy keeps a share of the documents with bad words by it, as C4 can.

import { checkOptions, sha256, type OptionSchema, type OptionsOf, type RowStage } from '@gristmill/core';
import { badWordsVersion, createBadWordFinder } from '@gristmill/detect';

const safetyOptions = {
  words: {
    type: 'lists',
    otherwise: 'the LDNOOBW lists',
    description: 'Words by language, instead of the built-in list of that language.',
  },
  allow: { type: 'lists', otherwise: 'none', description: 'Words by language that are let through.' },
  always: {
    type: 'list',
    default: [],
    description: 'Languages whose lists hold for every document, whatever its own.',
  },
} as const satisfies OptionSchema;

export type SafetyOptions = OptionsOf<typeof safetyOptions>;

export const safetyStage: RowStage<SafetyOptions> = {
  name: 'annotate-safety',
  version: badWordsVersion,
  description: 'How many bad words stand in a text, by the list of its language.',
  options: safetyOptions,
  reads: ['text', 'language'],
  columns: [
    { name: 'badWords', type: 'int32' },
    { name: 'badWordDraw', type: 'int32', optional: true },
    /** Term → times. */
    { name: 'badWordTerms', type: 'json', optional: true },
  ],
  packages: ['naughty-words'],
  create(options) {
    checkOptions(safetyOptions, options, { name: 'annotate-safety' });
    const { words = {}, allow = {}, always = [] } = options;
    const find = createBadWordFinder({ words, allow, always });
    return (row) => {
      const found = find(String(row.text ?? ''), row.language as string | undefined);
      if (found.length === 0) return { id: row.id, badWords: 0 };
      const terms = new Map<string, number>();
      for (const { term } of found) terms.set(term, (terms.get(term) ?? 0) + 1);
      return {
        id: row.id,
        badWords: found.length,
        badWordDraw: parseInt(sha256(`bad words ${row.id}`).slice(0, 8), 16) % 1000,
        badWordTerms: Object.fromEntries(terms),
      };
    };
  },
};
