// Gathers the words that training takes, for each kind of tokenizer.

import { openPretokenCounter } from './count-kernel.ts';
import { readCountedWords, writeCountedWords, type WordCounter, type WordCounts } from './counted-words.ts';
import { countWords, type TokenizerType } from './word-counts.ts';

/**
 * @param lowercase of wordpiece alone
 * @example const counter = createWordCounter({ type: 'bpe' });
 * counter.addText('to be or not to be');
 * const json = trainTokenizer(counter.words(), { type: 'bpe', vocabSize: 260 });
 */
export function createWordCounter(kind: { type: TokenizerType; lowercase?: boolean }): WordCounter {
  if (kind.type === 'bpe') return openPretokenCounter();
  const counts: WordCounts = new Map();
  return {
    addText: (text) => countWords(text, counts, kind),
    addWords(words) {
      for (const [word, count] of readCountedWords(words)) counts.set(word, (counts.get(word) ?? 0) + count);
    },
    words: () => writeCountedWords(counts),
    clear: () => counts.clear(),
  };
}
