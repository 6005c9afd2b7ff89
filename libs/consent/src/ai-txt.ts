// ai.txt (Spawning, 2023): groups and rules like those of robots.txt, over kinds of file. A second kind of ai.txt is
// Markdown that names no permissions; it says nothing.

import { perText } from './per-text.ts';
import { matchesPath } from './path-pattern.ts';
import type { Verdict } from './statement.ts';

/** Endings that stand for a text, by what it was served as. */
const endings: readonly (readonly [RegExp, readonly string[]])[] = [
  [/html/, ['html', 'htm', 'xhtml']],
  [/pdf/, ['pdf']],
  [/epub/, ['epub']],
  [/xml/, ['xml']],
  [/plain|markdown/, ['txt', 'md']],
  [/wordprocessingml|msword/, ['docx', 'doc']],
];

export interface AiTxtAnswer {
  readonly verdict: Verdict;
  /** 1-based line. */
  readonly rule: number;
  readonly words: string;
}

/**
 * The longest rule that matches the path or the kind of file decides; of equals the refusal.
 * @returns undefined when no rule speaks of the address
 */
export function readAiTxt(text: string, url: string, mediaType = 'text/html'): AiTxtAnswer | undefined {
  let best: (AiTxtAnswer & { readonly length: number }) | undefined;
  for (const rule of rulesForAll(text)) {
    if (!speaksOf(rule.pattern, url, mediaType)) continue;
    const { length } = rule.pattern;
    const isStricter = best && length === best.length && rule.verdict === 'deny';
    if (!best || length > best.length || isStricter) best = { ...rule, length };
  }
  return best && { verdict: best.verdict, rule: best.rule, words: best.words };
}

function speaksOf(pattern: string, url: string, mediaType: string): boolean {
  const kind = /^\/?\*\.([a-z0-9]+)\$?$/i.exec(pattern)?.[1].toLowerCase();
  if (kind === undefined) return matchesPath(url, pattern.startsWith('/') ? pattern : `/${pattern}`);
  const own = endings.find(([type]) => type.test(mediaType))?.[1] ?? [];
  return own.includes(kind) || matchesPath(url, `/*.${kind}`);
}

/** Rules of the groups for everybody. */
const rulesForAll = perText((text) => [...readRules(text)]);

function* readRules(text: string) {
  let isForAll = false;
  let hasRules = true;
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const [, key, value] = /^\s*([a-z-]+)\s*:\s*([^#]*)/i.exec(line) ?? [];
    const name = key?.toLowerCase();
    if (name === 'user-agent') {
      isForAll = (isForAll && !hasRules) || value.trim() === '*';
      hasRules = false;
    }
    if (name !== 'allow' && name !== 'disallow') continue;
    hasRules = true;
    const pattern = value.trim();
    const verdict: Verdict = name === 'allow' ? 'allow' : 'deny';
    if (isForAll && pattern !== '') yield { pattern, verdict, rule: index + 1, words: line };
  }
}
