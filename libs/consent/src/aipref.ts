// AIPREF, the IETF's preferences for the use of content (drafts attach and vocab, labels of drafts 05 to 07, August 2026):
// `Content-Usage: train-ai=n`, an RFC 9651 dictionary in robots.txt or in a header. What does not parse says nothing.

import { parseDictionary, Token } from 'structured-headers';
import { strictest } from './raw-text.ts';
import type { ConsentPolicy, Purpose, Verdict } from './statement.ts';

/** Labels of earlier drafts that meant training: 01 `tdm ai genai`, 02 `all train-genai`, 03 and 04 `bots`. */
const oldTrainingLabels = ['tdm', 'ai', 'genai', 'train-genai', 'all', 'bots'];

/**
 * What a dictionary says about a purpose. Only the tokens `y` and `n` count; of a key that stands twice the later.
 * @example usageVerdict('train-ai=n, search=y', 'train') // 'deny'
 */
export function usageVerdict(
  dictionary: string,
  purpose: Purpose,
  { oldLabels = false }: Pick<ConsentPolicy, 'oldLabels'> = {},
): Verdict {
  const preferences = parsePreferences(dictionary);
  if (!preferences) return 'unknown';
  if (purpose === 'search') return preferences.get('search') ?? 'unknown';
  const own = preferences.get('train-ai') ?? 'unknown';
  if (!oldLabels) return own;
  return strictest([own, ...oldTrainingLabels.map((label) => preferences.get(label) ?? 'unknown')]);
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
