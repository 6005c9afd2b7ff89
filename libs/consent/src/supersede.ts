// TDMRep's order: the file of the host, the header, the metadata inside the document. Each supersedes the one before;
// absence never resets.

import type { Statement } from './statement.ts';

/** Settles `superseded` anew among the statements of TDMRep; others, and those that are outdated, stay as they are. */
export function supersede(statements: readonly Statement[]): Statement[] {
  const speaking = statements.filter(
    ({ protocol, outdated, verdict }) => protocol === 'tdmrep' && !outdated && verdict !== 'unknown',
  );
  const decisive = Math.max(...speaking.map(rankOf));
  return statements.map((statement) => {
    if (statement.protocol !== 'tdmrep' || statement.outdated) return statement;
    const { superseded: _, ...rest } = statement;
    return rankOf(statement) < decisive ? { ...rest, superseded: true } : rest;
  });
}

function rankOf({ where }: Statement): number {
  if (/^https?:/.test(where)) return 0;
  return where.startsWith('header ') ? 1 : where.startsWith('meta ') ? 2 : 3;
}
