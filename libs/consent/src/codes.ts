// Statements as words that a policy can name, so that what is decided later needs no text: what refuses, what allows.

import { verdictFor } from './purpose.ts';
import type { Purpose, Statement } from './statement.ts';

/** Whatever may refuse, in the order of the glossary. The last three are readings that a recipe must ask for. */
export const refusalCodes = [
  'robots',
  'aipref',
  'content-signal',
  'tdmrep',
  'rsl',
  'rsl-conditional',
  'noai',
  'noindex',
  'ai.txt',
  'iptc',
  'http-402',
  'noarchive',
  'aipref-old',
  'robots-agents',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** What refuses or asks for a price, each once, sorted; of readings all, also those that no policy counts. */
export function refusalsOf(statements: readonly Statement[], purpose: Purpose = 'train'): RefusalCode[] {
  const refusing = counted(statements).filter((statement) =>
    ['deny', 'conditional'].includes(verdictFor(statement, purpose)),
  );
  return [...new Set(refusing.map((statement) => codeOf(statement, purpose)))].sort();
}

/** The word for a statement that refuses. */
export function codeOf(statement: Statement, purpose: Purpose = 'train'): RefusalCode {
  const { protocol, needs } = statement;
  if (needs === 'agents') return 'robots-agents';
  if (needs === 'oldLabels') return 'aipref-old';
  if (needs !== undefined) return needs;
  if (protocol === 'meta-robots' || protocol === 'x-robots-tag')
    return purpose === 'search' ? 'noindex' : 'noai';
  const isConditional = verdictFor(statement, purpose) === 'conditional';
  return protocol === 'rsl' && isConditional ? 'rsl-conditional' : protocol;
}

/** Protocols that allow, each once, sorted. */
export function permissionsOf(statements: readonly Statement[], purpose: Purpose = 'train'): string[] {
  const allowing = counted(statements).filter((statement) => verdictFor(statement, purpose) === 'allow');
  return [...new Set(allowing.map(({ protocol }) => protocol))].sort();
}

const counted = (statements: readonly Statement[]) =>
  statements.filter(({ superseded, outdated }) => !superseded && !outdated);

/** What is kept of a document: words for training and for a search index, and all that was said. */
export interface SaidOfUse {
  readonly refusals: readonly string[];
  readonly permissions: readonly string[];
  readonly searchRefusals: readonly string[];
  readonly searchPermissions: readonly string[];
  readonly statements: readonly Statement[];
}

/** @example saidOfUse(readStatements(observed, reader)).refusals // ['tdmrep'] */
export function saidOfUse(statements: readonly Statement[]): SaidOfUse {
  return {
    refusals: refusalsOf(statements),
    permissions: permissionsOf(statements),
    searchRefusals: refusalsOf(statements, 'search'),
    searchPermissions: permissionsOf(statements, 'search'),
    statements,
  };
}
