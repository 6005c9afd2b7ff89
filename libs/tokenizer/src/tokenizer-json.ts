// Hugging Face's tokenizer.json as data: what is common to all models, and what training writes for byte-level BPE.
// create-tokenizer.ts makes a tokenizer of it, write-tokenizer.ts writes it.

import { byteToCharacter } from './byte-alphabet.ts';
import { gpt2Spelling } from './pretokenize-pattern.ts';

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Only where it is a word of its own. */
  readonly single_word?: boolean;
  /** Takes the white space before it. */
  readonly lstrip?: boolean;
  readonly rstrip?: boolean;
  /** Looked for in the normalised text. */
  readonly normalized?: boolean;
  readonly special: boolean;
}

/** Byte-level BPE. */
export interface BytePairJson {
  readonly type?: string;
  readonly vocab: Readonly<Record<string, number>>;
  readonly merges: readonly (string | readonly [string, string])[];
  readonly ignore_merges?: boolean;
  readonly byte_fallback?: boolean;
  readonly [field: string]: unknown;
}

export interface TokenizerJson<Model extends object = BytePairJson> {
  readonly version: string;
  readonly truncation: unknown;
  readonly padding: unknown;
  readonly added_tokens: readonly AddedToken[];
  readonly normalizer: unknown;
  readonly pre_tokenizer: unknown;
  readonly post_processor: unknown;
  readonly decoder: unknown;
  readonly model: Model;
}

export interface TrainedBpe {
  /** Spelling of each token by id, in the alphabet of bytes. */
  readonly tokens: readonly string[];
  /** Pairs of spellings in order of rank. */
  readonly merges: readonly (readonly [string, string])[];
  readonly special: readonly string[];
}

/** A tokenizer.json that Hugging Face's tokenizers loads. */
export function writeTokenizerJson({ tokens, merges, special }: TrainedBpe): TokenizerJson {
  // Not by assignment: "__proto__" is a token like any other.
  const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map(specialToken),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: gpt2Spelling }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges,
    },
  };
}

/** A special token as training adds it. */
export function specialToken(content: string, id: number): AddedToken {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}

/** The 256 single bytes in the order that Hugging Face's trainer gives them: by their character in the alphabet. */
export const byteOrder: readonly number[] = byteToCharacter
  .map((character, byte) => ({ character, byte }))
  .sort((a, b) => (a.character < b.character ? -1 : 1))
  .map(({ byte }) => byte);
