// What is kept of a statement's own words.

import { sha256 } from '@gristmill/core';
import { perText } from './per-text.ts';
import type { Protocol, Statement } from './statement.ts';

const keptBytes = 500;

/** The beginning of a text, at most 500 bytes, without a cut character. */
export function rawText(text: string): string {
  const trimmed = text.trim();
  if (trimmed.length * 3 <= keptBytes) return trimmed;
  const bytes = new TextEncoder().encode(trimmed);
  if (bytes.length <= keptBytes) return trimmed;
  return new TextDecoder().decode(bytes.subarray(0, keptBytes)).replace(/\uFFFD+$/, '');
}

/** Where statements of one source come from. `text` is what was read there, whole: it gives the digest. */
export interface StatementSource {
  readonly protocol: Protocol;
  readonly where: string;
  readonly text: string;
  readonly fetchedAt?: string;
}

const digestOf = perText(sha256);

export type Said = Pick<Statement, 'verdict'> &
  Partial<Pick<Statement, 'rule' | 'policyUrl' | 'price' | 'needs' | 'search'>> & {
    /** The words that say it; without them the whole source. */
    readonly words?: string;
  };

export function createStatement(
  { protocol, where, text, fetchedAt }: StatementSource,
  { words = text, ...said }: Said,
): Statement {
  return {
    protocol,
    where,
    sha256: digestOf(text),
    ...(fetchedAt !== undefined && { fetchedAt }),
    raw: rawText(words),
    ...said,
  };
}

/** Deny before conditional before allow before unknown. */
export function strictest(verdicts: readonly Statement['verdict'][]): Statement['verdict'] {
  const order = ['deny', 'conditional', 'allow', 'unknown'] as const;
  return order.find((verdict) => verdicts.includes(verdict)) ?? 'unknown';
}
