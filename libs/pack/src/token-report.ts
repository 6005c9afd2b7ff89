// What a census says of a tokenizer: bytes per token, entries of the vocabulary that no text uses, and very long tokens.

import type { Tokenizer } from '@gristmill/tokenizer';
import { tokenSizes, type TokenCensus, type TokenGroup } from './token-census.ts';

export interface ReportedToken {
  readonly id: number;
  /** Bytes that are no UTF-8 as U+FFFD. */
  readonly text: string;
  readonly bytes: number;
  readonly count: number;
}

export interface TokenReport {
  readonly documents: number;
  readonly tokens: number;
  readonly bytes: number;
  readonly groups: readonly TokenGroup[];
  readonly languages: readonly Omit<TokenGroup, 'source'>[];
  readonly sources: readonly Omit<TokenGroup, 'language'>[];
  /** Entries of the vocabulary but special tokens. */
  readonly vocabulary: number;
  /** Those that do not occur, single bytes left out, in order of id. */
  readonly unused: readonly ReportedToken[];
  readonly unusedBytes: number;
  /** Tokens of more than `longBytes` bytes, the longest first, then by id. */
  readonly long: readonly ReportedToken[];
  readonly longBytes: number;
}

export function reportTokens(census: TokenCensus, tokenizer: Tokenizer, longBytes = 16): TokenReport {
  const { groups, counts } = census;
  const sizes = tokenSizes(tokenizer, Math.max(tokenizer.vocabSize, counts.length));
  const special = new Set(tokenizer.specialTokens.values());
  const ids = Array.from(sizes.keys()).filter((id) => sizes[id] > 0 && !special.has(id));
  const describe = (id: number): ReportedToken => ({
    id,
    text: tokenizer.decode([id]),
    bytes: sizes[id],
    count: counts[id] ?? 0,
  });
  const absent = ids.filter((id) => !counts[id]);
  const long = ids.filter((id) => sizes[id] > longBytes).sort((a, b) => sizes[b] - sizes[a] || a - b);
  return {
    ...sum(groups),
    groups,
    languages: by(groups, 'language'),
    sources: by(groups, 'source') as Omit<TokenGroup, 'language'>[],
    vocabulary: ids.length,
    unused: absent.filter((id) => sizes[id] > 1).map(describe),
    unusedBytes: absent.filter((id) => sizes[id] === 1).length,
    long: long.map(describe),
    longBytes,
  };
}

function sum(groups: readonly TokenGroup[]): Pick<TokenGroup, 'documents' | 'tokens' | 'bytes'> {
  const total = { documents: 0, tokens: 0, bytes: 0 };
  for (const { documents, tokens, bytes } of groups) {
    total.documents += documents;
    total.tokens += tokens;
    total.bytes += bytes;
  }
  return total;
}

function by(groups: readonly TokenGroup[], name: 'source' | 'language') {
  const values = [...new Set(groups.map((group) => group[name]))];
  return values
    .sort((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1))
    .map((value) => ({
      ...(value !== undefined && { [name]: value }),
      ...sum(groups.filter((group) => group[name] === value)),
    }));
}
