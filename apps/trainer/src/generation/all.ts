// Writing text, for those who import the trainer.
export { createDecoder } from '../decoder.ts';
export { cutContext, generateTokens, type GenerateOptions } from '../generate.ts';
export { sampleToken, type SamplingOptions } from '../sampler.ts';
