// What every file of an audit is made from: the build, the recipe as the manifest keeps it, what was counted, who asked for
// removal, and how the crawlers introduced themselves. Nothing here looks at a clock or at anything outside the corpus.

import { countedVerdict, policyFor } from '@gristmill/consent';
import type { JsonObject } from '@gristmill/core';
import { openBuild, readErasures, requireManifest, type Erasure, type OpenBuild } from '@gristmill/corpus';
import { resolvePackOptions } from '@gristmill/pack';
import { resolveSelectOptions, type ResolvedSelectOptions } from '@gristmill/select';
import type { Store } from '@gristmill/storage';
import type { AuditFacts } from './audit-facts.ts';
import type { StatementVerdict } from './consent-rows.ts';
import { readCrawlers, type CrawlerFacts } from './crawlers.ts';

export const acquireName = 'acquire';

/** What a build cannot know. */
export const toFill = 'to be filled by the provider';

export interface RecipeSource {
  readonly name: string;
  readonly kind: string;
  readonly licence?: string;
  readonly import?: ModuleReference;
  readonly crawl?: ModuleReference;
}

interface ModuleReference {
  readonly module: string;
  readonly export: string;
  readonly options?: JsonObject;
}

export interface RecipeStep extends ModuleReference {
  readonly stage: string;
}

export interface AuditSubject {
  readonly store: Store;
  readonly build: OpenBuild;
  readonly name: string;
  readonly contact?: string;
  readonly sources: readonly RecipeSource[];
  readonly steps: readonly RecipeStep[];
  /** Options of select; undefined where the recipe has no such step. */
  readonly select?: ResolvedSelectOptions;
  readonly masksPersonalData: boolean;
  readonly erasures: readonly Erasure[];
  readonly crawlers: readonly CrawlerFacts[];
}

/** With what was counted. */
export interface Audit extends AuditSubject {
  readonly facts: AuditFacts;
  /** The newest date that the corpus records, ISO 8601. */
  readonly newest?: string;
}

export async function openSubject(store: Store): Promise<AuditSubject> {
  const build = await openBuild(store, await requireManifest(store));
  const { recipe } = build.manifest;
  const sources = (recipe.sources ?? []) as unknown as RecipeSource[];
  const steps = (recipe.steps ?? []) as unknown as RecipeStep[];
  const find = (module: string, name: string) =>
    steps.find((step) => step.module === module && step.export === name);
  const select = find('@gristmill/select', 'selectStage');
  const pack = find('@gristmill/pack', 'packStage');
  return {
    ...{ store, build, sources, steps },
    name: String(recipe.name),
    contact: recipe.contact as string | undefined,
    ...(select && { select: resolveSelectOptions(select.options ?? {}) }),
    masksPersonalData: pack !== undefined && resolvePackOptions(pack.options ?? {}).maskPersonalData,
    erasures: await readErasures(store),
    crawlers: await readCrawlers(store, build.manifest, sources),
  };
}

/** Under the words that the recipe obeys; without a select step nothing is denied. */
export function statementVerdicts({ select }: AuditSubject): StatementVerdict {
  return (statement, document) => {
    if (!select) return statement.verdict === 'allow' ? 'allowed' : 'unknown';
    const verdict = countedVerdict(statement, policyFor(document, select.consent));
    if (verdict === 'deny' || verdict === 'conditional') return 'denied';
    return verdict === 'allow' ? 'allowed' : 'unknown';
  };
}
