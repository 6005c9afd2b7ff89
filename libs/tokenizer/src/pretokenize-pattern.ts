// The published patterns that cut text into pretokens, which merges never cross. They are written with Unicode's
// White_Space property instead of \s: JavaScript's \s takes U+FEFF for a space and U+0085 for none, the engines that
// the models were trained with do neither.

const contractions = `'(?:[sdmt]|ll|ve|re)`;

/** GPT-2 and r50k_base, p50k_base (Radford et al. 2019). */
export const gpt2Pattern = `${contractions}| ?\\p{L}+| ?\\p{N}+| ?[^\\p{White_Space}\\p{L}\\p{N}]+|\\p{White_Space}+(?!\\P{White_Space})|\\p{White_Space}+`;

/** cl100k_base (GPT-3.5, GPT-4). */
export const cl100kPattern = `(?i:${contractions})|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\p{White_Space}\\p{L}\\p{N}]+[\\r\\n]*|\\p{White_Space}+$|\\p{White_Space}*[\\r\\n]+|\\p{White_Space}+(?!\\P{White_Space})|\\p{White_Space}+`;

const upper = '\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}';
const lower = '\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}';

/** o200k_base (GPT-4o). */
export const o200kPattern = [
  `[^\\r\\n\\p{L}\\p{N}]?[${upper}]*[${lower}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?`,
  `[^\\r\\n\\p{L}\\p{N}]?[${upper}]+[${lower}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?`,
  '\\p{N}{1,3}',
  ' ?[^\\p{White_Space}\\p{L}\\p{N}]+[\\r\\n/]*',
  '\\p{White_Space}*[\\r\\n]+',
  '\\p{White_Space}+(?!\\P{White_Space})',
  '\\p{White_Space}+',
].join('|');

/** The pattern as Hugging Face's tokenizer.json spells it (Oniguruma), to be recognised and written. */
export const gpt2Spelling = "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
