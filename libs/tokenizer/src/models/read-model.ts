// The models of a tokenizer.json: a piece of text in, ids appended. A special token's spelling never comes out of them:
// inside a text it is ordinary text.

import { readString, type Component } from '../json-component.ts';
import { damaged, unsupported } from '../refusal.ts';
import { createBytePair } from './byte-pair.ts';
import { createUnigram } from './unigram.ts';
import { createWordPiece } from './word-piece.ts';

/** Appends the ids of a piece. */
export type Model = (piece: string, ids: number[]) => void;

export interface Vocabulary {
  /** Of every token of the model. */
  readonly ids: ReadonlyMap<string, number>;
  /** Less the special ones. */
  readonly matchable: ReadonlyMap<string, number>;
}

/** The vocabulary of any kind of model. @param special spellings of the special tokens */
export function readVocabulary(model: Component, special: ReadonlyMap<string, number>): Vocabulary {
  const ids = new Map(readEntries(model));
  return { ids, matchable: new Map([...ids].filter(([token]) => !special.has(token))) };
}

function readEntries({ vocab }: Component): (readonly [string, number])[] {
  if (Array.isArray(vocab)) return vocab.map((entry: unknown[], id) => [String(entry[0]), id] as const);
  if (vocab === null || typeof vocab !== 'object') throw damaged('the model has no vocab');
  return Object.entries(vocab).map(([token, id]) => {
    if (Number.isInteger(id) && id >= 0) return [token, id as number] as const;
    throw damaged(`the token ${JSON.stringify(token)} has the id ${JSON.stringify(id)}`);
  });
}

export function readModel(component: Component, vocabulary: Vocabulary): Model {
  const { type } = component;
  if (type === 'BPE') return createBytePair(component, vocabulary);
  if (type === 'WordPiece') return createWordPiece(component, vocabulary);
  if (type === 'Unigram') return createUnigram(component, vocabulary);
  if (type === 'WordLevel') return createWordLevel(component, vocabulary);
  throw unsupported(`the model ${type}`);
}

/** Files of older versions leave the type out. */
export function typeOfModel(model: Component): string {
  if (typeof model.type === 'string') return model.type;
  if (Array.isArray(model.vocab)) return 'Unigram';
  if (Array.isArray(model.merges)) return 'BPE';
  return 'max_input_chars_per_word' in model ? 'WordPiece' : 'WordLevel';
}

/** A word is a token or unknown. */
function createWordLevel(component: Component, { ids, matchable }: Vocabulary): Model {
  const unknownToken = readString(component, 'unk_token', '');
  return (word, out) => {
    const id = matchable.get(word) ?? ids.get(unknownToken);
    if (id === undefined) throw damaged(`the vocabulary lacks its unknown token ${unknownToken}`);
    out.push(id);
  };
}
