// Statements as words that a policy can name, so that what is decided later needs no text: what refuses, what allows.

import type { Statement } from './statement.ts';

/** Whatever may refuse training, in the order of the glossary. The last three are readings that a recipe must ask for. */
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
  'http-402',
  'noarchive',
  'aipref-old',
  'robots-agents',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** What refuses or asks for a price, each once, sorted; of readings all, also those that no policy counts. */
export function refusalsOf(statements: readonly Statement[]): RefusalCode[] {
  const refusing = statements.filter(
    ({ verdict, superseded }) => !superseded && (verdict === 'deny' || verdict === 'conditional'),
  );
  return [...new Set(refusing.map(codeOf))].sort();
}

function codeOf({ protocol, verdict, needs }: Statement): RefusalCode {
  if (needs === 'agents') return 'robots-agents';
  if (needs === 'oldLabels') return 'aipref-old';
  if (needs !== undefined) return needs;
  if (protocol === 'meta-robots' || protocol === 'x-robots-tag') return 'noai';
  return protocol === 'rsl' && verdict === 'conditional' ? 'rsl-conditional' : protocol;
}

/** Protocols that allow, each once, sorted. */
export function permissionsOf(statements: readonly Statement[]): string[] {
  const allowing = statements.filter(({ verdict, superseded }) => !superseded && verdict === 'allow');
  return [...new Set(allowing.map(({ protocol }) => protocol))].sort();
}
