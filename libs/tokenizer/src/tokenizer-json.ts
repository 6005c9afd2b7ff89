// Hugging Face's tokenizer.json, read and written for byte-level BPE: the model, how text is cut, added tokens. Other
// models and normalisers are refused by name, never guessed.

import { DataError } from '@gristmill/core';
import { byteToCharacter, bytesToText, textToBytes } from './byte-alphabet.ts';
import { gpt2Pattern, gpt2Spelling, readPattern } from './pretokenize-pattern.ts';
import { createByteLevelBpe, type Tokenizer } from './tokenizer.ts';

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
}

interface Component {
  readonly type: string;
  readonly use_regex?: boolean;
  readonly add_prefix_space?: boolean;
  readonly pattern?: { readonly Regex?: string; readonly String?: string };
  readonly behavior?: string;
  readonly pretokenizers?: readonly Component[];
  readonly normalizers?: readonly Component[];
}

export interface TokenizerJson {
  readonly version: string;
  readonly truncation: null;
  readonly padding: null;
  readonly added_tokens: readonly AddedToken[];
  readonly normalizer: Component | null;
  readonly pre_tokenizer: Component | null;
  readonly post_processor: unknown;
  readonly decoder: unknown;
  readonly model: {
    readonly type?: string;
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly (string | readonly [string, string])[];
    readonly ignore_merges?: boolean;
    readonly byte_fallback?: boolean;
  };
}

/** The tokenizer that a parsed tokenizer.json describes. DataError `unsupported-tokenizer` names what is not. */
export function createTokenizer(json: TokenizerJson): Tokenizer {
  const { model } = json;
  if ((model?.type ?? 'BPE') !== 'BPE' || model?.vocab === undefined)
    throw unsupported(`the model ${model?.type}`);
  if (model.byte_fallback) throw unsupported('byte_fallback');
  const added = (isSpecial: boolean): Map<string, number> =>
    new Map(
      json.added_tokens
        .filter((token) => token.special === isSpecial)
        .map(({ content, id }) => [content, id]),
    );
  const special = added(true);
  const vocabulary = readVocabulary(model.vocab, new Set(json.added_tokens.map(({ content }) => content)));
  const ids = new Map(Object.entries(model.vocab));
  return createByteLevelBpe({
    vocabulary,
    merges: [...readMerges(model.merges, ids)],
    pattern: readPretokenizer(json.pre_tokenizer),
    special,
    added: added(false),
    normalize: readNormalizer(json.normalizer),
    wholePieces: model.ignore_merges === true,
  });
}

function unsupported(what: string): DataError {
  return new DataError(
    'unsupported-tokenizer',
    `this tokenizer.json uses ${what}, which Gristmill does not read`,
    'use a byte-level BPE such as GPT-2’s, or train one with gristmill train-tokenizer',
  );
}

function readVocabulary(
  vocab: Readonly<Record<string, number>>,
  added: ReadonlySet<string>,
): (Uint8Array | undefined)[] {
  const vocabulary: (Uint8Array | undefined)[] = [];
  for (const [token, id] of Object.entries(vocab)) {
    const bytes = textToBytes(token);
    if (bytes) vocabulary[id] = bytes;
    else if (!added.has(token))
      throw unsupported(`the token ${JSON.stringify(token)} outside the byte alphabet`);
  }
  return vocabulary;
}

function* readMerges(
  merges: TokenizerJson['model']['merges'],
  ids: ReadonlyMap<string, number>,
): Generator<readonly [number, number, number, number]> {
  for (const [rank, merge] of merges.entries()) {
    const [left, right] = typeof merge === 'string' ? merge.split(' ') : merge;
    const [leftId, rightId, mergedId] = [ids.get(left), ids.get(right), ids.get(left + right)];
    if (leftId === undefined || rightId === undefined || mergedId === undefined) {
      throw new DataError(
        'damaged-tokenizer',
        `merge ${rank} (${left} ${right}) names a token that the vocabulary lacks`,
        'take tokenizer.json from its source again',
      );
    }
    yield [leftId, rightId, mergedId, rank];
  }
}

function readPretokenizer(component: Component | null): RegExp {
  const parts =
    component?.type === 'Sequence' ? (component.pretokenizers ?? []) : component ? [component] : [];
  let pattern: RegExp | undefined;
  for (const part of parts) {
    if (part.type === 'ByteLevel') {
      if (part.add_prefix_space) throw unsupported('add_prefix_space');
      if (part.use_regex !== false) pattern ??= new RegExp(gpt2Pattern, 'gu');
    } else if (
      part.type === 'Split' &&
      part.pattern?.Regex !== undefined &&
      part.behavior === 'Isolated' &&
      !pattern
    ) {
      pattern = readPattern(part.pattern.Regex);
    } else throw unsupported(`the pre-tokenizer ${part.type}`);
  }
  if (!parts.some(({ type }) => type === 'ByteLevel'))
    throw unsupported('a pre-tokenizer that is not byte-level');
  return pattern ?? /[^]+/gu;
}

function readNormalizer(component: Component | null): ((text: string) => string) | undefined {
  if (component === null || component === undefined) return undefined;
  const parts = component.type === 'Sequence' ? (component.normalizers ?? []) : [component];
  const forms = parts.map(({ type }) => {
    if (type === 'NFC' || type === 'NFD' || type === 'NFKC' || type === 'NFKD') return type;
    throw unsupported(`the normalizer ${type}`);
  });
  return (text) => forms.reduce((normal, form) => normal.normalize(form), text);
}

export interface TrainedBpe {
  /** Bytes of each token by id; the first 256 are the single bytes in the order of their value. */
  readonly tokens: readonly Uint8Array[];
  /** Pairs of ids in order of rank. */
  readonly merges: readonly (readonly [number, number])[];
  readonly special: readonly string[];
}

/** A tokenizer.json that Hugging Face's tokenizers loads: special tokens come first, as its trainer puts them. */
export function writeTokenizerJson({ tokens, merges, special }: TrainedBpe): TokenizerJson {
  const spelled = tokens.map(bytesToText);
  const vocab: Record<string, number> = {};
  special.forEach((token, id) => (vocab[token] = id));
  spelled.forEach((token, id) => (vocab[token] = special.length + id));
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: gpt2Spelling }, behavior: 'Isolated', invert: false } as Component,
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false } as Component,
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
      merges: merges.map(([left, right]) => [spelled[left], spelled[right]] as const),
    } as TokenizerJson['model'],
  };
}

/** The 256 single bytes in the order that Hugging Face's trainer gives them: by their character in the alphabet. */
export const byteOrder: readonly number[] = byteToCharacter
  .map((character, byte) => ({ character, byte }))
  .sort((a, b) => (a.character < b.character ? -1 : 1))
  .map(({ byte }) => byte);
