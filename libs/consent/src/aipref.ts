// AIPREF, the IETF's preferences for the use of content (drafts attach and vocab, labels of drafts 05 to 07, August 2026):
// `Content-Usage: train-ai=n`, an RFC 9651 dictionary in robots.txt or in a header. What does not parse says nothing.

import { parseDictionary, Token } from 'structured-headers';
import { strictest } from './raw-text.ts';
import type { Purpose, Verdict } from './statement.ts';

/** Labels of earlier drafts that meant training: 01 `tdm ai genai`, 02 `all train-genai`, 03 and 04 `bots`. */
const oldTrainingLabels = ['tdm', 'ai', 'genai', 'train-genai', 'all', 'bots'];

/**
 * What a dictionary says about a purpose. Only the tokens `y` and `n` count; of a key that stands twice the later.
 * `old`: what labels of older drafts say about training.
 * @example usageVerdict('train-ai=n, search=y', 'train').verdict // 'deny'
 */
export function usageVerdict(
  dictionary: string,
  purpose: Purpose,
): { readonly verdict: Verdict; readonly old: Verdict } {
  const said = parsePreferences(dictionary);
  const of = (label: string) => said?.get(label) ?? 'unknown';
  if (purpose === 'search') return { verdict: of('search'), old: 'unknown' };
  return { verdict: of('train-ai'), old: strictest(oldTrainingLabels.map(of)) };
}

/** Undefined where the text is no dictionary: one bad line voids all. */
function parsePreferences(text: string): Map<string, Verdict> | undefined {
  try {
    return new Map([...parseDictionary(text)].map(([label, [value]]) => [label, verdictOf(value)]));
  } catch {
    return undefined;
  }
}

function verdictOf(value: unknown): Verdict {
  const token = value instanceof Token ? value.toString() : undefined;
  return token === 'n' ? 'deny' : token === 'y' ? 'allow' : 'unknown';
}
