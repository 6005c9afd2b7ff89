// From statements to an answer: any refusal refuses, any price refuses until somebody has an agreement; what is left is
// allowed where somebody allowed it, and else unknown, which the recipe decides.

import type { Observed, Reader } from './observed.ts';
import { readStatements } from './read-statements.ts';
import { codeOf } from './codes.ts';
import { verdictFor } from './purpose.ts';
import type { Consent, ConsentPolicy, Statement, Verdict } from './statement.ts';

/**
 * @example readConsent({ url: 'https://a.example/x', headers: [['X-Robots-Tag', 'noai']] }, { agent: 'gristmill' }).result // 'deny'
 */
export function readConsent(observed: Observed, reader: Reader): Consent {
  const { agent, purpose = 'train' } = reader;
  const statements = readStatements(observed, reader).map(({ search: _, ...statement }, i, all) => ({
    ...statement,
    verdict: verdictFor(all[i], purpose),
  }));
  return {
    agent,
    purpose,
    statements,
    ...decideConsent(statements, reader),
  };
}

/** @param statements as `readStatements` gives them, for whatever purpose */
export function decideConsent(
  statements: readonly Statement[],
  policy: ConsentPolicy = {},
): Pick<Consent, 'result' | 'decidedBy' | 'override'> {
  const { override } = policy;
  const find = (...verdicts: Verdict[]) =>
    statements.findIndex((statement) => verdicts.includes(countedVerdict(statement, policy)));
  const [refusing, allowing] = [find('deny', 'conditional'), find('allow')];
  if (refusing >= 0 && override) return { result: 'allow', decidedBy: refusing, override };
  if (refusing >= 0) return { result: 'deny', decidedBy: refusing };
  return allowing >= 0 ? { result: 'allow', decidedBy: allowing } : { result: 'unknown' };
}

/** What a statement says under a policy: one that is superseded, or whose reading or word is left out, says nothing. */
export function countedVerdict(statement: Statement, policy: ConsentPolicy = {}): Verdict {
  const {
    noarchive = false,
    noindex = true,
    oldLabels = false,
    agents = [],
    purpose = 'train',
    obey,
  } = policy;
  const readings = { noarchive, noindex, oldLabels, agents: agents.length > 0 };
  const isCurrent = !statement.superseded && !statement.outdated;
  if (!isCurrent || (statement.needs !== undefined && !readings[statement.needs])) return 'unknown';
  const verdict = verdictFor(statement, purpose);
  const isRefusal = verdict === 'deny' || verdict === 'conditional';
  return isRefusal && obey && !obey.includes(codeOf(statement, purpose)) ? 'unknown' : verdict;
}
