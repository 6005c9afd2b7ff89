export { loadTokenizer } from './load-tokenizer.ts';
export { publishedNames } from './published.ts';
export type { EncodeOptions, Tokenizer } from './tokenizer.ts';
export { createTokenizer, type FileTokenizer } from './create-tokenizer.ts';
export type { AddedToken, TokenizerJson } from './tokenizer-json.ts';
export { parseTokenizerJson, writeTokenizerFile } from './write-tokenizer.ts';
export { applyChatTemplate, type ChatTokens } from './chat/apply-chat-template.ts';
export {
  readChatTemplate,
  type ChatMessage,
  type ChatOptions,
  type ChatTemplate,
} from './chat/chat-template.ts';
export { trainTokenizer, type TrainTokenizerOptions } from './train/train-tokenizer.ts';
export { createWordCounter } from './train/word-counter.ts';
export type { CountedWords, WordCounter } from './train/counted-words.ts';
export {
  createSample,
  type SampledDocument,
  type SampleOptions,
  type SamplePlan,
} from './train/text-sample.ts';
export { tokenizerTypes, type TokenizerType } from './train/word-counts.ts';
