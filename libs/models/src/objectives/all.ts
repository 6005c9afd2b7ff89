// Every objective.

export { createCaptions, type Caption, type Captions } from './captions.ts';
export { createMasked } from './masked.ts';
export { createNextToken } from './next-token.ts';
export { createPairs } from './pairs.ts';
export { createPrefix, createSplitPrefix } from './prefix.ts';
export { createSpans } from './spans.ts';
export { maskTokens, type ObjectiveRows } from './masked-language.ts';
export { corruptSpans, spanCorruptionLengths } from './span-corruption.ts';
export type { BatchPlace, LoadedRows, Objective } from './objective.ts';
