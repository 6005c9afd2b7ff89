// From statements to an answer: any refusal refuses, any price refuses until somebody has an agreement; what is left is
// allowed where somebody allowed it, and else unknown, which the recipe decides.

import { readStatements, type Observed, type Reader } from './read-statements.ts';
import type { Consent, ConsentPolicy, Statement, Verdict } from './statement.ts';

/**
 * @example readConsent({ url: 'https://a.example/x', headers: [['X-Robots-Tag', 'noai']] }, { agent: 'gristmill' }).result // 'deny'
 */
export function readConsent(observed: Observed, reader: Reader): Consent {
  const statements = readStatements(observed, reader);
  return {
    agent: reader.agent,
    purpose: reader.purpose ?? 'train',
    statements,
    ...decideConsent(statements, reader),
  };
}

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

/** What a statement says under a policy: one that is superseded, or whose reading is left out, says nothing. */
export function countedVerdict(statement: Statement, policy: ConsentPolicy = {}): Verdict {
  const { noarchive = false, noindex = true, oldLabels = false, agents = [] } = policy;
  const readings = { noarchive, noindex, oldLabels, agents: agents.length > 0 };
  const counts = !statement.superseded && (statement.needs === undefined || readings[statement.needs]);
  return counts ? statement.verdict : 'unknown';
}
