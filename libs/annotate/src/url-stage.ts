// The column group of addresses: the category of the pinned URL lists that covers a document's URL or canonical URL, and
// how many of the recipe's words stand in them (RefinedWeb's soft words: one is a hint, two are a reason). A document without a URL has none.

import type { Json, JsonObject, RowStage } from '@gristmill/core';
import { decodeUrlLists, findBlockedUrl } from '@gristmill/detect';
import { checkNames, listsOption, pinnedBytes } from './stage-options.ts';

export interface UrlOptions extends JsonObject {
  /** Name of the pinned lists. Default `url-lists`; null: words only. */
  readonly lists?: string | null;
  /** Words between the marks of a URL that count. */
  readonly words?: Json;
}

export const urlStage: RowStage<UrlOptions> = {
  name: 'annotate-url',
  version: 1,
  reads: ['url', 'canonicalUrl'],
  columns: [
    { name: 'blockedUrl', type: 'string', optional: true },
    { name: 'urlWords', type: 'int32' },
  ],
  artefacts: ({ lists = 'url-lists' }) => (lists === null ? [] : [lists]),
  create(options, artefacts) {
    checkNames(options, 'annotate-url', ['lists', 'words']);
    const { lists: name = 'url-lists' } = options;
    const lists = name === null ? undefined : decodeUrlLists(pinnedBytes(artefacts, name));
    const words = new Set(listsOption({ words: options.words ?? [] }, 'words').words);
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
