// From statements to an answer: any refusal refuses, any price refuses until somebody has an agreement; what is left is
// allowed where somebody allowed it, and else unknown, which the recipe decides.

import { readStatements, type Observed, type Reader } from './read-statements.ts';
import type { Consent, Statement } from './statement.ts';

/**
 * @example readConsent({ url: 'https://a.example/x', headers: [['X-Robots-Tag', 'noai']] }, { agent: 'gristmill' }).result // 'deny'
 */
export function readConsent(observed: Observed, reader: Reader): Consent {
  const statements = readStatements(observed, reader);
  return {
    agent: reader.agent,
    purpose: reader.purpose ?? 'train',
    statements,
    ...decideConsent(statements, reader.override),
  };
}

export function decideConsent(
  statements: readonly Statement[],
  override?: Consent['override'],
): Pick<Consent, 'result' | 'decidedBy' | 'override'> {
  const find = (...verdicts: Statement['verdict'][]) =>
    statements.findIndex(({ verdict, superseded }) => !superseded && verdicts.includes(verdict));
  const [refusing, allowing] = [find('deny', 'conditional'), find('allow')];
  if (refusing >= 0 && override) return { result: 'allow', decidedBy: refusing, override };
  if (refusing >= 0) return { result: 'deny', decidedBy: refusing };
  return allowing >= 0 ? { result: 'allow', decidedBy: allowing } : { result: 'unknown' };
}
