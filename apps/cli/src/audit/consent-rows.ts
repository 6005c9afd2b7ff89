// What was said about the use of documents: a row a statement and host, with how many documents it denies, allows, or says
// nothing that counts about under the policy of the recipe. Documents of which nobody said anything have a row a host.

import type { Statement } from '@gristmill/consent';
import type { AuditedDocument } from '@gristmill/corpus';

export type CountedVerdict = 'denied' | 'allowed' | 'unknown';
/** What a statement means for a document under the recipe's policy. */
export type StatementVerdict = (statement: Statement, document: AuditedDocument) => CountedVerdict;

export interface ConsentRow {
  /** Of the document's address; `source:NAME` where it has none. */
  readonly host: string;
  /** `none`: nothing was said. */
  readonly protocol: string;
  /** SHA-256 of what was read. */
  readonly sha256: string;
  readonly where: string;
  /** As it was written, at most 500 bytes. */
  readonly said: string;
  /** First and last time that it was read, ISO 8601. */
  firstRead?: string;
  lastRead?: string;
  denied: number;
  allowed: number;
  unknown: number;
  /** Of these documents those that the build keeps, and their tokens. */
  kept: number;
  tokens: number;
}

export interface ConsentTally {
  add(document: AuditedDocument): void;
  /** By host, protocol, place and words. */
  rows(): ConsentRow[];
  /** Kept documents that a statement denies. */
  deniedAndKept(): number;
}

const strength: readonly CountedVerdict[] = ['denied', 'allowed', 'unknown'];

export function createConsentTally(verdictOf: StatementVerdict): ConsentTally {
  const rows = new Map<string, ConsentRow>();
  let deniedAndKept = 0;
  return {
    add(document) {
      const host = document.domain ?? `source:${document.source}`;
      const said = (document.statements ?? []) as readonly Statement[];
      const verdicts = new Map<string, CountedVerdict>();
      for (const statement of said) {
        const { protocol, sha256, where, raw } = statement;
        const row = rowFor(rows, { host, protocol, sha256, where, said: raw });
        row.firstRead = earlier(row.firstRead, statement.fetchedAt);
        row.lastRead = latest(row.lastRead, statement.fetchedAt);
        const key = keyOf(row);
        const verdict = verdictOf(statement, document);
        const known = verdicts.get(key) ?? 'unknown';
        verdicts.set(key, strength.indexOf(verdict) < strength.indexOf(known) ? verdict : known);
      }
      if (said.length === 0) {
        const row = rowFor(rows, { host, protocol: 'none', sha256: '', where: '', said: '' });
        verdicts.set(keyOf(row), 'unknown');
      }
      if (document.kept && [...verdicts.values()].includes('denied')) deniedAndKept++;
      for (const [key, verdict] of verdicts) {
        const row = rows.get(key)!;
        row[verdict]++;
        if (document.kept) row.kept++;
        if (document.kept) row.tokens += document.tokens ?? 0;
      }
    },
    deniedAndKept: () => deniedAndKept,
    rows: () => [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row),
  };
}

type RowKey = Pick<ConsentRow, 'host' | 'protocol' | 'sha256' | 'where' | 'said'>;

const keyOf = ({ host, protocol, where, sha256, said }: RowKey) =>
  JSON.stringify([host, protocol, where, sha256, said]);

function rowFor(rows: Map<string, ConsentRow>, key: RowKey): ConsentRow {
  const row = rows.get(keyOf(key)) ?? { ...key, denied: 0, allowed: 0, unknown: 0, kept: 0, tokens: 0 };
  rows.set(keyOf(key), row);
  return row;
}

const earlier = (a: string | undefined, b: string | undefined) =>
  a === undefined || (b !== undefined && b < a) ? b : a;
const latest = (a: string | undefined, b: string | undefined) =>
  a === undefined || (b !== undefined && b > a) ? b : a;
