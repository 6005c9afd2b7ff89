// Where a document says that it lives: the URL that it declares as canonical, else its own, without what seldom tells two
// documents apart: scheme, `www.`, a final slash. Documents of one address are proposed as duplicates and verified like
// any pair; an address alone removes nothing.

import { canonicalUrl } from '@gristmill/text';
import { sha256 } from '@gristmill/core';

/**
 * @param url its own; @param declared what `rel=canonical` says, perhaps relative
 * @returns 32 hex digits, undefined for a document without a URL
 * @example addressOf('http://www.example.org/a/') === addressOf('https://example.org/b', '/a')
 */
export function addressOf(url: string | undefined, declared?: string): string | undefined {
  const own = url === undefined ? undefined : canonicalUrl(url);
  const found = (declared === undefined ? undefined : canonicalUrl(declared, own)) ?? own;
  if (found === undefined) return undefined;
  const place = found.slice(found.indexOf('//') + 2);
  const bare = place.startsWith('www.') ? place.slice(4) : place;
  return sha256(bare.endsWith('/') ? bare.slice(0, -1) : bare).slice(0, 32);
}
