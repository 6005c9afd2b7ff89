// What a recipe says of sites, handed to those who act on it: selectors of content to extract, where further pages are to
// crawls. So each stands in the key of what it changes alone.

import type { JsonObject } from '@gristmill/core';
import { z } from 'zod';

const selector = z.string().min(1);

export const sitesSchema = z
  .record(
    z.string().refine((host) => URL.parse(`http://${host}/`)?.host === host, {
      error: 'a host as in an address, in lower case',
    }),
    z.strictObject({
      keep: selector.optional().describe('Elements that are the content of a page; all else is left.'),
      drop: selector.optional().describe('Elements that are not read.'),
      next: selector.optional().describe('Links to the next page of a list: followed as no step of depth.'),
    }),
  )
  .describe(
    "CSS selectors by host, subdomains included, as cheerio reads them: `{'example.org': {keep: 'article', drop: '.ads', next: 'a.next'}}`. A change of `keep` or `drop` fetches nothing again.",
  );

type Sites = z.output<typeof sitesSchema>;

interface Reference {
  readonly options?: JsonObject;
}

/** The recipe with `sites` as options of its extract steps and its crawls. */
export function spreadSites<
  R extends {
    readonly sites?: Sites;
    readonly sources: readonly { readonly crawl?: Reference }[];
    readonly steps: readonly (Reference & { readonly stage: string })[];
  },
>({ sites, ...recipe }: R): Omit<R, 'sites'> {
  if (!sites) return recipe;
  const content = pick(sites, ['keep', 'drop']);
  const further = pick(sites, ['next']);
  return {
    ...recipe,
    sources: recipe.sources.map((source) =>
      source.crawl ? { ...source, crawl: withSites(source.crawl, further) } : source,
    ),
    steps: recipe.steps.map((step) => (step.stage === 'extract' ? withSites(step, content) : step)),
  };
}

function pick(sites: Sites, names: readonly (keyof Sites[string])[]): JsonObject {
  const picked = Object.entries(sites).map(([host, site]) => {
    const held = names.flatMap((name) => (site[name] === undefined ? [] : [[name, site[name]]]));
    return [host, Object.fromEntries(held)] as const;
  });
  return Object.fromEntries(picked.filter(([, held]) => Object.keys(held).length > 0)) as JsonObject;
}

function withSites<T extends Reference>(reference: T, sites: JsonObject): T {
  if (Object.keys(sites).length === 0) return reference;
  const own = reference.options?.['sites'] as JsonObject | undefined;
  return { ...reference, options: { ...reference.options, sites: { ...sites, ...own } } };
}
