// The tokenizer that a tokenizer.json describes: added tokens are set apart, the rest is normalised, cut into pieces and
// given to the model; a decoder goes the way back. Byte-level BPE cut by one pattern takes the fast encoder.

import { openFinder, type SpecialFilter } from './added-tokens.ts';
import { openByteLevel } from './byte-level.ts';
import { readDecoder } from './decoders/read-decoder.ts';
import { openTokenBytes } from './decoders/token-bytes.ts';
import type { Component } from './json-component.ts';
import { readModel, readVocabulary, typeOfModel, type Model } from './models/read-model.ts';
import { openStartProbe, readNormalizer, type Normalizer } from './normalizers/read-normalizer.ts';
import { readPostProcessor } from './post-processors/read-post-processor.ts';
import { readPreTokenizer } from './pre-tokenizers/read-pre-tokenizer.ts';
import { damaged } from './refusal.ts';
import type { EncodeOptions, Tokenizer } from './tokenizer.ts';
import type { AddedToken, TokenizerJson } from './tokenizer-json.ts';

export interface FileTokenizer extends Tokenizer {
  /** Ids of a text in which the spelling of a special token counts where `isSpecial` says so of its offset. */
  encodeWhere(text: string, isSpecial: SpecialFilter): Uint32Array;
}

const longestKeptPiece = 32;
const keptPieces = 1 << 17;

/** DataError `unsupported-tokenizer` names what is not read, `damaged-tokenizer` what is wrong. */
export function createTokenizer(json: TokenizerJson<object>): FileTokenizer {
  const model: Component = { ...json.model, type: typeOfModel(json.model as Component) };
  const special = new Map(
    json.added_tokens.filter((token) => token.special).map(({ content, id }) => [content, id]),
  );
  const vocabulary = readVocabulary(model, special);
  const added = json.added_tokens.map((token) => ({
    ...token,
    id: vocabulary.ids.get(token.content) ?? token.id,
  }));
  const spellings = spellById(vocabulary.ids, added, readNormalizer(json.normalizer));
  const specialTokens = new Map(
    added.filter((token) => token.special).map(({ content, id }) => [content, id]),
  );
  const encodeWhere = openEncoder({ json, model, added, vocabulary });
  const surroundings = readPostProcessor(json.post_processor);
  const decoder = readDecoder(json.decoder);
  const tokenBytes = openTokenBytes(spellings, json.decoder);
  const spell = (ids: ArrayLike<number>): string[] =>
    Array.from(ids, (id) => spellings[id]).filter((token) => token !== undefined);

  return {
    vocabSize: spellings.length,
    specialTokens,
    encodeWhere: (text, isSpecial) => Uint32Array.from(encodeWhere(text, isSpecial)),
    encode(text, { special: isSpecial = false, addSpecialTokens = false }: EncodeOptions = {}) {
      const ids = encodeWhere(text, () => isSpecial);
      if (!addSpecialTokens) return Uint32Array.from(ids);
      return Uint32Array.from([...surroundings.before, ...ids, ...surroundings.after]);
    },
    decode: (ids) => decoder(spell(ids)).join(''),
    decodeBytes: (ids) => Buffer.concat(Array.from(ids, (id) => tokenBytes(id) ?? new Uint8Array(0))),
    tokenBytes,
    tokenId(token) {
      const known = added.find(({ content }) => content === token)?.id ?? vocabulary.ids.get(token);
      if (known !== undefined) return known;
      const ids = encodeWhere(token, () => false);
      return ids.length === 1 ? ids[0] : undefined;
    },
  };
}

function spellById(
  ids: ReadonlyMap<string, number>,
  added: readonly AddedToken[],
  normalize: Normalizer = (text) => text,
): readonly (string | undefined)[] {
  const spellings: (string | undefined)[] = [];
  for (const [token, id] of ids) spellings[id] = token;
  for (const { content, id, normalized = false } of added) {
    if (!Number.isInteger(id) || id < 0) throw damaged(`the added token ${content} has no id`);
    // Hugging Face's decoders see such a token in its normal form.
    spellings[id] = normalized ? normalize(content) : content;
  }
  return spellings;
}

interface EncoderParts {
  readonly json: TokenizerJson<object>;
  readonly model: Component;
  readonly added: readonly AddedToken[];
  readonly vocabulary: ReturnType<typeof readVocabulary>;
}

function openEncoder({ json, model, added, vocabulary }: EncoderParts) {
  const normalize = readNormalizer(json.normalizer);
  const findRaw = openFinder(added.filter((token) => !token.normalized));
  const findNormal = openFinder(
    added.filter((token) => token.normalized),
    normalize,
  );
  const encodePieces = openPieces({ json, model, added, vocabulary });
  const keepsStart = openStartProbe(json.normalizer);

  return (text: string, isSpecial: SpecialFilter): number[] => {
    const ids: number[] = [];
    const wellFormed = text.toWellFormed();
    for (const { start, end, id } of findRaw(wellFormed, isSpecial)) {
      if (id !== undefined) {
        ids.push(id);
        continue;
      }
      const part = wellFormed.slice(start, end);
      const normal = normalize ? normalize(part) : part;
      for (const stretch of findNormal(normal, () => isSpecial(start))) {
        if (stretch.id !== undefined) ids.push(stretch.id);
        else {
          const isFirst = start === 0 && stretch.start === 0 && keepsStart(part);
          encodePieces(normal.slice(stretch.start, stretch.end), isFirst, ids);
        }
      }
    }
    return ids;
  };
}

type EncodePieces = (text: string, isFirst: boolean, ids: number[]) => void;

function openPieces({ json, model, vocabulary, added }: EncoderParts): EncodePieces {
  const special = new Map(added.filter((token) => token.special).map(({ content, id }) => [content, id]));
  const fast = openByteLevel({ model, preTokenizer: json.pre_tokenizer, special });
  if (fast) {
    return (text, _isFirst, ids) => {
      for (const id of fast.encode(text)) ids.push(id);
    };
  }
  const preTokenize = readPreTokenizer(json.pre_tokenizer);
  const encodePiece = keepPieces(readModel(model, vocabulary));
  return (text, isFirst, ids) => preTokenize(text, isFirst, (piece) => encodePiece(piece, ids));
}

/** Pieces repeat (Zipf), so the ids of short ones are kept. */
function keepPieces(encode: Model): Model {
  const kept = new Map<string, readonly number[]>();
  return (piece, ids) => {
    if (piece.length > longestKeptPiece) {
      encode(piece, ids);
      return;
    }
    let known = kept.get(piece);
    if (!known) {
      const fresh: number[] = [];
      encode(piece, fresh);
      if (kept.size >= keptPieces) kept.clear();
      kept.set(piece, (known = fresh));
    }
    for (const id of known) ids.push(id);
  };
}
