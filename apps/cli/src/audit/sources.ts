// Which sections of the public summary a source belongs to. That a source was crawled the recipe says; whether files were
// somebody's public data set, licensed, users' or synthetic only the provider knows, and may say in --provider's file.

import { DataError, suggestName } from '@gristmill/core';
import { toFill, type Audit, type RecipeSource } from './audit-context.ts';
import type { SourceFacts } from './audit-facts.ts';

export const sourceCategories = ['public', 'licensed', 'private', 'user', 'synthetic', 'other'] as const;
export type SourceCategory = (typeof sourceCategories)[number];

/** What the provider says of a source. */
export interface SourceDescription {
  readonly category?: SourceCategory;
  readonly name?: string;
  readonly url?: string;
  readonly version?: string;
  readonly description?: string;
}
export type SourceDescriptions = Readonly<Record<string, SourceDescription>>;

/** A source as the summary shows it. */
export interface ShownSource {
  readonly source: string;
  readonly category: SourceCategory | 'crawled' | typeof toFill;
  readonly name: string;
  readonly url: string;
  readonly version: string;
  readonly description: string;
  readonly kind: string;
  readonly licence: string;
  readonly documents: number;
  readonly tokens: number | null;
  readonly bytes: number;
}

/** @throws DataError `provider-file` for a source that the recipe lacks, or a wrong category */
export function showSources(audit: Audit, described: SourceDescriptions): ShownSource[] {
  checkDescriptions(audit.sources, described);
  return audit.sources.map((source) => {
    const facts = audit.facts.sources.get(source.name);
    const said: SourceDescription = Object.hasOwn(described, source.name) ? described[source.name] : {};
    const isCrawl = source.crawl !== undefined;
    return {
      source: source.name,
      category: isCrawl ? 'crawled' : (said.category ?? toFill),
      name: said.name ?? (isCrawl ? source.name : toFill),
      url: said.url ?? (isCrawl ? 'see the domains' : toFill),
      version: said.version ?? (isCrawl ? fetched(facts) : toFill),
      description: said.description ?? describeModule(source),
      kind: source.kind,
      licence: source.licence ?? 'not declared in the recipe',
      documents: facts?.kept ?? 0,
      tokens: audit.facts.hasTokens ? (facts?.tokens ?? 0) : null,
      bytes: facts?.bytes ?? 0,
    };
  });
}

const fetched = (facts: SourceFacts | undefined) =>
  facts?.from === undefined ? 'no date is recorded' : `fetched ${facts.from} to ${facts.to!}`;

function describeModule({ crawl, import: importer }: RecipeSource): string {
  if (crawl) return `crawled by ${crawl.export}`;
  return `files read by ${importer?.export ?? 'an importer'}`;
}

function checkDescriptions(sources: readonly RecipeSource[], described: SourceDescriptions): void {
  const names = sources.map(({ name }) => name);
  for (const [name, { category }] of Object.entries(described)) {
    if (!names.includes(name))
      throw new DataError(
        'provider-file',
        `the provider's file describes the source ${name}, which the recipe lacks`,
        suggestName(name, names, `its sources are ${names.join(', ')}`),
      );
    if (category !== undefined && !sourceCategories.includes(category))
      throw new DataError(
        'provider-file',
        `the source ${name} has the category ${String(category)} in the provider's file`,
        suggestName(String(category), sourceCategories, `it is one of ${sourceCategories.join(', ')}`),
      );
  }
}
