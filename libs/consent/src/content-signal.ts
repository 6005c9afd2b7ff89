// Cloudflare's Content Signals (2025): `Content-Signal: search=yes, ai-train=no, ai-input=no` in a group of robots.txt,
// sometimes in a header.

import { strictest } from './raw-text.ts';
import type { Purpose, Verdict } from './statement.ts';

/**
 * What a line says about a purpose; of a signal that stands twice the stricter.
 * @example signalVerdict('search=yes, ai-train=no', 'train') // 'deny'
 */
export function signalVerdict(value: string, purpose: Purpose): Verdict {
  const wanted = purpose === 'search' ? 'search' : 'ai-train';
  const said = value.split(',').map((pair): Verdict => {
    const [name, answer] = pair.split('=', 2).map((part) => part.trim().toLowerCase());
    if (name !== wanted) return 'unknown';
    return answer === 'no' ? 'deny' : answer === 'yes' ? 'allow' : 'unknown';
  });
  return strictest(said);
}
