// Where a page leads a crawl: links that it may follow, each with what it costs of the depth. Further pages of a series and
// the same page elsewhere (canonical, other languages) are as near to a seed as the page itself.

import {
  createNodeSelector,
  readLinkHeaders,
  readLinks,
  resolveUrl,
  attribute,
  firstOf,
  tag,
  type FlatTree,
  type LinkKind,
} from '@gristmill/markup';
import { canonicalUrl } from '@gristmill/text';

export interface Lead {
  /** Canonical URL. */
  readonly url: string;
  /** Links that it adds to the depth of the page. */
  readonly steps: 0 | 1;
  /** The page names it as its feed or catalogue. */
  readonly isFeed?: true;
}

export interface LeadContext {
  /** Of the page. */
  readonly url: string;
  /** Values of its Link fields. */
  readonly fields?: readonly string[];
  /** CSS selector of links to the next page of a list, by the recipe. */
  readonly next?: string;
}

const near: ReadonlySet<LinkKind> = new Set(['canonical', 'alternate', 'next', 'previous', 'feed']);

/** Each address once, at its least cost, in the order in which they stand. Pure; never throws. */
export function readLeads(tree: FlatTree, { url, fields = [], next }: LeadContext): Lead[] {
  const { base, links } = readLinks(tree, url);
  const all = [...readLinkHeaders(fields, url), ...links].filter(({ noFollow }) => !noFollow);
  const leads = new Map<string, Lead>();
  const add = (link: string | undefined, steps: Lead['steps'], isFeed = false): void => {
    const address = link === undefined ? undefined : canonicalUrl(link);
    if (address === undefined) return;
    if (steps < (leads.get(address)?.steps ?? 2))
      leads.set(address, { url: address, steps, ...(isFeed && { isFeed }) });
  };
  for (const link of all) add(link.url, near.has(link.kind) ? 0 : 1, link.kind === 'feed');
  if (next !== undefined) for (const link of nextLinks(tree, base, next)) add(link, 0);
  return [...leads.values()];
}

/** A matched element's own address, or that of the first link in it; none that the page asks not to follow. */
function nextLinks(tree: FlatTree, base: string, selector: string): (string | undefined)[] {
  const found = createNodeSelector(tree)?.(selector) ?? [];
  return found.map((node) => {
    const isLink = attribute(tree, node, 'href') !== undefined;
    const link = isLink ? node : firstOf(tree, tag.a, node + 1, tree.end[node]);
    if (link === undefined || /(?:^|\s)nofollow(?:\s|$)/i.test(attribute(tree, link, 'rel') ?? ''))
      return undefined;
    return resolveUrl(attribute(tree, link, 'href') ?? '', base);
  });
}
