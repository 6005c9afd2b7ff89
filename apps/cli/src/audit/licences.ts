// Under which licences the kept documents stand, in SPDX's words, with what shows it. Where a licence asks for attribution,
// each document has its line, so these rows are made one by one; the others are sums.

import { createRequire } from 'node:module';
import { sha256 } from '@gristmill/core';
import type { AuditedDocument } from '@gristmill/corpus';
import { findLicences } from '@gristmill/detect';

export interface DocumentLicence {
  /** An SPDX identifier, `LicenseRef-…`, or `NOASSERTION` where none is known. */
  readonly licence: string;
  /** What it is known by: the recipe's word for the source, metadata of the item, its text, or nothing. */
  readonly evidence: 'recipe' | 'metadata' | 'text' | 'none';
  /** The words that say so. */
  readonly words: string;
}

export interface LicenceRow {
  readonly licence: string;
  readonly evidence: string;
  documents: number;
  tokens: number;
  /** Of the first document. */
  readonly words: string;
}

const spdxIds = createRequire(import.meta.url)('spdx-license-ids') as string[];
const identifiers = new Map(spdxIds.map((id) => [id.toLowerCase(), id]));

/** @example spdxName('cc-by-4.0') // 'CC-BY-4.0' @example spdxName('Crown copyright') // 'LicenseRef-Crown-copyright' */
export function spdxName(licence: string): string {
  const known = identifiers.get(licence.trim().toLowerCase());
  if (known !== undefined) return known;
  const word = licence.replace(/[^A-Za-z0-9.]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
  if (word !== '' && word.length <= 60) return `LicenseRef-${word}`;
  return `LicenseRef-${word.slice(0, 50)}${word === '' ? '' : '-'}${sha256(licence).slice(0, 8)}`;
}

/** @param ofSource what the recipe declares for the document's source */
export function licenceOf(document: AuditedDocument, ofSource: string | undefined): DocumentLicence {
  const { licence: declared, signals } = document;
  const inMetadata = declared !== undefined && declared === ofSource ? 'recipe' : 'metadata';
  const found = typeof signals.licenceFound === 'string' ? signals.licenceFound : undefined;
  if (found !== undefined) {
    const statements = (signals.licenceStatements ?? []) as {
      licence: string;
      where: 'text' | 'metadata';
      snippet: string;
    }[];
    const shown = statements.find(({ licence }) => licence === found) ?? statements[0];
    const evidence = shown?.where === 'text' ? 'text' : inMetadata;
    return { licence: spdxName(found), evidence, words: shown?.snippet ?? found };
  }
  if (declared === undefined) return { licence: 'NOASSERTION', evidence: 'none', words: '' };
  const named = identifiers.has(declared.trim().toLowerCase())
    ? declared
    : findLicences('', declared).licence;
  return { licence: spdxName(named ?? declared), evidence: inMetadata, words: declared };
}

/** True for licences of Creative Commons that ask for attribution. */
export const asksForAttribution = (licence: string): boolean => /^(?:LicenseRef-)?CC-BY(?:-|$)/.test(licence);

export function createLicenceTally() {
  const rows = new Map<string, LicenceRow>();
  return {
    add(document: AuditedDocument, { licence, evidence, words }: DocumentLicence): void {
      const key = `${licence} ${evidence}`;
      const row = rows.get(key) ?? { licence, evidence, documents: 0, tokens: 0, words };
      rows.set(key, row);
      row.documents++;
      row.tokens += document.tokens ?? 0;
    },
    rows: () => [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row),
  };
}

/** What Creative Commons asks for: title, author, place, licence with its address, and that it was changed. */
export function attributionOf(document: AuditedDocument, { licence }: DocumentLicence): string {
  const name = licence.replace('LicenseRef-', '');
  const [, kind, version] = /^CC-BY((?:-[A-Z]+)*)(?:-(\d\.\d))?/.exec(name) ?? [];
  const path = `by${(kind ?? '').toLowerCase()}`;
  const address = `https://creativecommons.org/licenses/${path}/${version === undefined ? '' : `${version}/`}`;
  const title = document.title === undefined ? [] : [`“${document.title}”`];
  const author = document.author === undefined ? 'author not recorded' : `by ${document.author}`;
  const licensed = `CC BY${kind ?? ''}${version === undefined ? '' : ` ${version}`}`;
  const named = [...title, author, document.url ?? document.place].join(', ');
  return `${named}, licensed under ${licensed} (${address}); text extracted and changed`;
}
