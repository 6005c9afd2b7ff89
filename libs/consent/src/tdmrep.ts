// TDMRep, the W3C community group's reservation of text and data mining (directive 2019/790, Article 4): a file for the
// host, a header, metadata in HTML, EPUB and PDF. Each of these supersedes the one before; absence never resets.

import { perText } from './per-text.ts';
import { matchesPath } from './path-pattern.ts';
import type { Verdict } from './statement.ts';

export interface Reservation {
  readonly verdict: Verdict;
  readonly policyUrl?: string;
  /** 1-based number of the rule in the file. */
  readonly rule?: number;
  readonly words: string;
}

/**
 * The first rule of /.well-known/tdmrep.json whose location matches counts, also where a later one is longer.
 * @returns undefined when none matches, or the text is no such file
 */
export function readTdmFile(text: string, url: string): Reservation | undefined {
  const rules = parseRules(text);
  const index = rules.findIndex(({ location }) => typeof location === 'string' && matchesPath(url, location));
  if (index < 0) return undefined;
  const { 'tdm-reservation': reservation, 'tdm-policy': policyUrl } = rules[index];
  return {
    verdict: reservation === 1 ? 'deny' : reservation === 0 ? 'allow' : 'unknown',
    ...(typeof policyUrl === 'string' && { policyUrl }),
    rule: index + 1,
    words: JSON.stringify(rules[index]),
  };
}

const parseRules = perText((text): readonly Record<string, unknown>[] => {
  try {
    const parsed: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    const list: readonly unknown[] = Array.isArray(parsed) ? parsed : [];
    return list.filter((rule) => typeof rule === 'object' && rule !== null) as Record<string, unknown>[];
  } catch {
    return [];
  }
});

/** The value of a header or of metadata: `1` reserves, `0` does not, anything else is unset. */
export function reservationVerdict(value: string): Verdict | undefined {
  const trimmed = value.trim();
  return trimmed === '1' ? 'deny' : trimmed === '0' ? 'allow' : undefined;
}
