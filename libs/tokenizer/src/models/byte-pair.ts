// Byte-pair encoding over characters: a word begins as its characters, with a mark for those inside it or at its end,
// and merges follow. Sources: Sennrich et al. 2016; Hugging Face's tokenizers for what is unknown. A dropout is ignored.

import { readBoolean, readString, type Component } from '../json-component.ts';
import { mergePiece } from '../merge-piece.ts';
import { MergeTable } from '../merge-table.ts';
import { damaged } from '../refusal.ts';
import { fallbackBytes } from './byte-fallback.ts';
import type { Model, Vocabulary } from './read-model.ts';

export function createBytePair(component: Component, { ids, matchable }: Vocabulary): Model {
  const prefix = readString(component, 'continuing_subword_prefix', '');
  const suffix = readString(component, 'end_of_word_suffix', '');
  const unknownToken = readString(component, 'unk_token', '');
  const isFused = readBoolean(component, 'fuse_unk', false);
  const isWholeFirst = readBoolean(component, 'ignore_merges', false);
  const bytes = readBoolean(component, 'byte_fallback', false) ? fallbackBytes(ids) : undefined;
  const table = readMerges(component, prefix, ids);
  const unknown = ids.get(unknownToken);
  if (unknownToken !== '' && unknown === undefined)
    throw damaged(`the vocabulary lacks its unknown token ${unknownToken}`);

  const spell = (word: string): number[] => {
    const spelled: number[] = [];
    let waiting = false; // an unknown token is written when something known follows
    let end: number;
    for (let start = 0; start < word.length; start = end) {
      end = start + (word.codePointAt(start)! > 0xffff ? 2 : 1);
      const text = (start > 0 ? prefix : '') + word.slice(start, end) + (end === word.length ? suffix : '');
      const id = matchable.get(text);
      if (id !== undefined) {
        if (waiting) spelled.push(unknown!);
        waiting = false;
        spelled.push(id);
      } else if (!bytes?.(text, spelled) && unknown !== undefined) {
        if (waiting && !isFused) spelled.push(unknown);
        waiting = true;
      }
    }
    if (waiting) spelled.push(unknown!);
    return spelled;
  };

  return (word, out) => {
    const whole = isWholeFirst ? matchable.get(word) : undefined;
    if (whole !== undefined) {
      out.push(whole);
      return;
    }
    const spelled = Int32Array.from(spell(word));
    const length = mergePiece(spelled, spelled.length, table);
    for (let i = 0; i < length; i++) out.push(spelled[i]);
  };
}

function readMerges(component: Component, prefix: string, ids: ReadonlyMap<string, number>): MergeTable {
  const merges = component.merges;
  if (!Array.isArray(merges)) throw damaged('a BPE model needs its merges, a list');
  const ranked = merges.map((merge: unknown, rank) => {
    const [left, right] = typeof merge === 'string' ? merge.split(' ') : (merge as string[]);
    const merged = left + right.slice(prefix.length);
    const [leftId, rightId, mergedId] = [ids.get(left), ids.get(right), ids.get(merged)];
    if (leftId === undefined || rightId === undefined || mergedId === undefined)
      throw damaged(`merge ${rank} (${left} ${right}) names a token that the vocabulary lacks`);
    return [leftId, rightId, mergedId, rank] as const;
  });
  const table = new MergeTable(ranked.length);
  // Of a pair that is listed twice the last rank counts.
  for (const [left, right, merged, rank] of ranked.reverse()) table.set(left, right, merged, rank);
  return table;
}
