// Writing text, for those who import the trainer.
export { createDecoder } from '../decoder.ts';
export { cutContext, generateTokens, type GenerateOptions } from '../generate.ts';
export { penaliseRepeated, sampleToken, type SamplingOptions } from '../sampler.ts';
export { searchBeams } from './beam-search.ts';
export { createJsonGrammar, type TokenConstraint } from './json-writer.ts';
export { createTextStream } from './text-stream.ts';
export { writeText, type WriteOptions } from './write-text.ts';
