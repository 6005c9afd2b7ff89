// A body that a crawl fetched, through the door of files: what holds several documents (a book, a feed, an archive, records)
// gives an item for each, what is one document stays as it is.

import { saidOfUse, supersede, type Statement } from '@gristmill/consent';
import { documentId, type Json, type RawItem, type SaidOfUse } from '@gristmill/core';
import type { FetchedItem } from '@gristmill/corpus';
import { openItems } from './open-items.ts';

/**
 * Items of a body are named by its address and their name in it; what was said of the answer holds for each of them, beside
 * what the container says itself.
 */
export const bodyOpener = {
  name: 'body',
  version: 1,
  async *open(fetched: FetchedItem): AsyncGenerator<FetchedItem> {
    const { bytes, mediaType, charset, source } = fetched;
    if (fetched.verdict || isPage(fetched)) return yield fetched;
    const { url = '', ...origin } = source;
    const type = mediaType === '' ? undefined : mediaType;
    for await (const item of openItems(bytes, { source: origin, path: url, mediaType: type, charset, url }))
      yield item.source.item === undefined ? asItIs(fetched, item) : partOf(fetched, item);
  },
};

/** Declared as a page, and no file that begins as archives, books and PDF do. */
function isPage({ bytes, mediaType }: FetchedItem): boolean {
  const isDeclared = mediaType === 'text/html' || mediaType === 'application/xhtml+xml' || mediaType === '';
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024)).toString('latin1');
  return (
    isDeclared &&
    /^(?:\xef\xbb\xbf)?\s*</.test(start) &&
    !/^\s*<(?:\?xml[^>]*>\s*<)?(?:rss|feed|rdf:RDF)[\s>]/i.test(start)
  );
}

function asItIs(fetched: FetchedItem, { consent, verdict }: RawItem): FetchedItem {
  return {
    ...fetched,
    ...(consent && { consent: together(fetched.consent, consent) }),
    ...(verdict && { verdict, bytes: new Uint8Array() }),
  };
}

function partOf({ source, consent, fetch }: FetchedItem, { source: within, ...item }: RawItem): FetchedItem {
  const { url, name, kind } = source;
  const place = { name, kind, url, item: within.item! };
  // Where an entry of a feed has an address of its own, it is there that a reader finds it.
  return {
    ...item,
    id: documentId(place),
    source: { ...place, url: within.url ?? url },
    ...((consent ?? item.consent) && { consent: together(consent, item.consent) }),
    ...(fetch && { fetch }),
  };
}

function together(answer: SaidOfUse | undefined, own: SaidOfUse | undefined): SaidOfUse {
  if (!own) return answer!;
  if (!answer) return own;
  const statements = [answer, own].flatMap((said) => said.statements as unknown as Statement[]);
  const settled = supersede(statements);
  return { ...saidOfUse(settled), statements: settled as unknown as Json };
}
