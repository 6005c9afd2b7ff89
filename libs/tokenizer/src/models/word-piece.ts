// WordPiece: a word is cut from the left into the longest tokens of the vocabulary; a word that cannot be cut, or is too
// long, is the unknown token. Source: Wu et al. 2016; Devlin et al. 2018. Walking a trie, a word takes time in
// proportion to its length times the longest token.

import { readCount, readString, type Component } from '../json-component.ts';
import { damaged } from '../refusal.ts';
import type { Model, Vocabulary } from './read-model.ts';
import { TokenTrie } from './token-trie.ts';

export function createWordPiece(component: Component, { ids, matchable }: Vocabulary): Model {
  const prefix = readString(component, 'continuing_subword_prefix', '##');
  const unknownToken = readString(component, 'unk_token', '[UNK]');
  const longest = readCount(component, 'max_input_chars_per_word', 100);
  const trie = new TokenTrie(4 * ids.size);
  for (const [token, id] of matchable) trie.set(token, id);
  const inner = trie.find(prefix);

  const unknown = (): number => {
    const id = ids.get(unknownToken);
    if (id === undefined) throw damaged(`the vocabulary lacks its unknown token ${unknownToken}`);
    return id;
  };

  return (word, ids) => {
    const before = ids.length;
    if (word.length > longest && Array.from(word).length > longest) {
      ids.push(unknown());
      return;
    }
    for (let start = 0; start < word.length;) {
      const root = start === 0 ? 0 : inner;
      let [node, id, end] = [root, -1, start];
      for (let i = start; i < word.length && node >= 0; i++) {
        node = trie.step(node, word.charCodeAt(i));
        if (node < 0 || trie.valueAt(node) < 0) continue;
        id = trie.valueAt(node);
        end = i + 1;
      }
      if (id < 0) {
        ids.length = before;
        ids.push(unknown());
        return;
      }
      ids.push(id);
      start = end;
    }
  };
}
