// What training counts: the words that a tokenizer of each kind will see. Counts add up in any order.

import { createBertNormalizer } from '../normalizers/bert-normalizer.ts';
import { readPreTokenizer } from '../pre-tokenizers/read-pre-tokenizer.ts';
import { asOfUnicode16 } from '../character-classes.ts';
import { gpt2Pattern } from '../pretokenize-pattern.ts';
import type { WordCounts } from './counted-words.ts';

export const tokenizerTypes = ['bpe', 'wordpiece', 'unigram'] as const;
export type TokenizerType = (typeof tokenizerTypes)[number];

const longestRun = 32;
const cjk = '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}ー]';
const letters = `[[\\p{L}\\p{M}]--${cjk}]`;
// What stands between letters of text without spaces: pieces such as 。」 and た。 are frequent, and save a tenth of the tokens.
const cjkMark = '[\\u3000-\\u303f\\uff01-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65…―]';
// A piece holds letters, or digits, or neither, after at most one space.
const runs = new RegExp(
  `▁?(?:${letters}{1,${longestRun}}|(?:${cjk}|${cjkMark}){1,${longestRun}}|\\p{N}{1,${longestRun}}|[^▁\\p{L}\\p{M}\\p{N}]{1,${longestRun}})|▁`,
  'gv',
);

/** BERT's normalizer, as training writes it into the file. */
export function bertNormalizer(lowercase: boolean) {
  return {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase,
  };
}

/** Adds the pretokens of `text` to `counts`: the reference of assembly/count-kernel.ts. */
function countPretokens(text: string, counts: WordCounts): void {
  for (const { index, 0: cut } of asOfUnicode16(text).matchAll(new RegExp(gpt2Pattern, 'gu'))) {
    const piece = text.slice(index, index + cut.length);
    counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
}

/** Adds the words of `text` to `counts`. @param lowercase of WordPiece alone */
export function countWords(
  text: string,
  counts: WordCounts,
  { type, lowercase = false }: { type: TokenizerType; lowercase?: boolean },
): void {
  const add = (word: string): void => void counts.set(word, (counts.get(word) ?? 0) + 1);
  if (type === 'bpe') countPretokens(text, counts);
  else if (type === 'wordpiece') {
    const normal = createBertNormalizer(bertNormalizer(lowercase))(text.toWellFormed());
    preTokenizeBert(normal, true, add);
  } else for (const [run] of `▁${text.toWellFormed().replaceAll(' ', '▁')}`.matchAll(runs)) add(run);
}

const preTokenizeBert = readPreTokenizer({ type: 'BertPreTokenizer' });
