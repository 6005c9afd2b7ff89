// Which licence a document states, in its text or in its metadata, with the evidence. It finds statements and does not
// judge them: a page about licences states several. Where statements differ the most restrictive one counts, except
// that what the source's metadata declares goes before what a text says.

import {
  licenceClasses,
  licenceClassOf,
  licenceRules,
  spdxNames,
  unspacedReserved,
  type LicenceClass,
  type LicenceRule,
} from './licence-names.ts';
import { createTermMatcher } from './term-matcher.ts';

export { licenceClassOf, type LicenceClass } from './licence-names.ts';

/** Version of the rules: raised when findings change for the same text. */
export const licenceVersion = 1;

export interface LicenceStatement {
  /** SPDX's name where it has one: `CC-BY-SA-4.0`, `public-domain`, `all-rights-reserved`. */
  readonly licence: string;
  readonly where: 'text' | 'metadata';
  /** In UTF-16 code units of the text or of the metadata's value. */
  readonly start: number;
  readonly end: number;
  /** The statement with a few words around it. */
  readonly snippet: string;
}

export interface LicenceFindings {
  readonly licence: string | undefined;
  readonly class: LicenceClass | undefined;
  /** Statements name different licences. */
  readonly isAmbiguous: boolean;
  readonly statements: readonly LicenceStatement[];
}

const starts = licenceRules.flatMap((rule) => rule.starts.map((start) => ({ start, rule })));
const rulesOf = new Map<string, LicenceRule[]>();
for (const { start, rule } of starts) rulesOf.set(start, [...(rulesOf.get(start) ?? []), rule]);
const startTerms = [...rulesOf.keys()];
const matchStarts = createTermMatcher(startTerms);
const matchUnspaced = createTermMatcher(unspacedReserved, { anywhere: true });
const hasUnspaced = /[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]/;
const mostStatements = 20;

/**
 * @param declared the licence that the source or the page's metadata names
 * @example findLicences('Text under CC BY-SA 4.0.').licence // 'CC-BY-SA-4.0'
 */
export function findLicences(text: string, declared?: string): LicenceFindings {
  const inMetadata = declared === undefined ? [] : readDeclared(declared);
  const inText = readText(text);
  const deciding = inMetadata.length > 0 ? inMetadata : inText;
  const licence = mostRestrictive(deciding.map((statement) => statement.licence));
  const statements = [...inMetadata, ...inText];
  return {
    licence,
    class: licence === undefined ? undefined : licenceClassOf(licence),
    isAmbiguous: new Set(statements.map((statement) => statement.licence)).size > 1,
    statements: statements.slice(0, mostStatements),
  };
}

function readText(text: string): LicenceStatement[] {
  const found: LicenceStatement[] = [];
  let end = 0;
  matchStarts(text, (start, _end, term) => {
    if (start < end) return;
    for (const rule of rulesOf.get(startTerms[term])!) {
      const statement = readStatement(text, start, rule);
      if (!statement) continue;
      found.push(statement);
      end = statement.end;
      return;
    }
  });
  if (hasUnspaced.test(text)) {
    matchUnspaced(text, (start, last) => found.push(makeStatement(text, start, last, 'all-rights-reserved')));
  }
  return found.sort((a, b) => a.start - b.start);
}

const longestStatement = 200;

function readStatement(text: string, start: number, rule: LicenceRule): LicenceStatement | undefined {
  const piece = text.slice(start, start + longestStatement);
  rule.pattern.lastIndex = 0;
  const match = rule.pattern.exec(piece);
  const licence = match && rule.name(match, text.slice(Math.max(0, start - 60), start));
  return licence ? makeStatement(text, start, start + match[0].trimEnd().length, licence) : undefined;
}

const around = 40;

function makeStatement(text: string, start: number, end: number, licence: string): LicenceStatement {
  const snippet = text
    .slice(Math.max(0, start - around), end + around)
    .replaceAll(/\s+/g, ' ')
    .trim();
  return { licence, where: 'text', start, end, snippet };
}

/** Metadata holds URLs, SPDX names and sentences; that it speaks of licences needs no sign. */
function readDeclared(value: string): LicenceStatement[] {
  const text = value.slice(0, 2000);
  const found = readText(text);
  for (const match of text.matchAll(spdxNames)) {
    const [name] = match;
    if (!found.some(({ start, end }) => start <= match.index && match.index < end))
      found.push(makeStatement(text, match.index, match.index + name.length, name));
  }
  const plain = /public[ -]domain/i.exec(text);
  if (plain && !found.some(({ licence }) => licence === 'public-domain'))
    found.push(makeStatement(text, plain.index, plain.index + plain[0].length, 'public-domain'));
  return found.map((statement) => ({ ...statement, where: 'metadata' }));
}

function mostRestrictive(licences: readonly string[]): string | undefined {
  let chosen: string | undefined;
  const rank = (name: string) => {
    const place = licenceClasses.indexOf(licenceClassOf(name));
    return place === licenceClasses.length - 1 ? -1 : place;
  };
  for (const licence of licences) {
    if (chosen === undefined || rank(licence) > rank(chosen)) chosen = licence;
  }
  return chosen;
}
