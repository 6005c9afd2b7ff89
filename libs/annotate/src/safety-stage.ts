// The column group of bad words: how many stand in a text, by the list of its language. `badWordDraw` is a number from 0 to 999
// that hangs on the document's id alone: a policy keeps a share of the documents with bad words by it, as C4 can.

import { sha256, type Json, type JsonObject, type RowStage } from '@gristmill/core';
import { badWordsVersion, createBadWordFinder } from '@gristmill/detect';
import { checkNames, listsOption } from './stage-options.ts';

export interface SafetyOptions extends JsonObject {
  /** Language → words, instead of the built-in list. */
  readonly words?: Json;
  /** Language → words that are let through. */
  readonly allow?: Json;
  /** Lists for every document, whatever its language. */
  readonly always?: Json;
}

export const safetyStage: RowStage<SafetyOptions> = {
  name: 'annotate-safety',
  version: badWordsVersion,
  reads: ['text', 'language'],
  columns: [
    { name: 'badWords', type: 'int32' },
    { name: 'badWordDraw', type: 'int32', optional: true },
    /** Term → times. */
    { name: 'badWordTerms', type: 'json', optional: true },
  ],
  packages: ['naughty-words'],
  create(options) {
    checkNames(options, 'annotate-safety', ['words', 'allow', 'always']);
    const find = createBadWordFinder({
      words: listsOption(options.words, 'words'),
      allow: listsOption(options.allow, 'allow'),
      always: listsOption({ always: options.always ?? [] }, 'always').always,
    });
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
