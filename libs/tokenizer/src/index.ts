export { loadTokenizer } from './load-tokenizer.ts';
export { publishedNames } from './published.ts';
export type { EncodeOptions, Tokenizer } from './tokenizer.ts';
export { createTokenizer, type TokenizerJson } from './tokenizer-json.ts';
export { countPretokens, trainByteLevelBpe, type PretokenCounts, type TrainOptions } from './train-bpe.ts';
