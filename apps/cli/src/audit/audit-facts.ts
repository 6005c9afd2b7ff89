// What an audit counts, in one walk over the documents of a build. Every number here can be counted again from
// `gristmill table`: the tests do so without this code.

import type { AuditedDocument, OpenBuild } from '@gristmill/corpus';
import { auditedDocuments, auditedSignals } from '@gristmill/corpus';
import { registrableDomain } from '@gristmill/text';
import { createConsentTally, type ConsentRow, type StatementVerdict } from './consent-rows.ts';
import { createLicenceTally, licenceOf, type DocumentLicence, type LicenceRow } from './licences.ts';

export interface Sums {
  documents: number;
  kept: number;
  /** UTF-8 bytes of kept texts as they lie in the shards; of the items where no shards were made. */
  bytes: number;
  /** Of kept documents. */
  tokens: number;
}

export interface SourceFacts extends Sums {
  readonly name: string;
  readonly kind: string;
  /** First and last day of fetching, of kept documents: 2026-11-30. */
  from?: string;
  to?: string;
}

export interface FindingFacts {
  findings: number;
  documents: number;
  findingsInKept: number;
  documentsKept: number;
}

export interface AuditFacts {
  readonly total: Sums;
  /** Findings of personal data that were masked in the shards. */
  masked: number;
  readonly hasTokens: boolean;
  readonly signals: ReadonlySet<string>;
  readonly sources: ReadonlyMap<string, SourceFacts>;
  readonly languages: ReadonlyMap<string, Sums>;
  readonly kinds: ReadonlyMap<string, Sums>;
  readonly mediaTypes: ReadonlyMap<string, Sums>;
  /** Registrable domain → sums; documents without an address are not among them. */
  readonly domains: ReadonlyMap<string, Sums>;
  /** The same of what was crawled. */
  readonly crawledDomains: ReadonlyMap<string, Sums>;
  readonly reasons: ReadonlyMap<string, Sums>;
  readonly personalData: ReadonlyMap<string, FindingFacts>;
  readonly consent: readonly ConsentRow[];
  readonly licences: readonly LicenceRow[];
  /** Kept documents that a statement denies. */
  readonly deniedAndKept: number;
  /** Newest date that the corpus records, ISO 8601. */
  readonly newest?: string;
}

export interface CountOptions {
  readonly verdictOf: StatementVerdict;
  /** Source → the licence that the recipe declares for it. */
  readonly licences: ReadonlyMap<string, string | undefined>;
  /** Names of the sources that were crawled. */
  readonly crawled: ReadonlySet<string>;
  /** Called with the licence of each kept document, in the order of ids. */
  readonly onKept?: (document: AuditedDocument, licence: DocumentLicence) => Promise<void> | void;
}

export async function countDocuments(build: OpenBuild, options: CountOptions): Promise<AuditFacts> {
  const tally = createTally(build);
  const consent = createConsentTally(options.verdictOf);
  const licences = createLicenceTally();
  for await (const document of auditedDocuments(build)) {
    countDocument(tally, document, options);
    consent.add(document);
    if (!document.kept) continue;
    const licence = licenceOf(document, options.licences.get(document.source));
    licences.add(document, licence);
    await options.onKept?.(document, licence);
  }
  return {
    ...tally,
    consent: consent.rows(),
    deniedAndKept: consent.deniedAndKept(),
    licences: licences.rows(),
  };
}

function createTally(build: OpenBuild) {
  const sums = () => new Map<string, Sums>();
  return {
    total: nothing(),
    masked: 0,
    hasTokens: build.state.tables.has('pack/documents'),
    signals: auditedSignals(build),
    sources: new Map<string, SourceFacts>(),
    ...{ languages: sums(), kinds: sums(), mediaTypes: sums() },
    ...{ domains: sums(), crawledDomains: sums(), reasons: sums() },
    personalData: new Map<string, FindingFacts>(),
    newest: undefined as string | undefined,
  };
}

type Tally = ReturnType<typeof createTally>;

const nothing = (): Sums => ({ documents: 0, kept: 0, bytes: 0, tokens: 0 });

function countDocument(tally: Tally, document: AuditedDocument, { crawled }: CountOptions): void {
  const { source, kind, kept, language, url, mediaType } = document;
  add(tally.total, document);
  const own = tally.sources.get(source) ?? { ...nothing(), name: source, kind };
  tally.sources.set(source, own);
  add(own, document);
  if (kept) tally.masked += document.masked ?? 0;
  if (kept) extendDays(own, document.fetchedAt);
  const domain = url === undefined ? undefined : registrableDomain(url);
  addTo(tally.kinds, kind, document);
  addTo(tally.mediaTypes, mediaType, document);
  if (kept) addTo(tally.languages, language ?? 'und', document);
  else addTo(tally.reasons, document.reason ?? 'select: not selected', document);
  if (domain !== undefined) addTo(tally.domains, domain, document);
  if (domain !== undefined && crawled.has(source)) addTo(tally.crawledDomains, domain, document);
  for (const date of [document.fetchedAt, ...readDates(document)]) tally.newest = later(tally.newest, date);
  countPersonalData(tally.personalData, document);
}

const readDates = ({ statements = [] }: AuditedDocument) =>
  (statements as readonly { fetchedAt?: string }[]).map(({ fetchedAt }) => fetchedAt);

function add(sums: Sums, { kept, textBytes, bytes, tokens }: AuditedDocument): void {
  sums.documents++;
  if (!kept) return;
  sums.kept++;
  sums.bytes += textBytes ?? bytes;
  sums.tokens += tokens ?? 0;
}

function addTo(map: Map<string, Sums>, name: string, document: AuditedDocument): void {
  const sums = map.get(name) ?? nothing();
  map.set(name, sums);
  add(sums, document);
}

function extendDays(source: SourceFacts, fetchedAt: string | undefined): void {
  const day = fetchedAt?.slice(0, 10);
  if (day === undefined) return;
  if (source.from === undefined || day < source.from) source.from = day;
  source.to = later(source.to, day);
}

export const later = (a: string | undefined, b: string | undefined): string | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a;

function countPersonalData(map: Map<string, FindingFacts>, { kept, signals }: AuditedDocument): void {
  if (!Array.isArray(signals.pii)) return;
  const types = (signals.pii as { type: string }[]).map(({ type }) => type);
  for (const type of new Set(types)) {
    const facts = map.get(type) ?? { findings: 0, documents: 0, findingsInKept: 0, documentsKept: 0 };
    map.set(type, facts);
    const findings = types.filter((one) => one === type).length;
    facts.documents++;
    facts.findings += findings;
    if (!kept) continue;
    facts.documentsKept++;
    facts.findingsInKept += findings;
  }
}

/** The largest first, by bytes and then by name. */
export function bySize(map: ReadonlyMap<string, Sums>): [string, Sums][] {
  return [...map].sort(([a, x], [b, y]) => y.bytes - x.bytes || (a < b ? -1 : 1));
}
