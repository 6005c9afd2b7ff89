// The column group of mentions of groups of people, for the data card: how often a corpus speaks of whom, and whether a
// filter drops some of them more than others. No policy should look at it.

import type { JsonObject, RowStage } from '@gristmill/core';
import { createGroupCounter, groupTermsVersion, type GroupTerms } from '@gristmill/detect';
import { listsOption } from './stage-options.ts';

export const groupStage: RowStage<JsonObject> = {
  name: 'annotate-groups',
  version: groupTermsVersion,
  description:
    'Mentions of groups of people, for the data card. Its options are lists by language, {en: {group: [term]}}, instead of the built-in ones.',
  reads: ['text', 'language'],
  /** Group → mentions; absent where none. */
  columns: [{ name: 'groups', type: 'json', optional: true }],
  /** Options: language → group → terms, instead of the built-in list of that language. */
  create(options) {
    const lists = Object.entries(options).map(([language, groups]) => [
      language,
      listsOption(groups, language),
    ]);
    const count = createGroupCounter(Object.fromEntries(lists) as Record<string, GroupTerms>);
    return (row) => {
      const groups = count(String(row.text ?? ''), row.language as string | undefined);
      return { id: row.id, groups: Object.keys(groups).length === 0 ? undefined : groups };
    };
  },
};
