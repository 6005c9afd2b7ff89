// One statement for each purpose: what is said of training may say nothing, or something else, of a search index.

import type { Purpose, Statement, Verdict } from './statement.ts';

/**
 * Research organisations need not heed a reservation of text and data mining (Article 3 of directive 2019/790).
 * @example verdictFor({ ...noindex, verdict: 'unknown', search: 'deny' }, 'search') // 'deny'
 */
export function verdictFor({ protocol, verdict, search }: Statement, purpose: Purpose): Verdict {
  if (purpose === 'search') return search ?? verdict;
  return purpose === 'research' && protocol === 'tdmrep' ? 'unknown' : verdict;
}

/** A verdict for training with the one for a search index, which is left out where it is the same. */
export function verdicts(verdict: Verdict, search: Verdict): Pick<Statement, 'verdict' | 'search'> {
  return verdict === search ? { verdict } : { verdict, search };
}
