// The texts whose tokens scripts/record-tokens.mjs has recorded from tiktoken, and the form of the record.
import { createHash } from 'node:crypto';
import { boundaryTexts, codePointTexts, randomTexts, strangeTexts } from './strange-texts.ts';

export const recordedNames = ['gpt2', 'p50k_base', 'cl100k_base', 'o200k_base'] as const;

export interface RecordedTokens {
  readonly tiktoken: string;
  /** SHA-256 of the texts. */
  readonly texts: string;
  readonly encodings: Readonly<
    Record<string, { readonly short: readonly (readonly number[])[]; readonly seeded: readonly string[] }>
  >;
}

export function recordedTexts(): { short: string[]; seeded: string[] } {
  const short = [...strangeTexts.filter((text) => text.length < 200), ...boundaryTexts(60, 1)];
  return { short, seeded: [...boundaryTexts(4000, 2), ...randomTexts(1000, 3), ...codePointTexts()] };
}

/** A digest for each hundred lists of ids. */
export function digestsOf(lists: readonly ArrayLike<number>[]): string[] {
  const digests: string[] = [];
  for (let i = 0; i < lists.length; i += 100) {
    const hash = createHash('sha256');
    for (const ids of lists.slice(i, i + 100))
      hash.update(Uint32Array.of(ids.length)).update(Uint32Array.from(ids));
    digests.push(hash.digest('hex').slice(0, 16));
  }
  return digests;
}
