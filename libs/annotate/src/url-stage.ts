// The column group of addresses: the category of the pinned URL lists that covers a document's URL or canonical URL, and
// how many of the recipe's words stand in them (RefinedWeb's soft words: one is a hint, two are a reason). A document without a URL has none.

import { resolveOptions, type OptionSchema, type OptionsOf, type RowStage } from '@gristmill/core';
import { decodeUrlLists, findBlockedUrl } from '@gristmill/detect';
import { pinnedBytes } from './stage-options.ts';

const urlOptions = {
  lists: {
    type: 'string',
    default: 'url-lists',
    nullable: true,
    description: 'Name of the pinned lists (`urlListTraining`); null: words only.',
  },
  words: { type: 'list', default: [], description: 'Words between the marks of a URL that count.' },
} as const satisfies OptionSchema;

export type UrlOptions = OptionsOf<typeof urlOptions>;

export const urlStage: RowStage<UrlOptions> = {
  name: 'annotate-url',
  version: 1,
  description:
    'Whether a list of addresses covers a document, and how many words of the recipe stand in its URL.',
  options: urlOptions,
  reads: ['url', 'canonicalUrl'],
  columns: [
    { name: 'blockedUrl', type: 'string', optional: true },
    { name: 'urlWords', type: 'int32' },
  ],
  artefacts: ({ lists = 'url-lists' }) => (lists === null ? [] : [lists]),
  create(options, artefacts) {
    const { lists: name, words: given } = resolveOptions(urlOptions, options, { name: 'annotate-url' });
    const lists = name === null ? undefined : decodeUrlLists(pinnedBytes(artefacts, name));
    const words = new Set(given);
    return ({ id, url, canonicalUrl }) => {
      const urls = [url, canonicalUrl].filter((value) => typeof value === 'string');
      const category =
        lists && urls.map((one) => findBlockedUrl(lists, one)).find((name) => name !== undefined);
      const found = urls
        .flatMap((one) => one.toLowerCase().split(/[^\p{L}\p{N}]+/u))
        .filter((word) => words.has(word));
      return { id, blockedUrl: category, urlWords: new Set(found).size };
    };
  },
};
