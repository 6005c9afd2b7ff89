// The vocabulary of a model that is trained on shards: that of their tokenizer, and past it the tokens that the model's
// objectives need and the tokenizer has not (a mask, sentinels …), so that shards of any tokenizer serve any model.

import { specialTokensOf, type ModelSizes } from '@gristmill/models';
import type { TokenIndex } from '@gristmill/shards';

export type Vocabulary = { readonly vocabSize: number; readonly eosTokenId: number } & Readonly<
  Record<string, number>
>;

export interface VocabularySources {
  readonly sizes: ModelSizes;
  readonly index: Pick<TokenIndex, 'vocabSize' | 'endOfText'>;
  /** The bytes of the shards' tokenizer.json, where they have one. */
  readonly tokenizer?: Uint8Array;
  /** Of initial weights: tokens beyond the tokenizer's, such as T5's that fill up to a multiple of 128. */
  readonly least?: number;
}

export function describeVocabulary({ sizes, index, tokenizer, least = 0 }: VocabularySources): Vocabulary {
  const wanted = specialTokensOf(sizes.modelType);
  const known = wanted.length > 0 && tokenizer ? readTokenIds(tokenizer) : new Map<string, number>();
  const fields: Record<string, number> = {};
  let vocabSize = index.vocabSize;
  for (const { field, spellings, count = 1 } of wanted) {
    const spelling = spellings.find((name) => known.has(name));
    if (spelling === undefined) vocabSize += count;
    // Of several, the first is the last one: T5's sentinels count down.
    fields[field] = spelling === undefined ? vocabSize - 1 : (known.get(spelling) as number);
  }
  return { ...fields, vocabSize: Math.max(vocabSize, least), eosTokenId: index.endOfText };
}

interface TokenizerFile {
  readonly added_tokens?: readonly { readonly id: number; readonly content: string }[];
  readonly model?: {
    readonly vocab?: Readonly<Record<string, number>> | readonly (readonly [string, number])[];
  };
}

function readTokenIds(bytes: Uint8Array): Map<string, number> {
  const { added_tokens: added = [], model } = JSON.parse(new TextDecoder().decode(bytes)) as TokenizerFile;
  const vocab = model?.vocab ?? {};
  // Unigram's is a list of pairs of token and score.
  const pairs = Array.isArray(vocab)
    ? (vocab as [string, number][]).map(([token], id) => [token, id] as const)
    : Object.entries(vocab as Record<string, number>);
  return new Map([...pairs, ...added.map(({ content, id }) => [content, id] as const)]);
}
