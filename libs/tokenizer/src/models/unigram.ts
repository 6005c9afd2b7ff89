// A unigram language model over pieces: of all ways to cut a text the likeliest is taken (Viterbi). Source: Kudo 2018,
// "Subword Regularization". Time is in proportion to the text's length times the longest piece.

import { DataError } from '@gristmill/core';
import { readBoolean, type Component } from '../json-component.ts';
import { damaged } from '../refusal.ts';
import { fallbackBytes } from './byte-fallback.ts';
import type { Model, Vocabulary } from './read-model.ts';
import { TokenTrie } from './token-trie.ts';

const unknownPenalty = 10;

export function createUnigram(component: Component, { ids, matchable }: Vocabulary): Model {
  const scores = readScores(component);
  const unknown = component.unk_id as number | null | undefined;
  const trie = new TokenTrie(4 * ids.size);
  for (const [piece, id] of matchable) if (piece !== '') trie.set(piece, id);
  const leastScore = scores.reduce((least, score) => Math.min(least, score), Infinity);
  const bytes = readBoolean(component, 'byte_fallback', false) ? fallbackBytes(ids) : undefined;

  /** Start of the best piece that ends at each unit, and its id; -1 for an unknown character. */
  const cut = (text: string): { starts: Int32Array; pieces: Int32Array } => {
    const starts = new Int32Array(text.length + 1).fill(-1);
    const pieces = new Int32Array(text.length + 1);
    const best = new Float64Array(text.length + 1);
    const reach = (start: number, end: number, id: number, score: number): void => {
      const path = score + best[start];
      if (starts[end] >= 0 && path <= best[end]) return;
      starts[end] = start;
      best[end] = path;
      pieces[end] = id;
    };
    let width: number;
    for (let start = 0; start < text.length; start += width) {
      width = text.codePointAt(start)! > 0xffff ? 2 : 1;
      let hasCharacter = false;
      let node = 0;
      for (let end = start; end < text.length;) {
        node = trie.step(node, text.charCodeAt(end++));
        if (node < 0) break;
        const id = trie.valueAt(node);
        if (id < 0) continue;
        reach(start, end, id, scores[id]);
        hasCharacter ||= end - start === width;
      }
      if (!hasCharacter) reach(start, start + width, -1, leastScore - unknownPenalty);
    }
    return { starts, pieces };
  };

  const pushUnknown = (text: string, out: number[]): void => {
    const known = matchable.get(text);
    if (known !== undefined) out.push(known);
    else if (!bytes?.(text, out)) out.push(requireUnknown(unknown));
  };

  return (text, out) => {
    const { starts, pieces } = cut(text);
    const ends: number[] = [];
    for (let end = text.length; end > 0; end = starts[end]) ends.push(end);
    let unknownFrom = -1;
    for (let i = ends.length - 1; i >= 0; i--) {
      const end = ends[i];
      const isUnknown = pieces[end] < 0 || pieces[end] === unknown;
      if (isUnknown && unknownFrom < 0) unknownFrom = starts[end];
      if (unknownFrom >= 0 && (!isUnknown || i === 0))
        pushUnknown(text.slice(unknownFrom, isUnknown ? end : starts[end]), out);
      if (isUnknown) continue;
      unknownFrom = -1;
      out.push(pieces[end]);
    }
  };
}

/** Scores by id. */
export function readScores(component: Component): number[] {
  if (!Array.isArray(component.vocab))
    throw damaged('a Unigram model needs its vocab, a list of pieces and scores');
  return component.vocab.map((entry: unknown) => {
    if (Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'number') return entry[1];
    throw damaged(`${JSON.stringify(entry)?.slice(0, 80)} is no piece with a score`);
  });
}

function requireUnknown(unknown: number | null | undefined): number {
  if (typeof unknown === 'number') return unknown;
  throw new DataError(
    'no-unknown-token',
    'a character of the text is not in the vocabulary, and the tokenizer has no unknown token',
    'give its model an unk_id or byte_fallback',
  );
}
