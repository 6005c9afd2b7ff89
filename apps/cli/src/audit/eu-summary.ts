// EU_PUBLIC_SUMMARY.json: the public summary of training content (AI Act, Article 53(1)(d)), section by section. What the
// build knows are numbers of its tables; the rest says that the provider fills it.

import type { JsonObject } from '@gristmill/core';
import { toFill, type Audit } from './audit-context.ts';
import { bySize, type AuditFacts, type Sums } from './audit-facts.ts';
import { euTemplate as template } from './eu-template.ts';
import { protocolWords } from './protocols.ts';
import type { ShownSource } from './sources.ts';

export interface SummaryOptions {
  readonly sources: readonly ShownSource[];
  /** Domains by the rule for small and medium companies. */
  readonly isSmallCompany?: boolean;
}

export function euSummary(audit: Audit, { sources, isSmallCompany = false }: SummaryOptions): JsonObject {
  const of = (...categories: readonly string[]) =>
    sources.filter(({ category }) => categories.includes(category)).map((source) => ({ ...source }));
  return {
    version: audit.build.manifest.build,
    lastUpdate: audit.newest?.slice(0, 10) ?? toFill,
    template: { article: 'AI Act, Article 53(1)(d)', asOf: template.asOf },
    provider: { name: toFill, contact: audit.contact ?? toFill },
    authorisedRepresentative: toFill,
    modelNames: [toFill],
    modelDependencies: toFill,
    dateOnUnionMarket: toFill,
    modalities: {
      text: textModality(audit),
      ...Object.fromEntries(['image', 'audio', 'video', 'other'].map((name) => [name, { present: false }])),
    },
    publicDatasets: publicDatasets(of('public')),
    privateDatasets: { licensed: of('licensed'), other: of('private') },
    crawled: crawled(audit, isSmallCompany),
    userData: { used: isUsed(sources, 'user'), sources: of('user') },
    syntheticData: { used: isUsed(sources, 'synthetic'), sources: of('synthetic') },
    otherSources: of('other', toFill),
    measures: measures(audit),
    illegalContent: { measures: illegalContent(audit), other: toFill },
    otherInformation: toFill,
  };
}

/** Known to be so only when the provider has placed every source. */
function isUsed(sources: readonly ShownSource[], category: string): boolean | string {
  if (sources.some((source) => source.category === category)) return true;
  return sources.every((source) => source.category !== toFill) ? false : toFill;
}

function textModality({ facts, sources }: Audit): JsonObject {
  const { total, hasTokens } = facts;
  const size = template.textSizes.find(({ below }) => total.tokens < below)!;
  const months = [...facts.sources.values()].flatMap(({ to }) => to?.slice(0, 7) ?? []).sort();
  const imports = sources.filter((source) => source.import);
  return {
    present: total.kept > 0,
    documents: total.kept,
    bytes: total.bytes,
    tokens: hasTokens ? total.tokens : null,
    sizeRange: hasTokens ? size.name : toFill,
    contentTypes: bySize(facts.kinds)
      .filter(([, { kept }]) => kept > 0)
      .map(([name, sums]) => ({ name, ...shares(sums, hasTokens) })),
    latestAcquisition: {
      crawled: months.at(-1) ?? null,
      imported: imports.length === 0 ? null : toFill,
    },
    continuousTraining: toFill,
    ...languages(facts),
    otherCharacteristics: toFill,
  };
}

const shares = ({ kept, bytes, tokens }: Sums, hasTokens: boolean) => ({
  documents: kept,
  bytes,
  tokens: hasTokens ? tokens : null,
});

function languages({ languages: found, hasTokens }: AuditFacts): JsonObject {
  const names = template.officialLanguages;
  const all = bySize(found).map(([code, sums]) => ({ code, ...shares(sums, hasTokens) }));
  const official = all.filter(({ code }) => Object.hasOwn(names, code));
  return {
    languages: official.map(({ code, ...sums }) => ({ language: names[code], code, ...sums })),
    otherLanguages: all.filter(({ code }) => !official.some((one) => one.code === code) && code !== 'und'),
    undetermined: all.find(({ code }) => code === 'und') ?? null,
  };
}

/** Large: above the template's share of all public data sets. */
function publicDatasets(sources: readonly ShownSource[]): JsonObject {
  const size = sources.reduce((sum, { bytes }) => sum + bytes, 0);
  const isLarge = ({ bytes }: ShownSource) => bytes > template.largeDataset.share * size;
  return {
    large: sources.filter(isLarge).map((source) => ({ ...source })),
    others: sources.filter((source) => !isLarge(source)).map((source) => ({ ...source })),
  };
}

