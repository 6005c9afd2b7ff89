// The tables of an audit as CSV.

import type { AuditedDocument } from '@gristmill/corpus';
import type { Audit } from './audit-context.ts';
import { bySize, type AuditFacts } from './audit-facts.ts';
import { csvLines, type CsvCell } from './csv.ts';
import { attributionOf, type DocumentLicence, type LicenceRow } from './licences.ts';

export function consentCsv({ consent, hasTokens }: AuditFacts): string {
  const heading = [
    ...['host', 'protocol', 'statement_sha256', 'where', 'said', 'first_read', 'last_read'],
    ...['documents_denied', 'documents_allowed', 'documents_unknown', 'documents_kept', 'tokens_kept'],
  ];
  return csvLines([
    heading,
    ...consent.map((row): CsvCell[] => [
      ...[row.host, row.protocol, row.sha256, row.where, row.said, row.firstRead, row.lastRead],
      ...[row.denied, row.allowed, row.unknown, row.kept, hasTokens ? row.tokens : undefined],
    ]),
  ]);
}

export function domainsCsv({ domains, hasTokens }: AuditFacts): string {
  return csvLines([
    ['domain', 'documents', 'documents_kept', 'bytes', 'tokens'],
    ...bySize(domains).map(([domain, { documents, kept, bytes, tokens }]): CsvCell[] => [
      ...[domain, documents, kept, bytes],
      hasTokens ? tokens : undefined,
    ]),
  ]);
}

export function personalDataCsv({ facts, masksPersonalData }: Audit): string {
  const isSearched = facts.signals.has('pii');
  const treatment = masksPersonalData ? 'masked in shards and exports' : 'not masked';
  const rows = [...facts.personalData].sort(([a], [b]) => (a < b ? -1 : 1));
  return csvLines([
    ['type', 'findings', 'documents', 'findings_in_kept', 'documents_kept', 'treatment'],
    ...rows.map(([type, row]): CsvCell[] => [
      ...[type, row.findings, row.documents, row.findingsInKept, row.documentsKept],
      treatment,
    ]),
    ...(isSearched ? [] : [['this build did not look for personal data', ...new Array<undefined>(5)]]),
  ]);
}

/** Of licences.csv: sums, and a row a document where the licence asks for attribution. */
export const licenceLines = {
  heading: ['licence', 'evidence', 'words', 'documents', 'tokens', 'document', 'attribution'],
  ofRow: ({ licence, evidence, words, documents, tokens }: LicenceRow, hasTokens: boolean): CsvCell[] => [
    ...[licence, evidence, words, documents, hasTokens ? tokens : undefined],
    ...[undefined, undefined],
  ],
  ofDocument: (document: AuditedDocument, licence: DocumentLicence): CsvCell[] => [
    ...[licence.licence, licence.evidence, licence.words, 1, document.tokens],
    ...[document.place, attributionOf(document, licence)],
  ],
};