function crawled({ facts, sources, crawlers }: Audit, isSmallCompany: boolean): JsonObject {
  const own = sources.filter(({ crawl }) => crawl);
  const domains = bySize(facts.crawledDomains).filter(([, { kept }]) => kept > 0);
  return {
    used: own.length > 0,
    crawlers: own.map(({ name, crawl }) => {
      const { from, to } = facts.sources.get(name) ?? {};
      return {
        source: name,
        name: crawlers.find(({ source }) => source === name)?.agent ?? toFill,
        purposes: toFill,
        behaviour: `obeys robots.txt (RFC 9309), waits between requests to a host, scope ${String(crawl?.options?.scope ?? 'host')}, seeds: ${seedsOf(crawl?.options)}`,
        from: from ?? null,
        to: to ?? null,
      };
    }),
    contentDescription: toFill,
    domains: domains.length,
    topDomainsRule: topRule(domains.length, isSmallCompany),
    topDomains: domains
      .slice(0, topCount(domains.length, isSmallCompany))
      .map(([domain, sums]) => ({ domain, ...shares(sums, facts.hasTokens) })),
  };
}

function seedsOf(options: JsonObject | undefined): string {
  const seeds = Array.isArray(options?.seeds) ? options.seeds.map(String) : [];
  const shown = seeds.slice(0, 10).join(', ');
  return seeds.length > 10 ? `${shown} and ${seeds.length - 10} others` : shown;
}

const { topDomains } = template;

export function topCount(domains: number, isSmallCompany: boolean): number {
  const { share, most } = topDomains.smallCompany;
  // Of a whole number of hundredths, so that a tenth of 30 is 3.
  const part = (of: number) => Math.ceil(Math.round(of * 100 * domains) / 100);
  return isSmallCompany ? Math.min(most, part(share)) : part(topDomains.share);
}

function topRule(domains: number, isSmallCompany: boolean): string {
  const { share, most } = topDomains.smallCompany;
  const rule = isSmallCompany
    ? `the top ${share * 100} % or ${most}, whichever is less (small and medium companies)`
    : `the top ${topDomains.share * 100} %`;
  return `${rule} of ${domains} registrable domains with kept documents, by bytes of text`;
}

/** Licences and contracts of the recipe that count more than what is said to everybody. */
export const agreements = (select: Audit['select']): string[] =>
  (select?.consent.overrides ?? []).map(
    ({ kind, reference, source, domain }) =>
      `${kind} ${reference} for ${[source && `source ${source}`, domain && `domain ${domain}`].filter(Boolean).join(', ')}`,
  );

function measures({ select, steps, facts }: Audit): JsonObject {
  const obeyed: readonly string[] = select?.consent.obey ?? [];
  const denied = (word: string) =>
    [`select: consent-${word}`, ...(word === 'robots' ? ['acquire: robots'] : [])].reduce(
      (total, reason) => total + (facts.reasons.get(reason)?.documents ?? 0),
      0,
    );
  return {
    codeOfPractice: toFill,
    protocols: Object.entries(protocolWords).map(([word, description]) => ({
      word,
      description,
      honoured: obeyed.includes(word),
      documentsLeftOut: denied(word),
    })),
    purpose: select?.consent.purpose ?? toFill,
    silence: select?.consent.unknown ?? toFill,
    leftOutForSilence: denied('unknown'),
    agreements: agreements(select),
    pipeline: steps.map((step) => step.export),
    other: toFill,
  };
}

function illegalContent({ facts }: Audit): string {
  const { signals, reasons } = facts;
  const ran = [
    ...(signals.has('blockedUrl') ? ['addresses are compared with lists'] : []),
    ...(signals.has('badWords') ? ['bad words are counted'] : []),
    ...(signals.has('toxicity') ? ['toxicity is scored by a learned model'] : []),
  ];
  if (ran.length === 0) return 'no filter for illegal content ran in this build';
  const dropped = [...reasons]
    .filter(([reason]) => /: (?:bad_words|toxic|blocked_url|url_words)$/.test(reason))
    .map(([reason, { documents }]) => `${documents} documents left out by ${reason.replace(/^.*: /, '')}`);
  return [...ran, ...dropped].join('; ');
}
